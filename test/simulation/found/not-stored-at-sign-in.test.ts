import { expectWorld } from './expect-world.ts'

expectWorld('a session that was not stored at its sign-in is never stored, for it is never renewed', {
  seed: 0,
  server: { rules: 'strict', life: 3600, expiry: 'both', skew: 0, largeUser: false, equal: true },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    delay: 5,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'block', what: 'writes', for: 1_500, pause: 0 },
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1_000 },
  ],
})
