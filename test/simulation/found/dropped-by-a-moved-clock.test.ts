import { expectWorld } from './expect-world.ts'

// It was renewed while the tab was frozen, and the cookie of the new token lasted only until the clock was moved. The refusal of the old
// one was true, and nobody had kept the new one where the tab could find it.
expectWorld(
  'a moved clock drops the newer token of a session that renews itself: a tab that has slept is refused with the older one',
  {
    seed: 0,
    server: {
      rules: 'strict',
      life: 30,
      expiry: 'jwt',
      skew: 7200000,
      largeUser: false,
      equal: false,
      kind: 'token/access',
      silent: true,
    },
    browser: {
      storage: 'cookies',
      locks: 'failing',
      channels: true,
      cookieEvents: false,
      between: false,
      delay: 5,
      latency: 0,
      drift: 0,
      https: true,
      origins: 1,
      retries: 0,
      throws: true,
      inPage: false,
      whose: false,
    },
    steps: [
      { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
      { do: 'freeze', tab: 0, pause: 150 },
      { do: 'stall', tab: 0, after: 0, for: 1, pause: '66%' },
      { do: 'open', pause: 150 },
      { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 12000 },
      { do: 'fault', target: 'refresh', mishap: 'html', times: 1, after: 0, pause: 0 },
      { do: 'jump', by: 3600000, pause: 12000 },
    ],
  },
)
