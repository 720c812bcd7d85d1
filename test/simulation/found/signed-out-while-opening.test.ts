import { expectWorld } from './expect-world.ts'

// What storage held was to be ended once it was known; because a sign-in had begun meanwhile, it was not, and that failed. A tab that
// opened then restored the session.
expectWorld(
  'a sign-out while a slow storage is read for the first time counts, though a sign-in that began right after it fails',
  {
    seed: 0,
    server: { rules: 'strict', life: 900, expiry: 'both', skew: 0, largeUser: false, equal: false },
    browser: {
      storage: 'async',
      locks: 'yes',
      channels: true,
      cookieEvents: true,
      between: false,
      delay: 5,
      latency: 0,
      drift: 0,
      https: false,
      origins: 1,
      retries: 0,
      throws: true,
    },
    steps: [
      { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
      { do: 'fault', target: 'sign_in', mishap: 'redirect', times: 2, pause: 150 },
      { do: 'open', pause: 0 },
      { do: 'sign_out', tab: 3, scope: 'local', pause: 0 },
      { do: 'sign_in', tab: 1, person: 'ada', wrong: false, pause: 150 },
      { do: 'open', pause: 150 },
    ],
  },
)
