import { expectWorld } from './expect-world.ts'

// Another app's session has lost its record, and a message that means nothing tells of a sign-out. A tab where nobody was took the
// tokens for what that sign-out had left, deleted them, and wrote that somebody had signed out.
expectWorld('a message alone does not make leftovers of tokens that nobody knows', {
  seed: 0,
  server: { rules: 'strict', life: 900, expiry: 'both', skew: 0, largeUser: false, equal: false },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    between: false,
    delay: 40,
    latency: 60,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: false,
  },
  steps: [
    { do: 'plant', what: 'another app', pause: 150 },
    { do: 'edit', what: 'record', pause: 0 },
    { do: 'open', pause: 0 },
    { do: 'junk', what: 2, pause: 150 },
  ],
})
