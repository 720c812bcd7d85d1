/** Walks through every order of events of a small world. Equal states are met once. */
import { listening } from '../world/run-world.ts'
import type { Trouble, Violation } from '../world/sim.ts'
import { type Choice, type Order, startOrder } from './run-order.ts'
import type { SmallWorld } from './small-world.ts'

export interface Bad {
  readonly world: SmallWorld
  readonly path: readonly string[]
  readonly violations: readonly Violation[]
  readonly timeline: string
}

export interface Walked {
  /** Orders that were run, each from the start to a state that had been met, or to its end. */
  readonly orders: number
  /** Those that were run to their end: faults stop, everybody agrees, and leaves. */
  readonly ends: number
  readonly states: number
  readonly longest: number
  readonly bad: readonly Bad[]
  /** Whether all orders were walked. */
  readonly complete: boolean
  /** How often a state that had been met was gone on from all the same, and how often what followed was not the same. */
  readonly checked: number
  readonly unequal: readonly string[]
}

export interface WalkOptions {
  /** Most states. */
  readonly limit?: number
  /** Stop after so many bad orders. */
  readonly stopAt?: number
  /** Goes on from each so many-th state that has been met already, and compares what follows. 0: from none. */
  readonly check?: number
}

/** What does not come to rest after so many choices never does. */
const ENDLESS = 150
const isDeed = ({ name }: Choice): boolean => name.startsWith('do ')

/** What excuses a client that it is not allowed to meet where nothing of the kind can happen. */
const EXCUSES: readonly Trouble[] = ['crash', 'standstill', 'lock', 'lost write', 'jump', 'twice']

/**
 * Runs one order: the choices that are named, and then the most natural ones, while `go` says so.
 * @returns the order, and whether it was run to its end
 */
export async function runOrder(
  world: SmallWorld,
  path: readonly string[],
  go: (order: Order, choices: readonly Choice[]) => boolean,
): Promise<Order & { readonly ended: boolean }> {
  const order = await startOrder(world)
  const { sim } = order
  let ended = false
  await listening(sim, async () => {
    for (const name of path) {
      const choice = order.choices().find((one) => one.name === name)
      if (!choice) throw new Error(`'${name}' cannot happen after ${order.path.join(', ')}`)
      await order.take(choice)
    }
    while (!sim.violations.length) {
      const choices = order.choices()
      if (!go(order, choices)) return
      const natural = choices.find((choice) => !isDeed(choice))
      if (!natural) {
        ended = true
        return order.end()
      }
      if (order.path.length > ENDLESS) return sim.violate('g bounded effort', 'the tabs do not come to rest')
      await order.take(natural)
    }
  })
  const calm = !world.deeds.some((deed) => /close|freeze|thaw|stall/.test(deed))
  if (calm) for (const excuse of EXCUSES) if (sim.trouble.has(excuse)) throw new Error(`There is no ${excuse} here.`)
  return { ...order, ended }
}

export async function explore(world: SmallWorld, options: WalkOptions = {}): Promise<Walked> {
  const { limit = Infinity, stopAt = 1, check = 0 } = options
  /** By the digest of a state: with how few swaps it was met, and what naturally follows. */
  const met = new Map<string, { swaps: number; choice: string | undefined; next: string }>()
  const frontier: (readonly string[])[] = [[]]
  const bad: Bad[] = []
  const unequal: string[] = []
  let [orders, ends, longest, hits, checked] = [0, 0, 0, 0, 0]

  for (let path = frontier.pop(); path; path = frontier.pop()) {
    if (met.size >= limit || bad.length >= stopAt) {
      frontier.push(path)
      break
    }
    orders++
    let last: string | undefined
    let checking = false
    const order = await runOrder(world, path, (running, choices) => {
      const state = running.digest()
      const swaps = running.swaps()
      const before = met.get(state)
      const previous = last === undefined ? undefined : met.get(last)
      const natural = choices.find((choice) => !isDeed(choice))
      last = state
      if (checking) {
        const comparable = previous?.choice === running.path.at(-1) && !!previous?.next
        if (comparable) checked++
        if (comparable && previous?.next !== state) unequal.push(running.path.join(', '))
        return comparable && previous?.next === state && !!before
      }
      if (previous) previous.next = state
      if (before && before.swaps <= swaps) {
        checking = check > 0 && ++hits % check === 0
        return checking
      }
      if (before) before.swaps = swaps
      else met.set(state, { swaps, choice: natural?.name, next: '' })
      for (const choice of choices)
        if (choice !== natural && (world.swaps === null || swaps + choice.swaps <= world.swaps))
          frontier.push([...running.path, choice.name])
      return true
    })
    longest = Math.max(longest, order.path.length)
    if (order.ended) ends++
    const { violations, timeline } = order.sim
    if (violations.length) bad.push({ world, path: order.path, violations, timeline: timeline.text() })
  }
  return { orders, ends, states: met.size, longest, bad, complete: !frontier.length, checked, unequal }
}
