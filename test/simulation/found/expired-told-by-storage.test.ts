import { expectWorld } from './expect-world.ts'

// Nothing renews the session, the server has ended it, and the tab that was told so died before it could say so: storage tells.
expectWorld('what a dead tab has left in storage of a session that the server ended is a reason', {
  seed: 0,
  server: { rules: 'strict', life: 900, expiry: 'both', skew: 0, largeUser: false, equal: true },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    delay: 40,
    latency: 400,
    drift: 0,
    https: true,
    origins: 1,
    retries: 0,
    throws: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'close', tab: 0, after: 9, pause: 0 },
    { do: 'fault', target: 'user', mishap: 'lost', times: 1, after: 0, pause: 0 },
    { do: 'open', pause: '66%' },
    { do: 'request', tab: 0, to: 'echo', count: 3, body: false, limit: 0, abort: null, pause: 150 },
    { do: 'revoke', pause: 0 },
    { do: 'refresh', tab: 3, pause: 12000 },
  ],
})
