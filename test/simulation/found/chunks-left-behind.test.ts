import { expectWorld } from './expect-world.ts'

// A tab died between the chunks of a large token that it deleted. The rest was read as a token, and could not be deleted.
expectWorld('a tab that dies between two chunks of a deletion leaves a session that nobody can sign out of', {
  seed: 3789,
  server: { rules: 'default', life: 240, expiry: 'both', skew: 0, largeUser: true },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    delay: 5,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'close', tab: 2, after: 4, pause: 20 },
    { do: 'sign_in', tab: 1, person: 'ada', wrong: true, pause: 1 },
    { do: 'sign_out', tab: 0, scope: 'local', pause: 150 },
    { do: 'open', pause: 5 },
    { do: 'open', pause: 400 },
    { do: 'sign_out', tab: 1, scope: 'local', pause: 1 },
  ],
})
