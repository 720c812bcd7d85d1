import { expectWorld } from './expect-world.ts'

// What a sign-out leaves in storage had not begun to be written when dispose() was called, and after that nothing begins.
expectWorld(
  'a sign-out whose engine is disposed of in the same moment, over a slow storage: nothing may be written any more',
  {
    seed: 0,
    server: {
      rules: 'strict',
      life: 60,
      expiry: 'jwt',
      skew: 0,
      largeUser: false,
      equal: false,
      kind: 'cookie/access',
      silent: true,
    },
    browser: {
      storage: 'async',
      locks: 'no',
      channels: true,
      cookieEvents: false,
      between: false,
      delay: 40,
      latency: 2500,
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
      { do: 'wake', tab: 0, reason: 'visible', pause: 12000 },
      { do: 'sign_out', tab: 0, scope: 'global', pause: 0 },
      { do: 'dispose', tab: 0, pause: '66%' },
    ],
  },
)
