import { expectWorld } from './expect-world.ts'

// It was frozen while it read a slow storage, and woke up with what it had read.
expectWorld('a tab writes back a session that ended while it was frozen', {
  seed: 56769,
  server: { rules: 'default', life: 5, expiry: 'both', skew: 0, largeUser: false },
  browser: {
    storage: 'async',
    locks: 'no',
    channels: true,
    cookieEvents: true,
    delay: 40,
    latency: 60,
    drift: 0,
    https: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 0 },
    { do: 'fault', target: 'api', mishap: 'junk', times: 1, after: 30, pause: '67%' },
    { do: 'request', tab: 1, to: 'echo', count: 1, body: true, limit: 0, abort: 300, pause: '67%' },
    { do: 'freeze', tab: 5, pause: 1 },
    { do: 'open', pause: '66%' },
    { do: 'sign_out', tab: 5, scope: 'local', pause: '30%' },
    { do: 'sleep', for: 20000, timers: 'stopped', pause: 400 },
    { do: 'sleep', for: 28800000, timers: 'stopped', pause: 75000 },
    { do: 'sign_in', tab: 1, person: 'ada', wrong: false, pause: 30000 },
  ],
})
