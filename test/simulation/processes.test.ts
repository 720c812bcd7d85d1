import { expect, test, vi } from 'vitest'
import { onComputer } from './processes/computer.ts'
import { report } from './world/report.ts'
import { search } from './world/search.ts'
import { createSim, type Sim } from './world/sim.ts'
import { act } from './world/steps.ts'
import { openTab } from './world/tab.ts'
import type { Action, World } from './world/types.ts'

// The real host of processes, over a computer of memory.
vi.mock('node:fs', () => import('./processes/fs.ts'))
vi.mock('node:net', () => import('./processes/net.ts'))

/** `npm run sim -- --family process` runs more of them, and others. */
const WORLDS = 150

test(`${WORLDS} worlds of processes on one file violate no invariant`, async () => {
  const { found, worlds } = await search({ seed: 20_261_127, worlds: WORLDS, family: 'process' })
  expect(found && report(found)).toBeNull()
  expect(worlds).toBe(WORLDS)
})

// ---- What the invariants excuse, each with a world that shows why ----

const WORLD: World = {
  seed: 1,
  server: { rules: 'strict', life: 900, expiry: 'both', skew: 0, largeUser: false },
  browser: {
    storage: 'file',
    locks: 'yes',
    channels: false,
    cookieEvents: true,
    delay: 0,
    latency: 60,
    drift: 0,
    https: true,
  },
  host: { watch: 'prompt', keeper: 0 },
  steps: [],
}
const signIn: Action = { do: 'sign_in', tab: 0, person: 'ada' }
const signOut: Action = { do: 'sign_out', tab: 0, scope: 'local' }
const refresh = (tab: number): Action => ({ do: 'refresh', tab })

async function after(world: World, look: (sim: Sim) => void, ...actions: readonly (Action | number)[]): Promise<void> {
  const sim = createSim(world)
  await onComputer(sim.computer, async () => {
    openTab(sim)
    for (const action of actions) {
      if (typeof action === 'number') await sim.pass(action)
      else act(sim, action)
    }
    look(sim)
    expect(sim.violations).toEqual([])
  })
}
const refreshes = (sim: Sim) => sim.network.letters.filter(({ target }) => target === 'refresh')

test('k (a process that stood still after its last look): there is no compare-and-rename, so its rename goes over what is newer', async () => {
  const bobs: Action = { do: 'sign_in', tab: 1, person: 'bob' }
  const texts: string[] = []
  for (let count = 0; count < 8; count++) {
    const stall: Action = { do: 'stall', tab: 0, after: count, for: 1_000 }
    const look = (sim: Sim) => void texts.push(sim.timeline.text())
    const world: World = { ...WORLD, steps: [{ ...stall, pause: 0 }] }
    await after(world, look, signIn, { do: 'open' }, 2_000, stall, signOut, bobs, 2_000)
  }
  // Whoever knows better has written it back at once.
  expect(texts.join()).toMatch(/file +holds s2\.r0\n.*A.*\n(.*\n)*.*file +holds no token\n(.*\n)*.*file +holds s2\.r0/)
})

test('l (processes that share no lock): both note it at the same moment, and the file names the last', async () => {
  const world: World = { ...WORLD, browser: { ...WORLD.browser, locks: 'failing' } }
  const look = (sim: Sim) => expect(refreshes(sim)).toHaveLength(2)
  await after(world, look, signIn, { do: 'open' }, 2_000, refresh(0), refresh(1), 20)
})

test('l (who is signing out): the server wants a token that is good, and the file is empty by then', async () => {
  const look = (sim: Sim) => {
    expect(refreshes(sim)).toHaveLength(1)
    expect(sim.shelf.over()).toBe(true)
  }
  await after(WORLD, look, signIn, 2_000, { do: 'revoke' }, signOut, 2_000)
})

test('all that storage trouble excuses (a new key in haste): who does not know it cannot save', async () => {
  const haste: Action = { do: 'rotate', hasty: true }
  const look = (sim: Sim) => {
    expect(sim.trouble).toContain('storage')
    expect(sim.shelf.peek()?.record?.over).toBe('signed_out')
    expect(sim.open()[0]?.auth.getState().status).toBe('authenticated')
  }
  await after(
    WORLD,
    look,
    signIn,
    2_000,
    haste,
    haste,
    { do: 'open' },
    refresh(1),
    2_000,
    { ...signOut, tab: 1 },
    signIn,
    2_000,
  )
})
