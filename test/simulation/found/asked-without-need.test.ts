import { expectWorld } from './expect-world.ts'

// A sign-in had waited for its turn, so another one was later than its beginning, though over before it was sent. The server was
// asked who it is, though the answer had told, and the page went before the session was stored: the cookie was another person's.
expectWorld('a sign-in that waited for its turn has crossed nothing, and is stored as soon as it is answered', {
  seed: 0,
  server: {
    rules: 'strict',
    life: 2592000,
    expiry: 'both',
    skew: 0,
    largeUser: false,
    equal: false,
    kind: 'cookie/none',
    silent: false,
  },
  browser: {
    storage: 'cookies',
    locks: 'no',
    channels: false,
    cookieEvents: true,
    between: false,
    delay: 5,
    latency: 400,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: false,
    inPage: false,
    whose: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 0 },
    { do: 'sign_in', tab: 0, person: 'bob', wrong: false, pause: 1000 },
    { do: 'dispose', tab: 0, pause: 12000 },
  ],
})
