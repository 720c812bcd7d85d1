import { expectWorld } from './expect-world.ts'

// Cookies were blocked in the middle of a sign-in as somebody else. The record of the person before was in the same version, and counted as
// the same session, of which another tab had learnt who it is.
expectWorld('a tab whose sign-in was not stored does not take the user of the record that is there', {
  seed: 0,
  server: { rules: 'strict', life: 2592000, expiry: 'both', skew: 7200000, largeUser: false, equal: false },
  browser: {
    storage: 'cookies',
    locks: 'no',
    channels: true,
    cookieEvents: true,
    between: true,
    delay: 0,
    latency: 400,
    drift: 0,
    https: true,
    origins: 1,
    retries: 1,
    throws: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'stall', tab: 0, after: 1, for: 15000, pause: 12000 },
    { do: 'block', what: 'writes', for: 8000, pause: 150 },
    { do: 'sign_in', tab: 0, person: 'bob', wrong: false, pause: 150 },
    { do: 'plant', what: 'another app', pause: '66%' },
    { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 0, abort: null, pause: 0 },
  ],
})
