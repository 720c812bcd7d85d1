import { expectWorld } from './expect-world.ts'

// A tab opens in the middle of a slow write, asks who the user is, and writes its torn find over the finished one.
expectWorld('a tab that opens in the middle of a user switch spoils the storage for all', {
  seed: 22744,
  server: { rules: 'strict', life: 60, expiry: 'both', skew: 0, largeUser: false },
  browser: {
    storage: 'async',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    delay: 5,
    latency: 0,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'open', pause: 0 },
    { do: 'sign_in', tab: 0, person: 'bob', wrong: false, pause: 0 },
    { do: 'open', pause: 150 },
  ],
})
