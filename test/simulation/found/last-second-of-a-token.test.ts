import { expectWorld } from './expect-world.ts'

expectWorld('the access cookie cannot be written in the last second of its token, and is written without end', {
  seed: 0,
  server: { rules: 'strict', life: 5, expiry: 'both', skew: 0, largeUser: true, equal: true },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    delay: 5,
    latency: 400,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: '100%' },
    { do: 'open', pause: 12_000 },
  ],
})
