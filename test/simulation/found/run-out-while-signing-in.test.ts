import { expectWorld } from './expect-world.ts'

// Nothing renews the session, and it runs out while somebody signs in again: 'expired' is what happened. The check looked at the
// later token alone.
expectWorld('a token that runs out while the next sign-in is under way has run out', {
  seed: 0,
  server: { rules: 'strict', life: 60, expiry: 'answer', skew: 0, largeUser: false, equal: true },
  browser: {
    storage: 'memory',
    locks: 'yes',
    channels: false,
    cookieEvents: true,
    delay: 0,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 0 },
    { do: 'request', tab: 0, to: 'forbidden', count: 1, body: false, limit: 0, abort: null, pause: 59_999 },
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 12_000 },
  ],
})
