import { expectWorld } from './expect-world.ts'

// Scripts do not see the tokens, and all cookies were deleted. When an answer came, the tab looked for them again and again, though
// it had noticed by then that nobody is signed in; and to this wait the time limit of the request did not apply.
expectWorld('the answer comes when nobody is signed in any more: its request is not held up beyond its time limit', {
  seed: 0,
  server: {
    rules: 'strict',
    life: 900,
    expiry: 'both',
    skew: 0,
    largeUser: true,
    equal: false,
    kind: 'cookie/cookie',
    silent: true,
  },
  browser: {
    storage: 'cookies',
    locks: 'failing',
    channels: true,
    cookieEvents: true,
    between: false,
    delay: 0,
    latency: 400,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: false,
    inPage: false,
    restore: 'always',
    whose: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'lock', steal: false, for: 200, pause: 150 },
    { do: 'request', tab: 0, to: 'always-401', count: 3, body: false, limit: 500, abort: null, pause: 0 },
    { do: 'clear', pause: 150 },
  ],
})
