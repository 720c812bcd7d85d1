import { expectWorld } from './expect-world.ts'

// Four tabs ask the server whether anybody is there. They look between two cookies that the first one writes, take the half
// for their own, and write it back over the rest.
expectWorld('a tab that knows of nobody yet does not take half of what another tab writes for its own', {
  seed: 0,
  server: {
    rules: 'strict',
    life: 900,
    expiry: 'both',
    skew: 0,
    largeUser: false,
    equal: false,
    kind: 'token/cookie',
    silent: false,
  },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    between: true,
    delay: 5,
    latency: 60,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: false,
    inPage: false,
    restore: 'always',
    whose: false,
  },
  steps: [
    { do: 'elsewhere', person: 'ada', pause: 0 },
    { do: 'open', pause: 0 },
    { do: 'open', pause: 0 },
    { do: 'open', pause: 0 },
    { do: 'open', pause: 0 },
  ],
})
