import { expectWorld } from './expect-world.ts'

// Where the server gives no refresh tokens, one that lies in storage is not of this app.
expectWorld('a refresh token in storage, where there are none', {
  seed: 0,
  server: { rules: 'strict', life: 60, expiry: 'jwt', skew: 0, largeUser: true, equal: true },
  browser: {
    storage: 'async',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    delay: 40,
    latency: 2500,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'fault', target: 'sign_in', mishap: 'redirect', times: 2, pause: '66%' },
    { do: 'edit', what: 'refresh', pause: 0 },
    { do: 'close', tab: 0, after: 0, pause: 150 },
    { do: 'plant', what: 'record', pause: '66%' },
  ],
})
