import { expectWorld } from './expect-world.ts'

expectWorld('a write over a slow storage asks for its lock after dispose()', {
  seed: 0,
  server: { rules: 'strict', life: 900, expiry: 'jwt', skew: 0, largeUser: false },
  browser: {
    storage: 'async',
    locks: 'yes',
    channels: false,
    cookieEvents: false,
    delay: 5,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_out', tab: 0, scope: 'local', pause: 0 },
    { do: 'dispose', tab: 0, pause: 150 },
  ],
})
