import { expectWorld } from './expect-world.ts'

// A tab died in the middle of storing the next person’s sign-in, whose access token tells nobody. The page that opened took the user of the
// record, renewed as the next person, and the answer did not say who that is.
expectWorld(
  'a page that finds a refresh token beside the record of another does not show whose the record is: it asks',
  {
    seed: 40218,
    server: { rules: 'strict', life: 900, expiry: 'answer', skew: 0, largeUser: false, equal: false },
    browser: {
      storage: 'cookies',
      locks: 'yes',
      channels: false,
      cookieEvents: true,
      between: false,
      delay: 40,
      latency: 60,
      drift: 0,
      https: true,
      origins: 1,
      retries: 0,
      throws: true,
    },
    steps: [
      { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
      { do: 'reload', tab: 0, after: 3, pause: 150 },
      { do: 'sign_in', tab: 0, person: 'bob', wrong: false, pause: 0 },
      { do: 'evict', what: 'access', pause: 150 },
      { do: 'fault', target: 'api', mishap: 'lost', times: 1, after: 0, pause: 60 },
      { do: 'fault', target: 'refresh', mishap: 'lost', times: 2, after: 0, pause: 150 },
      { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 0, abort: 5, pause: 0 },
    ],
  },
)
