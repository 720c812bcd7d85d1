import { expectWorld } from './expect-world.ts'

// A sign-in died between two cookies, so that a tab knew the session by an id of its own. Told the real id, it took its
// own late answer for an orphan, and signed everybody out on the server.
expectWorld('a late answer is revoked, though it belongs to the session of now', {
  seed: 0,
  server: { rules: 'default', life: 3600, expiry: 'unknown', skew: 0, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'no',
    channels: true,
    cookieEvents: true,
    delay: 40,
    latency: 60,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 0 },
    { do: 'throttle', tab: 4, on: false, pause: 1000 },
    { do: 'sign_in', tab: 5, person: 'ada', wrong: false, pause: 30000 },
    { do: 'open', pause: 1 },
    { do: 'refresh', tab: 1, pause: 1 },
    { do: 'open', pause: 1 },
    { do: 'open', pause: 20 },
    { do: 'open', pause: '100%' },
    { do: 'reload', tab: 5, after: 3, pause: 5 },
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 0 },
    { do: 'reload', tab: 2, after: 10, pause: 20 },
    { do: 'offline', for: 20000, pause: 12000 },
  ],
})
