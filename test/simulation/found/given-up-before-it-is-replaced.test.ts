import { expectWorld } from './expect-world.ts'

// The storage was slow. A sign-in was given up for a later one and revoked, and the tab died before that was stored.
expectWorld('a sign-in that is in storage is not revoked before the one that takes its place is there', {
  seed: 0,
  server: { rules: 'hosted', life: 60, expiry: 'both', skew: 0, largeUser: false, equal: false },
  browser: {
    storage: 'async',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    between: false,
    delay: 5,
    latency: 60,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'fault', target: 'refresh', mishap: 503, times: 1, after: 2, pause: 12000 },
    { do: 'stall', tab: 0, after: 0, for: 1, pause: '66%' },
    { do: 'lock', steal: false, for: 70000, pause: 0 },
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 0 },
    { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 0, abort: null, pause: 60 },
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 400 },
    { do: 'close', tab: 0, after: 0, pause: 150 },
  ],
})
