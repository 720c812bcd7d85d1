import { expectWorld } from './expect-world.ts'

// The clock was moved back to the second in which the session before was renewed: the alarm rang, found the session too
// young to be renewed, and was not set again.
expectWorld('an alarm that rings for a session that looks young is set again', {
  seed: 14339,
  server: { rules: 'hosted', life: 30, expiry: 'both', skew: 0, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'no',
    channels: true,
    cookieEvents: true,
    delay: 40,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'sign_in', tab: 2, person: 'ada', wrong: false, pause: 3000 },
    { do: 'wake', tab: 2, reason: 'visible', pause: '100%' },
    { do: 'close', tab: 1, after: 3, pause: '30%' },
    { do: 'open', pause: 400 },
    { do: 'thaw', tab: 5, pause: 12000 },
    { do: 'sign_in', tab: 1, person: 'bob', wrong: false, pause: 20 },
    { do: 'freeze', tab: 0, pause: 400 },
    { do: 'jump', by: -61000, pause: 30000 },
  ],
})
