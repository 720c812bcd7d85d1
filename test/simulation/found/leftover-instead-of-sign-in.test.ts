import { expectWorld } from './expect-world.ts'

// The sign-in could not be stored, and then the refresh token before it was spoilt.
expectWorld('what is left of a session that a sign-in replaced comes back in its place', {
  seed: 28609,
  server: { rules: 'hosted', life: 34560000, expiry: 'unknown', skew: 259200000, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    delay: 5,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'open', pause: 5 },
    { do: 'sign_in', tab: 3, person: 'ada', wrong: false, pause: 60 },
    { do: 'block', what: 'writes', for: 70000, pause: 3000 },
    { do: 'close', tab: 2, after: 11, pause: '66%' },
    { do: 'stall', tab: 2, after: 0, for: 1, pause: 12000 },
    { do: 'edit', what: 'refresh', pause: 20 },
    { do: 'fault', target: 'api', mishap: 'drop', times: 2, after: 30, pause: '66%' },
  ],
})
