import { expectWorld } from './expect-world.ts'

// Two looks at a slow storage are under way. The older one finds new tokens, and the newer one, which finds none, was
// thrown away.
expectWorld('a tab misses a sign-out, because an older look at storage ended first', {
  seed: 58562,
  server: { rules: 'v2', life: 60, expiry: 'answer', skew: 0, largeUser: false },
  browser: {
    storage: 'async',
    locks: 'yes',
    channels: false,
    cookieEvents: true,
    delay: 40,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'sign_in', tab: 3, person: 'bob', wrong: false, pause: 3000 },
    { do: 'request', tab: 5, to: 'echo', count: 1, body: false, limit: 0, abort: null, pause: 75000 },
    { do: 'request', tab: 5, to: 'always-401', count: 3, body: true, limit: 0, abort: null, pause: 5 },
    { do: 'open', pause: 5 },
    { do: 'open', pause: 1 },
    { do: 'open', pause: 150 },
    { do: 'sign_out', tab: 2, scope: 'local', pause: '66%' },
  ],
})
