import { expectWorld } from './expect-world.ts'

// Timers of the tab rang at full minutes only, so the three looks at an empty storage took four of them. The next renewal had begun
// meanwhile, and both asked in the same moment.
expectWorld(
  'a renewal that was given up for stuck does not ask the server when it comes to that at last: another one does by then',
  {
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
      cookieEvents: false,
      between: false,
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
      { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
      { do: 'plant', what: 'another app', pause: 0 },
      { do: 'throttle', tab: 0, on: true, pause: 0 },
      { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 500, abort: null, pause: 12000 },
      { do: 'fault', target: 'refresh', mishap: 'html', times: 2, after: 0, pause: 12000 },
      { do: 'fault', target: 'refresh', mishap: 503, times: 1, after: 2, pause: '66%' },
      { do: 'clear', pause: '66%' },
    ],
  },
)
