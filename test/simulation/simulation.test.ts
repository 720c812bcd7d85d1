import { expect, test } from 'vitest'
import { report } from './world/report.ts'
import { runWorld } from './world/run-world.ts'
import { search } from './world/search.ts'
import type { World } from './world/types.ts'

/** `npm run sim` runs more of them, and others. */
const WORLDS = 400

test(`${WORLDS} worlds violate no invariant`, async () => {
  const { found, worlds } = await search({ seed: 20_261_121, worlds: WORLDS })
  expect(found && report(found)).toBeNull()
  expect(worlds).toBe(WORLDS)
})

test('the same world gives the same timeline, to the byte', async () => {
  const world: World = {
    seed: 42,
    server: { rules: 'hosted', life: 60, expiry: 'both', skew: 0, largeUser: false },
    browser: {
      storage: 'cookies',
      locks: 'yes',
      channels: true,
      cookieEvents: true,
      delay: 40,
      latency: 400,
      drift: 0.01,
      https: true,
    },
    steps: [
      { do: 'sign_in', tab: 0, person: 'ada', pause: 1000 },
      { do: 'open', pause: '66%' },
      { do: 'fault', target: 'refresh', mishap: 503, times: 2, pause: 0 },
      { do: 'request', tab: 1, to: 'echo', count: 3, body: true, limit: 0, abort: null, pause: '100%' },
      { do: 'sign_out', tab: 1, scope: 'global', pause: 400 },
    ],
  }
  const [one, two] = [await runWorld(world), await runWorld(world)]
  expect(one.timeline()).toBe(two.timeline())
  expect(one.timeline()).toContain('signOut() global')
})
