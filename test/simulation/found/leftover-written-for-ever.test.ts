import { expectWorld } from './expect-world.ts'

// A sign-out could delete nothing, and then the refresh token was evicted.
expectWorld('what is left of a session that ended is taken for a new one, and written for ever', {
  seed: 35283,
  server: { rules: 'forgiving', life: 30, expiry: 'unknown', skew: 0, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    delay: 0,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'block', what: 'writes', for: 1500, pause: 1 },
    { do: 'open', pause: 60 },
    { do: 'sign_out', tab: 1, scope: 'global', pause: 1000 },
    { do: 'open', pause: 60 },
    { do: 'evict', what: 'refresh', pause: 60 },
  ],
})
