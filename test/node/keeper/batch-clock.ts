import type { Clock } from '../../../src/core/ports.ts'

export interface BatchClock extends Clock {
  advance(ms: number): Promise<void>
  readonly pending: number
}

/** A fake clock for very many timers: those of the same moment run together, then the promises that hang on them. */
export function createBatchClock(now = Date.UTC(2026, 0, 1)): BatchClock {
  const at = new Map<number, Map<number, () => void>>()
  const times = new Map<number, number>()
  let ids = 0
  const flush = () => new Promise<void>((resolve) => void setImmediate(resolve))
  return {
    now: () => now,
    setTimeout(run, ms) {
      const time = now + Math.max(Math.ceil(ms), 0)
      const id = ++ids
      const there = at.get(time) ?? new Map<number, () => void>()
      there.set(id, run)
      at.set(time, there)
      times.set(id, time)
      return id
    },
    clearTimeout(timer) {
      const time = times.get(timer as number)
      if (time === undefined) return
      times.delete(timer as number)
      const there = at.get(time)
      there?.delete(timer as number)
      if (there?.size === 0) at.delete(time)
    },
    async advance(ms) {
      const end = now + ms
      await flush()
      for (;;) {
        let next = Infinity
        for (const time of at.keys()) if (time < next) next = time
        if (next > end) break
        now = Math.max(now, next)
        const due = at.get(next) ?? new Map<number, () => void>()
        at.delete(next)
        for (const [id, run] of due) {
          // An earlier one of this moment may have cleared it.
          if (times.delete(id)) run()
        }
        await flush()
      }
      now = end
    },
    get pending() {
      return times.size
    },
  }
}
