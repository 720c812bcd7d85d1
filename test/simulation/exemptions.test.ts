/**
 * What the invariants excuse, each with the smallest world that shows why no client could do better. The rule is in the
 * invariant; here is the proof.
 */
import { expect, test } from 'vitest'
import { createSim, type Sim } from './world/sim.ts'
import { act } from './world/steps.ts'
import { openTab } from './world/tab.ts'
import type { Action, World } from './world/types.ts'

const WORLD: World = {
  seed: 1,
  server: { rules: 'strict', life: 900, expiry: 'both', skew: 0, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    delay: 0,
    latency: 0,
    drift: 0,
    https: true,
  },
  steps: [],
}

async function after(...actions: readonly Action[]): Promise<Sim> {
  const sim = createSim(WORLD)
  openTab(sim)
  for (const action of actions) {
    act(sim, action)
    await sim.pass(2_000)
  }
  return sim
}
const signIn: Action = { do: 'sign_in', tab: 0, person: 'ada' }
/** The tab dies when so many more things have gone out of it. */
const dying = (count: number): Action => ({ do: 'close', tab: 0, after: count })

/** The world in which the tab died just then. */
async function first(worlds: (count: number) => Promise<Sim>, is: (sim: Sim) => boolean): Promise<Sim> {
  for (let count = 0; count < 16; count++) {
    const sim = await worlds(count)
    if (is(sim)) return sim
  }
  throw new Error('It never dies at the right moment.')
}

test('a (a refusal that a dead tab has left in storage): the others were told nothing else, and it is true', async () => {
  const sim = await first(
    (count) => after(signIn, { do: 'open' }, { do: 'revoke' }, dying(count), { do: 'refresh', tab: 0 }),
    (each) => each.open().length === 1 && each.shelf.over() && !each.shelf.pieces(),
  )
  const [other] = sim.open()
  expect(other?.auth.getState().status).toBe('authenticated')
  act(sim, { do: 'wake', tab: 0, reason: 'visible' })
  await sim.pass(2_000)
  expect(other?.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
  // It has asked nobody, and no message told it so.
  expect(sim.network.letters.filter(({ tab, target }) => tab === other && target === 'refresh')).toEqual([])
  expect(sim.browser.messages.filter((message) => message.endsWith('rejected'))).toEqual([])
  expect(sim.violations).toEqual([])
})

test('a (a start with a record of an end counts as nobody): the tokens beside it are those of whoever signed out', async () => {
  const sim = await first(
    (count) => after(signIn, dying(count), { do: 'sign_out', tab: 0, scope: 'local' }),
    (each) => each.open().length === 0 && each.shelf.over() && !!each.shelf.token('refresh'),
  )
  const { auth } = openTab(sim)
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'none' })
  expect(sim.violations).toEqual([])
  // And it deletes what was left.
  await sim.pass(5_000)
  expect(sim.shelf.pieces()).toBe(0)
})

test('h (a live refresh token is asked for only if there is one): nobody has it any more, and the access token is good', async () => {
  const sim = await after(signIn, { do: 'close', tab: 0, after: -1 }, { do: 'evict', what: 'refresh' }, { do: 'open' })
  const [tab] = sim.open()
  expect(tab?.auth.getState().status).toBe('authenticated')
  expect([sim.shelf.token('refresh'), !!sim.shelf.token('access')]).toEqual([null, true])
  // The server still holds the session: what could renew it was known to storage and to the tab that is gone.
  expect(sim.mock.admin.sessions()).toMatchObject([{ live: true }])
  expect(sim.violations).toEqual([])
})
