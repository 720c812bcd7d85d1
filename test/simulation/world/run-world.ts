import { disagreements } from '../invariants/agreement.ts'
import { onComputer } from '../processes/computer.ts'
import { putRight } from '../processes/steps.ts'
import { begin } from './lasting.ts'
import type { Violation } from './sim.ts'
import { createSim, type Sim } from './sim.ts'
import { act, request } from './steps.ts'
import { THROWN } from './tab.ts'
import type { Pause, World } from './types.ts'

export interface Outcome {
  readonly violations: readonly Violation[]
  /** What happened, line by line. Put together when it is asked for. */
  readonly timeline: () => string
  readonly stats: {
    readonly tabs: number
    readonly requests: number
    readonly refreshes: number
    readonly days: number
  }
}

const HOUR = 3_600_000

const pauseOf = (pause: Pause, life: number): number =>
  typeof pause === 'number' ? pause : Math.min(Math.round((Number.parseInt(pause, 10) / 100) * life * 1000), HOUR)

/**
 * Runs one world from its first step to its end, and past it: faults stop, the tabs settle, sign out, and are disposed of.
 * The same world gives the same timeline, to the byte.
 */
export async function runWorld(world: World): Promise<Outcome> {
  const sim = createSim(world)
  const run = async (): Promise<void> => {
    begin(sim)
    for (const step of world.steps) {
      act(sim, step)
      await sim.pass(pauseOf(step.pause, world.server.life))
    }
    await comeToRest(sim)
  }
  await listening(sim, () => onComputer(sim.computer, run))
  const { letters } = sim.network
  return {
    violations: sim.violations,
    timeline: sim.timeline.text,
    stats: {
      tabs: sim.tabs.length,
      requests: letters.length,
      refreshes: letters.filter(({ target }) => target === 'refresh').length,
      days: sim.truth.elapsed() / 86_400_000,
    },
  }
}

/** Runs a world, and listens to what nobody else would hear: the console, and rejections that nobody handles. */
export async function listening(sim: Sim, run: () => Promise<void>): Promise<void> {
  const unheard = (reason: unknown): void => {
    if (reason instanceof Error && reason.message === THROWN) return
    sim.violate(
      'f every promise settles',
      `a rejection that nobody handles: ${reason instanceof Error ? reason.stack : reason}`,
    )
  }
  const restore = listenToConsole(sim)
  process.on('unhandledRejection', unheard)
  try {
    await run()
  } finally {
    process.off('unhandledRejection', unheard)
    restore()
  }
}

/** Faults stop, the tabs settle, sign out, and are disposed of. */
export async function comeToRest(sim: Sim): Promise<void> {
  await settle(sim)
  await leave(sim)
}

/** Longer than anybody waits for an answer that was lost just before. */
const PATIENCE = 12_000
/** Longer than the server asks anybody to wait, and than a waiter waits. */
const CALM = 32_000

/** No signal wakes a process, or tells it that the network is back: it looks at its clock each minute, and saves again as often. */
const MINUTE = 60_000
/** The longest pause before it tries to renew again. */
const LONGEST_PAUSE = 5 * MINUTE

/** Faults stop, and everybody comes to know it. */
async function settle(sim: Sim): Promise<void> {
  const { network, timeline } = sim
  timeline.note('---', 'faults stop')
  network.clearFaults()
  network.online = true
  for (const end of sim.ends) end()
  for (const { fake } of sim.open()) {
    fake.process.interrupt(Infinity, () => {})
    fake.process.throttle(false)
    fake.process.thaw()
  }
  if (sim.computer) putRight(sim, sim.computer)
  if (!sim.open().length) begin(sim)
  await sim.pass(PATIENCE)
  for (const { fake } of sim.open()) {
    fake.wake('online')
    fake.wake('visible')
  }
  await sim.pass(CALM)
  if (sim.computer) {
    await sim.pass(MINUTE)
    const failing = (): boolean => sim.open().some(({ auth }) => auth.inspect().failures > 0)
    for (let waited = 0; waited < LONGEST_PAUSE && failing(); waited += CALM) await sim.pass(CALM)
  }
  sim.watch.calm()

  // More than once: where tabs share no lock, one may end the session for all just by renewing it.
  for (let round = 0; round < 4; round++) {
    timeline.note('---', 'every tab wakes, renews and sends a request')
    const tabs = sim.open()
    const way = 2 * sim.latency + 20 * sim.world.browser.delay + 200
    for (const { fake } of tabs) fake.wake('visible')
    await sim.pass(way)
    for (const tab of tabs.keys()) act(sim, { do: 'refresh', tab })
    await sim.pass((tabs.length + 1) * way + 2_000)
    if (round === 0) begin(sim)
    await sim.pass(way)
    for (const tab of sim.open()) void request(sim, tab, { to: 'echo', body: false, limit: 0, abort: null })
    await sim.pass((tabs.length + 1) * way)
    for (let wait = 0; wait < 20 && sim.open().some(({ auth }) => auth.inspect().refreshing); wait++)
      await sim.pass(500)
    if (!disagreements(sim).length) break
  }
  sim.watch.settled()
}

/** The person signs out, and the tabs go away. */
async function leave(sim: Sim): Promise<void> {
  const { timeline } = sim
  timeline.note('---', 'everybody leaves')
  // Where another app's session lies in storage, each tab has one of its own, in memory.
  const shared = sim.world.browser.storage !== 'memory' && !sim.shelf.foreign()
  for (const tab of sim.open().keys()) if (!shared || tab === 0) act(sim, { do: 'sign_out', tab, scope: 'local' })
  await sim.pass(10_000)
  for (const { fake } of sim.open()) fake.wake('visible')
  await sim.pass(1_000)
  for (const { name, auth } of sim.open()) {
    if (auth.getState().status !== 'unauthenticated')
      sim.violate('d signed out means out', `${name} is ${auth.getState().status} in the end`)
  }
  // A sign-out outlives a reload, whatever else lies in the storage.
  const last = begin(sim)
  await sim.pass(1_000)
  // Where a cookie that scripts do not see may hold a session, it asks the server, after whoever is doing that already.
  for (let wait = 0; wait < 20 && last?.auth.getState().status === 'loading'; wait++) await sim.pass(1_000)
  const { status } = last?.auth.getState() ?? {}
  if (last && status !== 'unauthenticated')
    sim.violate('d signed out means out', `${last.name}, opened after it, is ${status}`)
  for (let left = sim.open(); left.length; left = sim.open()) {
    act(sim, { do: 'dispose', tab: 0 })
    // A keeper takes up to a second to stop.
    if (left.length === sim.open().length) await sim.pass(1_000)
  }
  await sim.pass(65_000)
  sim.watch.over()
}

/** The kit is to print nothing; what it would print must hold no token. Returns the way back. */
function listenToConsole(sim: Sim): () => void {
  const names = ['log', 'info', 'warn', 'error', 'debug'] as const
  const before = names.map((name) => [name, console[name]] as const)
  for (const name of names) {
    console[name] = (...words: unknown[]): void => {
      for (const word of words) sim.watch.told(null, 'the console', word)
    }
  }
  return () => {
    for (const [name, print] of before) console[name] = print
  }
}
