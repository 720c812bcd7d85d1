import { expectWorld } from './expect-world.ts'

// A hotel answers the sign-out with a page and status 200: that was taken for the server's word, and the session went on there.
expectWorld('a page for people is no word that somebody is signed out', {
  seed: 0,
  server: {
    rules: 'strict',
    life: 900,
    expiry: 'both',
    skew: 0,
    largeUser: true,
    equal: false,
    kind: 'cookie/access',
    silent: false,
  },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    delay: 5,
    latency: 60,
    drift: 0,
    https: false,
    origins: 1,
    retries: 0,
    throws: false,
    inPage: false,
    restore: 'always',
    whose: false,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 150 },
    { do: 'fault', target: 'sign_out', mishap: 'html', times: 2, after: 0, pause: 12000 },
    { do: 'sign_out', tab: 0, scope: 'local', pause: 0 },
  ],
})
