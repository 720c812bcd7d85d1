import { expectWorld } from './expect-world.ts'

// Two sign-ins crossed in one tab. What the first one found in storage, an end by the server's refusal that another tab had met,
// was called a sign-out in another tab.
expectWorld('a sign-in that is overtaken finds that the server has ended the session before: that is the reason', {
  seed: 3702,
  server: { rules: 'strict', life: 900, expiry: 'unknown', skew: 7200000, largeUser: false, equal: false },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    between: false,
    delay: 5,
    latency: 2500,
    drift: 0,
    https: false,
    origins: 2,
    retries: 0,
    throws: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
    { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 0, abort: 5, pause: 0 },
    { do: 'open', pause: 3000 },
    { do: 'wake', tab: 3, reason: 'visible', pause: '66%' },
    { do: 'request', tab: 0, to: 'always-401', count: 1, body: false, limit: 0, abort: null, pause: 0 },
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 150 },
    { do: 'request', tab: 0, to: 'echo', count: 3, body: false, limit: 0, abort: null, pause: 3000 },
    { do: 'revoke', pause: '66%' },
    { do: 'request', tab: 0, to: 'echo', count: 3, body: false, limit: 0, abort: null, pause: 0 },
    { do: 'request', tab: 0, to: 'echo', count: 3, body: false, limit: 0, abort: null, pause: 3000 },
    { do: 'sign_in', tab: 3, person: 'ada', wrong: false, pause: 150 },
    { do: 'sign_in', tab: 1, person: 'ada', wrong: false, pause: 150 },
  ],
})
