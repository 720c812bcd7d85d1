import { expectWorld } from './expect-world.ts'

// Cookies were blocked when several tabs renewed, which the server let them. When one could store its tokens at last, another one, whose own
// were as often renewed and stored nowhere, did not take them: it renewed at once.
expectWorld(
  'storage did not take the tokens of a tab, and has those of another in the same version: it goes on with these',
  {
    seed: 55807,
    server: { rules: 'hosted', life: 60, expiry: 'both', skew: 7200000, largeUser: false, equal: false },
    browser: {
      storage: 'cookies',
      locks: 'yes',
      channels: true,
      cookieEvents: false,
      between: false,
      delay: 40,
      latency: 60,
      drift: 0,
      https: true,
      origins: 1,
      retries: 1,
      throws: false,
    },
    steps: [
      { do: 'open', pause: 150 },
      { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 150 },
      { do: 'open', pause: 150 },
      { do: 'evict', what: 'access', pause: 150 },
      { do: 'fault', target: 'refresh', mishap: 503, times: 1, after: 0, pause: 150 },
      { do: 'open', pause: 150 },
      { do: 'block', what: 'writes', for: 70000, pause: '66%' },
      { do: 'open', pause: 0 },
    ],
  },
)
