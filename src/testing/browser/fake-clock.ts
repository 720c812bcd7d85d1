import type { Clock, Timer } from '../../core/ports.ts'

export interface FakeClock extends Clock {
  /** Lets `ms` pass: runs each timer at its time, and the promises that hang on it before the next one. */
  advance(ms: number): Promise<void>
  /** Moves the wall clock, as a person or a time server would. No timer notices. */
  jump(ms: number): void
  /** Lets promises run without any time passing. */
  flush(): Promise<void>
  /** Lets no time pass until `work` is done: for work in real time, such as WebCrypto's. Returns `work`. */
  during<T>(work: Promise<T>): Promise<T>
  /** How much time (ms) has passed since the clock was made; jumps do not count. */
  elapsed(): number
  /** Timers that are set. */
  readonly pending: number
}

export interface FakeClockOptions {
  /** ms since 1970. Default: 1 January 2026, 00:00 UTC. */
  readonly now?: number
  /**
   * Resolves when every promise that is ready has run. Default: after four turns of the event loop, which leaves sockets
   * some time as well. Where nothing but promises is at work, in Node, `() => new Promise(setImmediate)` is enough and
   * twenty times as fast.
   */
  readonly settle?: () => Promise<unknown>
}

interface Entry {
  readonly at: number
  readonly run: () => void
}

const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })

const fourTurns = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) await nextTask()
}

/** A clock that stands still until told otherwise. */
export function createFakeClock({ now = Date.UTC(2026, 0, 1), settle = fourTurns }: FakeClockOptions = {}): FakeClock {
  const timers = new Map<number, Entry>()
  let elapsed = 0
  let offset = now
  let nextId = 1

  const working = new Set<Promise<unknown>>()
  const flush = async () => {
    await settle()
    while (working.size) {
      await Promise.allSettled(working)
      await settle()
    }
  }
  const earliest = (until: number): [number, Entry] | undefined => {
    let best: [number, Entry] | undefined
    for (const timer of timers) if (timer[1].at <= until && (!best || timer[1].at < best[1].at)) best = timer
    return best
  }

  return {
    now: () => offset + elapsed,
    elapsed: () => elapsed,
    setTimeout(run, ms) {
      const id = nextId++
      // As in browsers: a delay of 2^31 ms or more fires at once.
      const delay = ms > 2 ** 31 - 1 || !(ms > 0) ? 0 : ms
      timers.set(id, { at: elapsed + delay, run })
      return id as Timer
    },
    clearTimeout(timer) {
      timers.delete(timer as number)
    },
    async advance(ms) {
      const end = elapsed + ms
      await flush()
      for (let next = earliest(end); next; next = earliest(end)) {
        timers.delete(next[0])
        elapsed = Math.max(elapsed, next[1].at)
        next[1].run()
        await flush()
      }
      elapsed = end
    },
    jump(ms) {
      offset += ms
    },
    flush,
    during(work) {
      const done = () => void working.delete(work)
      working.add(work)
      work.then(done, done)
      return work
    },
    get pending() {
      return timers.size
    },
  }
}
