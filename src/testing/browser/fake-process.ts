import type { Clock, Timer } from '../../core/ports.ts'

/** A clock whose wall time may jump, and which knows how much time (ms) has really passed. */
export interface SteadyClock extends Clock {
  elapsed(): number
}

/**
 * The process that a tab's code runs in. Whatever comes in passes through `enter`, whatever goes out through `leave`, so
 * that a tab can be frozen or ended at any point.
 */
export interface FakeProcess {
  /**
   * - `running`.
   * - `frozen`: what comes in waits. Nothing goes out, because nothing runs.
   * - `stalled`: preempted in the middle of a task. What comes in waits, and so does what the task still sends out.
   * - `closed`: nothing comes in and nothing goes out, ever. Promises that it was given stay pending.
   */
  readonly status: 'running' | 'frozen' | 'stalled' | 'closed'
  /** The clock that the code in this process sees. */
  readonly clock: Clock
  /** Timers that are set. */
  readonly timers: number
  /** For how long (ms) it has been running. */
  ran(): number
  /** Brings something in: a message, an answer, a wake signal. */
  enter(run: () => void): void
  /** Lets something out: a request, a message, a write. */
  leave(run: () => void): void
  /**
   * - `late` (default): timers that are due meanwhile fire afterwards.
   * - `stopped`: timers go on from where they were, as after a computer's sleep.
   * - `cached`: as `late`, but messages and wake signals are lost, as in the back/forward cache.
   */
  freeze(how?: 'late' | 'stopped' | 'cached'): void
  /** Frozen as `cached`. */
  readonly cached: boolean
  stall(): void
  /** Ends `freeze` and `stall`: what was to go out goes out, then what waited comes in, one after the other. */
  thaw(): void
  close(): void
  /** Calls `run` when it is closed. Returns the way back. */
  onClose(run: () => void): () => void
  /** Calls `then` once: when `count` more things have gone out, and before the next one does. */
  interrupt(count: number, then: () => void): void
  /** Timers fire at full minutes only, as in tabs that have been in the background for long. */
  throttle(on: boolean): void
}

const MINUTE = 60_000

interface Alarm {
  readonly run: () => void
  /** By `elapsed`. */
  due: number
  timer: Timer
}

export function createFakeProcess(world: SteadyClock): FakeProcess {
  const alarms = new Map<number, Alarm>()
  const inbox: (() => void)[] = []
  const outbox: (() => void)[] = []
  const closers = new Set<() => void>()
  let status: FakeProcess['status'] = 'running'
  let throttled = false
  let cached = false
  let stoppedAt: number | null = null
  let ids = 0
  let ran = 0
  let since = world.elapsed()
  let allowed = 0
  let interruption: (() => void) | null = null

  const pause = (next: 'frozen' | 'stalled' | 'closed'): void => {
    if (status === 'running') ran += world.elapsed() - since
    status = next
  }
  const drain = (): void => {
    if (status !== 'running') return
    inbox.shift()?.()
    if (inbox.length) world.setTimeout(drain, 0)
  }
  const enter = (run: () => void): void => {
    if (status === 'running' && !inbox.length) run()
    else if (status !== 'closed') inbox.push(run)
  }

  const arm = (id: number, alarm: Alarm): void => {
    alarm.timer = world.setTimeout(() => ring(id, alarm), Math.max(alarm.due - world.elapsed(), 0))
  }
  const ring = (id: number, alarm: Alarm): void => {
    const wait = Math.ceil(alarm.due / MINUTE) * MINUTE - world.elapsed()
    if (throttled && wait > 0) {
      alarm.timer = world.setTimeout(() => ring(id, alarm), wait)
      return
    }
    enter(() => {
      // It may have been cleared while it waited to come in.
      if (alarms.delete(id)) alarm.run()
    })
  }
  const clock: Clock = {
    now: () => world.now(),
    setTimeout(run, ms) {
      if (status === 'closed') return 0
      // As in browsers: a delay of 2^31 ms or more fires at once.
      const delay = ms > 2 ** 31 - 1 || !(ms > 0) ? 0 : ms
      const alarm: Alarm = { run, due: world.elapsed() + delay, timer: null }
      alarms.set(++ids, alarm)
      arm(ids, alarm)
      return ids
    },
    clearTimeout(timer) {
      world.clearTimeout(alarms.get(timer as number)?.timer)
      alarms.delete(timer as number)
    },
  }

  return {
    get status() {
      return status
    },
    get timers() {
      return alarms.size
    },
    clock,
    ran: () => ran + (status === 'running' ? world.elapsed() - since : 0),
    enter,
    leave(run) {
      if (interruption && allowed-- === 0) {
        const then = interruption
        interruption = null
        then()
      }
      if (status === 'stalled') outbox.push(run)
      else if (status !== 'closed') run()
    },
    get cached() {
      return status === 'frozen' && cached
    },
    freeze(how = 'late') {
      if (status !== 'running') return
      pause('frozen')
      cached = how === 'cached'
      if (how !== 'stopped') return
      stoppedAt = world.elapsed()
      for (const { timer } of alarms.values()) world.clearTimeout(timer)
    },
    stall() {
      if (status === 'running') pause('stalled')
    },
    thaw() {
      if (status !== 'frozen' && status !== 'stalled') return
      status = 'running'
      since = world.elapsed()
      if (stoppedAt !== null) {
        for (const [id, alarm] of alarms) {
          alarm.due += world.elapsed() - stoppedAt
          arm(id, alarm)
        }
        stoppedAt = null
      }
      for (const run of outbox.splice(0)) run()
      if (inbox.length) world.setTimeout(drain, 0)
    },
    close() {
      if (status === 'closed') return
      pause('closed')
      for (const { timer } of alarms.values()) world.clearTimeout(timer)
      alarms.clear()
      inbox.length = outbox.length = 0
      for (const run of closers) run()
    },
    onClose(run) {
      closers.add(run)
      return () => void closers.delete(run)
    },
    interrupt(count, then) {
      allowed = count
      interruption = then
    },
    throttle(on) {
      throttled = on
      if (on) return
      for (const [id, alarm] of alarms) {
        world.clearTimeout(alarm.timer)
        arm(id, alarm)
      }
    },
  }
}
