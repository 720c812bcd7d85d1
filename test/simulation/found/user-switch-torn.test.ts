import { expectWorld } from './expect-world.ts'

// A tab dies between two cookies of a sign-in as somebody else: the refresh token of one person beside the access token of
// the other.
expectWorld('a request that began as one user left with a token of another', {
  seed: 0,
  server: { rules: 'strict', life: 60, expiry: 'answer', skew: 0, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    delay: 40,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'reload', tab: 0, after: 2, pause: 150 },
    { do: 'sign_in', tab: 0, person: 'bob', wrong: false, pause: '66%' },
    { do: 'token', tab: 0, pause: '66%' },
    { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 0, abort: null, pause: 150 },
  ],
})
