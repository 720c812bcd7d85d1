import { expectWorld } from './expect-world.ts'

// Somebody else had signed in, and the record that would tell was lost: opaque tokens were taken for those of the session
// that was known.
expectWorld('opaque tokens without a record are not taken for those of the person before', {
  seed: 33290,
  server: { rules: 'strict', life: 5, expiry: 'answer', skew: 0, largeUser: true },
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
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'open', pause: 400 },
    { do: 'sign_in', tab: 4, person: 'bob', wrong: false, pause: 0 },
    { do: 'expire_tokens', pause: 400 },
    { do: 'evict', what: 'record', pause: 3000 },
    { do: 'request', tab: 1, to: 'echo', count: 3, body: true, limit: 0, abort: null, pause: 60 },
  ],
})
