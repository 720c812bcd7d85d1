import { expectWorld } from './expect-world.ts'

// What is posted to a page in that cache is lost, so it has heard of nothing when it runs again.
expectWorld('a tab in the back/forward cache during a sign-out hears of it when it is told that it is shown again', {
  seed: 0,
  server: { rules: 'strict', life: 60, expiry: 'both', skew: 0, largeUser: false, equal: true },
  browser: {
    storage: 'async',
    locks: 'no',
    channels: true,
    cookieEvents: true,
    between: false,
    delay: 5,
    latency: 400,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'open', pause: '66%' },
    { do: 'cached', tab: 0, for: 8000, pause: 150 },
    { do: 'sign_out', tab: 3, scope: 'local', pause: 150 },
    { do: 'thaw', tab: 0, pause: 0 },
    { do: 'fault', target: 'refresh', mishap: 503, times: 2, after: 0, pause: 1000 },
  ],
})
