import { expectWorld } from './expect-world.ts'

// Nothing can be written or deleted, the refresh token is gone, and the access token has run out.
expectWorld('tabs take over, and end, for ever what storage does not let go of', {
  seed: 59892,
  server: { rules: 'forgiving', life: 30, expiry: 'jwt', skew: 0, largeUser: false },
  browser: {
    storage: 'async',
    locks: 'failing',
    channels: true,
    cookieEvents: true,
    delay: 0,
    latency: 2500,
    drift: 0,
    https: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 0 },
    { do: 'fault', target: 'refresh', mishap: 'hang', times: 1, after: 0, pause: '100%' },
    { do: 'block', what: 'writes', for: 70000, pause: 400 },
    { do: 'open', pause: '100%' },
    { do: 'evict', what: 'refresh', pause: 0 },
    { do: 'open', pause: 150 },
  ],
})
