import type { Timer } from 'keyturn'
import type { FakeClock } from 'keyturn/testing'

/** Something on its way: it arrives whenever the walk lets it. */
export interface Held {
  /** The same in every run of the same order. Of several with the same name only the first can arrive. */
  readonly what: string
  /** Whom it reaches: a tab, or the server. */
  readonly to: string
  /** What it carries. */
  readonly detail: string
  readonly run: () => void
}

interface Waiting extends Held {
  /** It arrives no later than this. */
  readonly until: number
}

/** A timer of one tab, or of the simulation itself (''). */
export interface Alarm {
  readonly owner: string
  readonly at: number
  readonly run: () => void
}

/**
 * A clock on which time passes only from timer to timer, and what is on its way arrives in the order that is chosen. Until
 * `hold(true)`, and after `hold(false)`, it is a fake clock like the others.
 */
export interface HeldClock extends FakeClock {
  /** Whether things on their way wait to be chosen. */
  holding: boolean
  /** What is on its way for at most `limit` ms. */
  send(held: Held, limit: number): void
  /** Timers that `run` sets belong to this tab. */
  own<T>(owner: string, run: () => T): T
  /** What can arrive now. */
  readonly held: () => readonly Waiting[]
  /** All that is under way. */
  readonly all: () => readonly Waiting[]
  /** The timers that can ring next, one for each owner: those with the earliest time, if nothing has to arrive before. */
  readonly due: () => readonly Alarm[]
  readonly alarms: () => readonly Alarm[]
  /** Lets one of them happen, and all that follows from it without time passing. */
  arrive(held: Waiting): Promise<void>
  ring(alarm: Alarm): Promise<void>
}

const settle = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve))

export function createHeldClock(): HeldClock {
  const timers = new Map<number, Alarm>()
  const way: Waiting[] = []
  const start = Date.UTC(2026, 0, 1)
  let elapsed = 0
  let offset = start
  let ids = 0
  let owner = ''

  const set = (run: () => void, ms: number): Timer => {
    // As in browsers: a delay of 2^31 ms or more fires at once.
    const delay = ms > 2 ** 31 - 1 || !(ms > 0) ? 0 : ms
    timers.set(++ids, { owner, at: elapsed + delay, run })
    return ids
  }
  const earliest = (): [number, Alarm] | undefined => {
    let best: [number, Alarm] | undefined
    for (const timer of timers) if (!best || timer[1].at < best[1].at) best = timer
    return best
  }
  const ring = async (id: number, alarm: Alarm): Promise<void> => {
    timers.delete(id)
    elapsed = Math.max(elapsed, alarm.at)
    owner = alarm.owner
    alarm.run()
    owner = ''
    await settle()
  }

  const clock: HeldClock = {
    holding: false,
    now: () => offset + elapsed,
    elapsed: () => elapsed,
    setTimeout: set,
    clearTimeout: (timer) => void timers.delete(timer as number),
    async advance(ms) {
      const end = elapsed + ms
      await settle()
      for (let next = earliest(); next && next[1].at <= end; next = earliest()) await ring(...next)
      elapsed = end
    },
    jump(ms) {
      offset += ms
    },
    flush: async () => void (await settle()),
    during: (work) => work,
    get pending() {
      return timers.size
    },
    send(held, limit) {
      if (clock.holding) way.push({ ...held, until: elapsed + limit })
      else set(held.run, 1)
    },
    own(name, run) {
      const before = owner
      owner = name
      try {
        return run()
      } finally {
        owner = before
      }
    },
    held: () => way.filter((one, at) => way.findIndex(({ what }) => what === one.what) === at),
    all: () => way,
    alarms: () => [...timers.values()],
    due() {
      const at = earliest()?.[1].at ?? Infinity
      if (way.some(({ until }) => until < at)) return []
      const first = new Map<string, Alarm>()
      for (const alarm of timers.values()) if (alarm.at === at && !first.has(alarm.owner)) first.set(alarm.owner, alarm)
      return [...first.values()]
    },
    async arrive(held) {
      way.splice(way.indexOf(held), 1)
      held.run()
      await settle()
    },
    async ring(alarm) {
      for (const [id, one] of timers) if (one === alarm) return ring(id, one)
    },
  }
  return clock
}
