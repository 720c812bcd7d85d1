import { expectWorld } from './expect-world.ts'

// A sign-in that storage does not take leaves the session before it there, which then came back as if it were newer.
expectWorld('a sign-in is undone by the older session that storage still holds', {
  seed: 0,
  server: { rules: 'forgiving', life: 5, expiry: 'answer', skew: 7200000, largeUser: true },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    delay: 5,
    latency: 0,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 0 },
    { do: 'refresh', tab: 0, pause: '30%' },
    { do: 'block', what: 'writes', for: 70000, pause: 3000 },
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: '66%' },
  ],
})
