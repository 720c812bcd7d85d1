import { expectWorld } from './expect-world.ts'

// The clock was moved, so a renewal was due, and its first look at storage, which answers at once, found the sign-in of another person. The
// request that had set it off was sent with their token.
expectWorld(
  'the renewal that a request sets off finds somebody else at its first look: the request is not sent as theirs',
  {
    seed: 0,
    server: { rules: 'strict', life: 900, expiry: 'both', skew: 7200000, largeUser: false, equal: false },
    browser: {
      storage: 'cookies',
      locks: 'no',
      channels: false,
      cookieEvents: false,
      between: false,
      delay: 0,
      latency: 400,
      drift: 0,
      https: true,
      origins: 1,
      retries: 0,
      throws: false,
    },
    steps: [
      { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
      { do: 'open', pause: 0 },
      { do: 'jump', by: -3600000, pause: 150 },
      { do: 'sign_in', tab: 0, person: 'bob', wrong: false, pause: 3000 },
      { do: 'request', tab: 1, to: 'echo', count: 1, body: false, limit: 0, abort: null, pause: 150 },
    ],
  },
)
