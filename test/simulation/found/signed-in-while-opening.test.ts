import { expectWorld } from './expect-world.ts'

// The clock was moved back, and a tab signs in before a slow storage has told it of a later end: the others take the sign-in for over.
expectWorld('a sign-in is later than what a slow storage has not told yet', {
  seed: 10351,
  server: { rules: 'strict', life: 5, expiry: 'both', skew: 0, largeUser: true, equal: true },
  browser: {
    storage: 'async',
    locks: 'failing',
    channels: true,
    cookieEvents: true,
    delay: 40,
    latency: 60,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 0 },
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 150 },
    { do: 'junk', what: 0, pause: 150 },
    { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 500, abort: null, pause: 150 },
    { do: 'jump', by: -3600000, pause: 12000 },
    { do: 'open', pause: 150 },
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 12000 },
    { do: 'open', pause: 0 },
    { do: 'sign_in', tab: 5, person: 'ada', wrong: false, pause: 0 },
  ],
})
