import { expectWorld } from './expect-world.ts'

// Tokens were opaque, and the record was lost. A tab took the refresh token of the person who had signed in at the other origin for a
// renewal of its own. The answer told who it is, which nobody compared with who had been there.
expectWorld('a renewal tells another person: a request of the one before is not repeated with the new token', {
  seed: 13303,
  server: { rules: 'strict', life: 60, expiry: 'unknown', skew: 7200000, largeUser: false, equal: false },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    between: true,
    delay: 40,
    latency: 60,
    drift: 0,
    https: false,
    origins: 2,
    retries: 0,
    throws: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'open', pause: 0 },
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: '100%' },
    { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 0, abort: null, pause: '66%' },
    { do: 'sign_in', tab: 1, person: 'bob', wrong: false, pause: 60 },
    { do: 'evict', what: 'record', pause: 150 },
    { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 0, abort: 5, pause: '66%' },
    { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 20000, abort: null, pause: 150 },
  ],
})
