import { expectWorld } from './expect-world.ts'

// The check knew of trouble that the server had answered with, and not of a redirect, which it never saw.
expectWorld(
  'renewals meet trouble one after the other, and nobody hears of it: who has waited for the lock long enough goes on',
  {
    seed: 41054,
    server: { rules: 'strict', life: 60, expiry: 'both', skew: 7200000, largeUser: false, equal: false },
    browser: {
      storage: 'async',
      locks: 'yes',
      channels: false,
      cookieEvents: true,
      between: true,
      delay: 5,
      latency: 2500,
      drift: 0,
      https: true,
      origins: 1,
      retries: 0,
      throws: false,
    },
    steps: [
      { do: 'open', pause: 0 },
      { do: 'open', pause: '66%' },
      { do: 'open', pause: 0 },
      { do: 'request', tab: 0, to: 'echo', count: 3, body: false, limit: 0, abort: null, pause: 0 },
      { do: 'open', pause: 150 },
      { do: 'request', tab: 0, to: 'echo', count: 3, body: false, limit: 0, abort: null, pause: 0 },
      { do: 'request', tab: 0, to: 'echo', count: 3, body: false, limit: 0, abort: null, pause: 0 },
      { do: 'sign_in', tab: 3, person: 'ada', wrong: false, pause: 150 },
      { do: 'fault', target: 'refresh', mishap: 'redirect', times: 4, pause: 0 },
      { do: 'request', tab: 0, to: 'echo', count: 3, body: false, limit: 500, abort: null, pause: 75000 },
    ],
  },
)
