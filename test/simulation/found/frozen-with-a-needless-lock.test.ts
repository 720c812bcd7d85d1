import { expectWorld } from './expect-world.ts'

// The check knew only of renewals of the session that is there. The tab was frozen while it held the lock for the one before; another one
// went on without it, and both sent the same token when the first was thawed.
expectWorld(
  'a tab is frozen that holds the lock for a renewal which a sign-in has made needless: the next one cannot wait for it',
  {
    seed: 46849,
    server: { rules: 'strict', life: 30, expiry: 'answer', skew: 7200000, largeUser: false, equal: false },
    browser: {
      storage: 'async',
      locks: 'yes',
      channels: true,
      cookieEvents: false,
      between: false,
      delay: 40,
      latency: 2500,
      drift: 0,
      https: true,
      origins: 1,
      retries: 0,
      throws: false,
    },
    steps: [
      { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
      { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 0, abort: null, pause: 30000 },
      { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 150 },
      { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 150 },
      { do: 'refresh', tab: 0, pause: 1000 },
      { do: 'freeze', tab: 0, pause: 0 },
      { do: 'refresh', tab: 0, pause: '66%' },
      { do: 'open', pause: 1000 },
      { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 500, abort: null, pause: 75000 },
      { do: 'refresh', tab: 0, pause: 150 },
      { do: 'sign_in', tab: 0, person: 'ada', wrong: true, pause: 400 },
    ],
  },
)
