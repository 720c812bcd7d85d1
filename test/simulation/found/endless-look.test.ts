import { expectWorld } from './expect-world.ts'

// A sign-out died between two cookies; what it left was deleted by another tab in the middle of a look.
expectWorld('a flight hangs, because a torn session vanished while it was looked at', {
  seed: 29372,
  server: { rules: 'forgiving', life: 34560000, expiry: 'both', skew: 0, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'no',
    channels: true,
    cookieEvents: true,
    delay: 5,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'open', pause: '100%' },
    { do: 'open', pause: 1000 },
    { do: 'block', what: 'writes', for: 20000, pause: 400 },
    { do: 'fault', target: 'user', mishap: 'lost', times: 1, after: 30, pause: 20 },
    { do: 'refresh', tab: 2, pause: 400 },
    { do: 'reload', tab: 1, after: 1, pause: '100%' },
    { do: 'sign_out', tab: 1, scope: 'local', pause: 1 },
  ],
})
