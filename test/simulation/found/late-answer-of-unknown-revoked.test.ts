import { expectWorld } from './expect-world.ts'

// Two tabs opened on what a dead tab had half written. One renewed; the other did not know whose its late answer was.
expectWorld('a late answer for a session whose person was not known yet is not revoked', {
  seed: 14,
  server: { rules: 'hosted', life: 3600, expiry: 'both', skew: 0, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'no',
    channels: true,
    cookieEvents: false,
    delay: 40,
    latency: 400,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'request', tab: 2, to: 'echo', count: 3, body: true, limit: 0, abort: null, pause: 12000 },
    { do: 'sign_in', tab: 2, person: 'ada', wrong: false, pause: 12000 },
    { do: 'request', tab: 3, to: 'echo', count: 3, body: false, limit: 0, abort: null, pause: 60 },
    { do: 'sign_in', tab: 3, person: 'ada', wrong: false, pause: 150 },
    { do: 'sign_in', tab: 1, person: 'bob', wrong: false, pause: 150 },
    { do: 'close', tab: 5, after: 5, pause: 1 },
    { do: 'request', tab: 3, to: 'echo', count: 3, body: true, limit: 0, abort: null, pause: 75000 },
    { do: 'open', pause: 5 },
    { do: 'open', pause: 1 },
  ],
})
