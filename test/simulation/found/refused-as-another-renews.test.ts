import { expectWorld } from './expect-world.ts'

// The server refused in final words what it took a second later. The check took the cookie that the browser had got 7 ms before for known
// to every tab, though scripts do not see it, and the tab that had got it was still writing to a slow storage.
expectWorld(
  'a tab gives up, after a refusal, in the moment in which another one renews: it cannot know before storage tells',
  {
    seed: 49388,
    server: {
      rules: 'strict',
      life: 60,
      expiry: 'jwt',
      skew: 0,
      largeUser: false,
      equal: false,
      kind: 'token/cookie',
      silent: false,
    },
    browser: {
      storage: 'async',
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
      restore: 'hint',
      whose: false,
    },
    steps: [
      { do: 'open', pause: 150 },
      { do: 'offline', for: 200, pause: 0 },
      { do: 'fault', target: 'refresh', mishap: 'final gone-200', times: 1, pause: '66%' },
      { do: 'refresh', tab: 3, pause: '66%' },
      { do: 'fault', target: 'refresh', mishap: 'hang', times: 1, after: 0, pause: 0 },
      { do: 'fault', target: 'refresh', mishap: 'drop', times: 1, after: 0, pause: '66%' },
      { do: 'request', tab: 0, to: 'echo', count: 3, body: false, limit: 500, abort: 5, pause: 0 },
      { do: 'open', pause: 0 },
      { do: 'fault', target: 'refresh', mishap: 'final gone-200', times: 1, pause: 0 },
      { do: 'fault', target: 'refresh', mishap: 503, times: 2, after: 0, pause: 150 },
      { do: 'sign_in', tab: 1, person: 'ada', wrong: false, pause: 75000 },
    ],
  },
)
