import { expectWorld } from './expect-world.ts'

// A tab took it for a newer one of its own.
expectWorld('a refresh token in storage beside a session that has none', {
  seed: 0,
  server: { rules: 'strict', life: 900, expiry: 'both', skew: 0, largeUser: false, equal: true },
  browser: {
    storage: 'async',
    locks: 'failing',
    channels: true,
    cookieEvents: false,
    delay: 5,
    latency: 0,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'edit', what: 'refresh', pause: 0 },
  ],
})
