import { expectWorld } from './expect-world.ts'

// A tab is reading a slow storage for the first time when it hears that somebody has signed out.
expectWorld('a tab restores a session that another tab has ended meanwhile', {
  seed: 1,
  server: { rules: 'forgiving', life: 3600, expiry: 'both', skew: 7200000, largeUser: false },
  browser: {
    storage: 'async',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    delay: 40,
    latency: 2500,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_out', tab: 0, scope: 'local', pause: 1000 },
    { do: 'wake', tab: 1, reason: 'visible', pause: '66%' },
    { do: 'fault', target: 'refresh', mishap: 'drop', times: 1, after: 0, pause: '66%' },
    { do: 'sign_out', tab: 5, scope: 'local', pause: 1000 },
    { do: 'open', pause: 5 },
    { do: 'sign_out', tab: 1, scope: 'local', pause: '66%' },
    { do: 'sign_in', tab: 3, person: 'bob', wrong: false, pause: 75000 },
    { do: 'open', pause: 60 },
    { do: 'refresh', tab: 4, pause: 30000 },
    { do: 'open', pause: 5 },
    { do: 'sign_out', tab: 5, scope: 'local', pause: '66%' },
  ],
})
