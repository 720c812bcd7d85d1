import { comeToRest } from '../world/run-world.ts'
import { createSim, type Sim } from '../world/sim.ts'
import type { SimTab } from '../world/tab.ts'
import { digest, HORIZON, storageNow } from './digest.ts'
import { createHeldClock } from './held-clock.ts'
import { type Mind, newMind, seen, takeIn, traced } from './mind.ts'
import { begin, type Deed, perform, possible, type SmallWorld } from './small-world.ts'

/** One thing that can happen next: a deed, something that arrives, a timer that rings. */
export interface Choice {
  readonly name: string
  /** How often it makes something overtake what is under way for longer. */
  readonly swaps: number
  readonly run: () => Promise<unknown>
}

/** A small world in motion. */
export interface Order {
  readonly sim: Sim
  readonly digest: () => string
  /** What can happen now, the most natural first. Empty: the world is at rest, and nothing more may be done. */
  readonly choices: () => readonly Choice[]
  /** Whether nothing is under way. */
  readonly resting: () => boolean
  /** What has been chosen so far. */
  readonly path: readonly string[]
  readonly swaps: () => number
  readonly take: (choice: Choice) => Promise<void>
  /** Faults stop, and everybody leaves. */
  readonly end: () => Promise<void>
}

export async function startOrder(world: SmallWorld): Promise<Order> {
  const clock = createHeldClock()
  const minds = new Map<SimTab, Mind>()
  const mindOf = (tab: SimTab): Mind => {
    const mind = minds.get(tab) ?? newMind()
    minds.set(tab, mind)
    return mind
  }
  const steps = Array.from({ length: world.most }, () => ({ do: 'open', pause: 0 }) as const)
  const sim: Sim = createSim(
    { seed: 1, server: world.server, browser: world.browser, steps },
    {
      clock,
      watch: {
        read: (tab, found) => seen(mindOf(tab), found),
        traced: (tab, record) => traced(mindOf(tab), tab, record, () => tokensNow(sim)),
      },
    },
  )
  await begin(sim, world)
  clock.holding = true
  const path: string[] = []
  const done: Deed[] = []
  let refusedUpTo = 0
  let swaps = 0

  const comesIn = (to: string, what: string): void => {
    const storage = storageNow(sim)
    for (const tab of sim.tabs) if (tab.name === to || !to) takeIn(mindOf(tab), what, storage, clock.elapsed())
  }
  const rings = () => clock.due().filter(({ at }) => at - clock.elapsed() <= HORIZON)

  return {
    sim,
    path,
    swaps: () => swaps,
    digest: () => digest(sim, { mindOf, done, refusedUpTo }),
    resting: () => !clock.all().length && !rings().length,
    choices() {
      const held = clock.held()
      const arrivals = held.map(
        (one, index): Choice => ({
          name: one.what,
          swaps: index ? 1 : 0,
          run: () => {
            comesIn(one.to, `${one.what} ${one.detail}`)
            return clock.arrive(one)
          },
        }),
      )
      const alarms = rings().map(
        (alarm): Choice => ({
          name: `${alarm.owner || 'time'} rings`,
          swaps: held.length ? 1 : 0,
          run: () => {
            comesIn(alarm.owner, 'timer')
            return clock.ring(alarm)
          },
        }),
      )
      const inTab = done.some((deed) => deed.includes(' '))
      const deeds =
        done.length < world.most
          ? world.deeds.filter((deed) => possible(sim, deed) && (inTab || !/^[BC] /.test(deed)))
          : []
      // The tabs are alike until something is done in one of them: let that be A.
      const acts = deeds.map(
        (deed): Choice => ({
          name: `do ${deed}`,
          swaps: 0,
          run: () => {
            done.push(deed)
            comesIn(deed.split(' ').length > 1 ? (deed.split(' ')[0] ?? '') : 'nobody', deed)
            if (deed.endsWith('401')) refusedUpTo = [...sim.ledger.texts()].length
            perform(sim, deed)
            return clock.flush()
          },
        }),
      )
      return [...arrivals, ...alarms, ...acts]
    },
    async take(choice) {
      path.push(choice.name)
      swaps += choice.swaps
      sim.timeline.note('>', choice.name)
      await choice.run()
    },
    async end() {
      clock.holding = false
      await comeToRest(sim)
    },
  }
}

const tokensNow = (sim: Sim): string =>
  `${sim.ledger.alias(sim.shelf.token('access'))}/${sim.ledger.alias(sim.shelf.token('refresh'))}`
