import { expectWorld } from './expect-world.ts'

// A tab dies between writing Bob's access token and his record: what stands there is Ada's record with Bob's token. The token
// tells whose it is, and a tab that opens then shows Ada and sends requests as Bob.
expectWorld('a sign-in that was half written is not the session of the one before', {
  seed: 0,
  server: { rules: 'strict', life: 2_592_000, expiry: 'jwt', skew: 0, largeUser: false, equal: true },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: false,
    cookieEvents: false,
    delay: 40,
    latency: 60,
    drift: 0.01,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'request', tab: 0, to: 'echo', count: 3, body: false, limit: 500, abort: null, pause: 0 },
    { do: 'close', tab: 0, after: 2, pause: 0 },
    { do: 'sign_in', tab: 0, person: 'bob', wrong: false, pause: 60 },
  ],
})
