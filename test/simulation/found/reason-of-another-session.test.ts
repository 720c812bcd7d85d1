import { expectWorld } from './expect-world.ts'

// All cookies are deleted, and somebody posts that a session was refused which is not this one. The tab takes that for the reason.
expectWorld('what happened to another session is no reason why this one is gone', {
  seed: 0,
  server: { rules: 'strict', life: 60, expiry: 'both', skew: 0, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'no',
    channels: true,
    cookieEvents: false,
    delay: 5,
    latency: 400,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'evict', what: 'all', pause: 0 },
    { do: 'junk', what: 3, pause: 150 },
  ],
})
