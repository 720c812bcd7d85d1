import { expectWorld } from './expect-world.ts'

expectWorld('a refresh that is answered by the same access token loses the new refresh token', {
  seed: 0,
  server: { rules: 'default', life: 60, expiry: 'both', skew: 0, largeUser: false },
  browser: {
    storage: 'async',
    locks: 'yes',
    channels: false,
    cookieEvents: false,
    delay: 40,
    latency: 0,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 0 },
    { do: 'refresh', tab: 0, pause: 150 },
  ],
})
