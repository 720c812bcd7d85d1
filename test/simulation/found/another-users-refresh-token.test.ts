import { expectWorld } from './expect-world.ts'

// A user switch died between two cookies, and the record that would tell was deleted.
expectWorld('the access token of one person beside the refresh token of another is not kept for good', {
  seed: 49594,
  server: { rules: 'default', life: 30, expiry: 'both', skew: 7200000, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: false,
    cookieEvents: false,
    delay: 5,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: '67%' },
    { do: 'evict', what: 'record', pause: 1000 },
    { do: 'reload', tab: 2, after: 2, pause: 20 },
    { do: 'sign_in', tab: 2, person: 'bob', wrong: false, pause: 3000 },
  ],
})
