import { expectWorld } from './expect-world.ts'

// Nothing renews the session, and the server refuses its token. A tab dies while it writes that down; one that opens cleans up, and
// told the others that somebody had signed out.
expectWorld('whoever cleans up after an end tells why it ended', {
  seed: 0,
  server: { rules: 'strict', life: 60, expiry: 'unknown', skew: 0, largeUser: false, equal: true },
  browser: {
    storage: 'cookies',
    locks: 'failing',
    channels: true,
    cookieEvents: false,
    delay: 40,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'open', pause: 75_000 },
    { do: 'request', tab: 3, to: 'echo', count: 1, body: false, limit: 0, abort: null, pause: 0 },
    { do: 'close', tab: 3, after: 2, pause: 12_000 },
    { do: 'open', pause: 150 },
  ],
})
