import { expectWorld } from './expect-world.ts'

// A tab that is still reading a slow storage signs out here, and then everywhere else.
expectWorld('a sign-out is forgotten', {
  seed: 13,
  server: { rules: 'v2', life: 5, expiry: 'jwt', skew: 0, largeUser: false },
  browser: {
    storage: 'async',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    delay: 40,
    latency: 60,
    drift: -0.01,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'fault', target: 'refresh', mishap: 'drop', times: 2, after: 0, pause: '67%' },
    { do: 'fault', target: 'refresh', mishap: 409, times: 1, after: 0, pause: 400 },
    { do: 'token', tab: 4, pause: 1000 },
    { do: 'open', pause: 0 },
    { do: 'sign_out', tab: 3, scope: 'local', pause: 0 },
    { do: 'open', pause: 0 },
    { do: 'sign_out', tab: 4, scope: 'others', pause: '100%' },
  ],
})
