import { expectWorld } from './expect-world.ts'

// A request waits for the start when its tab disposes of the engine. It then began a refresh of its own.
expectWorld('a request that waited for a token begins a refresh after dispose()', {
  seed: 0,
  server: { rules: 'strict', life: 900, expiry: 'jwt', skew: 0, largeUser: false },
  browser: {
    storage: 'async',
    locks: 'yes',
    channels: true,
    cookieEvents: true,
    delay: 5,
    latency: 400,
    drift: 0,
    https: true,
  },
  steps: [
    { do: 'sign_in', tab: 0, person: 'ada', wrong: false, pause: 1000 },
    { do: 'dispose', tab: 0, pause: 0 },
    { do: 'sign_out', tab: 0, scope: 'global', pause: '100%' },
    { do: 'open', pause: 0 },
    { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 0, abort: 300, pause: 0 },
    { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 0, abort: 5, pause: 60 },
    { do: 'dispose', tab: 0, pause: 0 },
  ],
})
