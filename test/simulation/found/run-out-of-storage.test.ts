import { expectWorld } from './expect-world.ts'

// Nothing renews the session, somebody has signed in once more in another tab, and the clock jumps past the end of the token. Its
// cookie goes, and a tab that still has the sign-in before calls that lost.
expectWorld('what has run out is not lost by storage', {
  seed: 0,
  server: { rules: 'strict', life: 60, expiry: 'both', skew: 0, largeUser: false, equal: true },
  browser: {
    storage: 'cookies',
    locks: 'no',
    channels: false,
    cookieEvents: false,
    delay: 0,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'open', pause: 150 },
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 150 },
    { do: 'jump', by: 3_600_000, pause: 150 },
  ],
})
