import { expectWorld } from './expect-world.ts'

// Two tabs without lock and channel. Taken-over tokens are due before they are a second old; the alarm rang and was not
// set again.
expectWorld('tokens that were due when they were taken over are never renewed', {
  seed: 20605,
  server: { rules: 'default', life: 5, expiry: 'answer', skew: 0, largeUser: false },
  browser: {
    storage: 'async',
    locks: 'no',
    channels: false,
    cookieEvents: false,
    delay: 40,
    latency: 0,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'open', pause: 3000 },
  ],
})
