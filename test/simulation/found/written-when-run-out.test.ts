import { expectWorld } from './expect-world.ts'

expectWorld('a session without refresh token that ran out while the computer slept is written without end', {
  seed: 0,
  server: { rules: 'strict', life: 5, expiry: 'both', skew: 0, largeUser: false, equal: true },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    delay: 0,
    latency: 0,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1_000 },
    { do: 'sleep', for: 20_000, timers: 'stopped', pause: 12_000 },
  ],
})
