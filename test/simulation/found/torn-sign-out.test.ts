import { expectWorld } from './expect-world.ts'

// A tab stood still between the cookies that its sign-out deletes, and another tab renewed meanwhile.
expectWorld('two tabs write over each other for ever', {
  seed: 26804,
  server: { rules: 'v2', life: 60, expiry: 'jwt', skew: 0, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'failing',
    channels: false,
    cookieEvents: true,
    delay: 40,
    latency: 0,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'close', tab: 4, after: 11, pause: 3000 },
    { do: 'open', pause: 5 },
    { do: 'freeze', tab: 4, pause: 3000 },
    { do: 'stall', tab: 0, after: 3, for: 15000, pause: 1 },
    { do: 'thaw', tab: 0, pause: '100%' },
    { do: 'request', tab: 0, to: 'echo', count: 1, body: true, limit: 0, abort: 5, pause: 400 },
    { do: 'sign_out', tab: 2, scope: 'local', pause: 1000 },
    { do: 'sign_in', tab: 2, person: 'ada', wrong: false, pause: 30000 },
  ],
})
