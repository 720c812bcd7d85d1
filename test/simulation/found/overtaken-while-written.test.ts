import { expectWorld } from './expect-world.ts'

// The storage was slow. While a sign-in was written, another one began, and failed. The first had been given up for it, and its
// tokens revoked; but they were in storage by then, and the tab took them from there.
expectWorld('a sign-in that is being written is not undone by a later one that fails', {
  seed: 0,
  server: { rules: 'default', life: 60, expiry: 'both', skew: 0, largeUser: false, equal: false },
  browser: {
    storage: 'async',
    locks: 'yes',
    channels: false,
    cookieEvents: false,
    between: true,
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
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 0 },
    { do: 'sign_in', tab: 0, person: 'ada', wrong: true, pause: '66%' },
  ],
})
