import { expectWorld } from './expect-world.ts'

// A sign-in took its time between two cookies; another tab renewed what it found, and did not take the answer.
expectWorld('a session that is renewed while it is still being written is not lost', {
  seed: 7,
  server: { rules: 'forgiving', life: 900, expiry: 'jwt', skew: -7200000, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    delay: 5,
    latency: 2500,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'stall', tab: 0, after: 2, for: 1500, pause: 1 },
    { do: 'open', pause: 30000 },
  ],
})
