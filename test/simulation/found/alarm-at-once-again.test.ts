import { expectWorld } from './expect-world.ts'

// The pause after a failure ended while tokens taken over from storage were too young to be renewed.
expectWorld('an alarm is not set for a moment at which nothing may be done yet', {
  seed: 55491,
  server: { rules: 'default', life: 30, expiry: 'both', skew: 7200000, largeUser: false },
  browser: {
    storage: 'async',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    delay: 5,
    latency: 400,
    drift: 0,
    https: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'fault', target: 'refresh', mishap: 429, times: 2, after: 0, pause: 3000 },
    { do: 'refresh', tab: 3, pause: 1000 },
    { do: 'edit', what: 'access', pause: '100%' },
  ],
})
