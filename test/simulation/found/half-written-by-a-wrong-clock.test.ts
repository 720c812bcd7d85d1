import { expectWorld } from './expect-world.ts'

// A tab dies before the record of a token without refresh token is written, and the device clock is two hours wrong. A tab that opens then takes the token for one that ran out.
expectWorld('a token that cannot be renewed has not run out because the clock is wrong', {
  seed: 0,
  server: { rules: 'strict', life: 900, expiry: 'both', skew: -7200000, largeUser: false, equal: true },
  browser: {
    storage: 'cookies',
    locks: 'no',
    channels: true,
    cookieEvents: false,
    delay: 5,
    latency: 400,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 0 },
    { do: 'close', tab: 0, after: 1, pause: 1000 },
  ],
})
