import { expectWorld } from './expect-world.ts'

// Another app's tokens lose their record: an access token that is not believed, and a refresh token that this kind of session
// has no use for. A tab that shows nobody takes them up, and is for ever restoring.
expectWorld('a session with nothing to go on with is none', {
  seed: 0,
  server: { rules: 'strict', life: 60, expiry: 'jwt', skew: 7_200_000, largeUser: false, equal: true },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    delay: 5,
    latency: 60,
    drift: 0.01,
    https: true,
  },
  steps: [
    { do: 'plant', what: 'another app', pause: 39_600 },
    { do: 'evict', what: 'record', pause: 0 },
  ],
})
