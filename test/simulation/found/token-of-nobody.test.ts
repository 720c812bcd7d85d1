import { expectWorld } from './expect-world.ts'

// Tokens are opaque, and nothing renews them. A tab dies between writing Bob’s token and his record: a tab that opens shows Ada, by her record, and sends requests as Bob.
expectWorld('an opaque token beside the record of another is nobody’s before the server says whose', {
  seed: 45322,
  server: { rules: 'strict', life: 60, expiry: 'answer', skew: 0, largeUser: false, equal: true },
  browser: {
    storage: 'cookies',
    locks: 'no',
    channels: true,
    cookieEvents: false,
    delay: 5,
    latency: 2500,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'sleep', for: 20000, timers: 'late', pause: 30000 },
    { do: 'sign_in', tab: 0, person: 'bob', wrong: false, pause: 150 },
    { do: 'close', tab: 0, after: 1, pause: '66%' },
  ],
})
