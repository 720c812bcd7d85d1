import type { Clock, Timer } from './ports.ts'

/**
 * The longest sleep in ms. A timer over 2^31−1 ms fires at once, and one that runs through a laptop's sleep fires late;
 * so sleeps are short and each waking looks at the wall clock again.
 */
const LONGEST_SLEEP = 60_000

export interface Alarm {
  /** Looks at the clock and at `next` again. To be called whenever what `next` depends on has changed. */
  set(): void
  off(): void
}

/** One timer. `next` gives the time to ring at (null: never) and is asked again at each waking. */
export function createAlarm(clock: Clock, next: () => number | null, ring: () => void): Alarm {
  let timer: Timer
  const off = () => clock.clearTimeout(timer)
  const set = () => {
    off()
    const at = next()
    if (at === null) return
    const wait = Math.min(Math.max(at - clock.now(), 0), LONGEST_SLEEP)
    timer = clock.setTimeout(() => {
      const due = next()
      if (due !== null && due <= clock.now()) ring()
      else set()
    }, wait)
  }
  return { set, off }
}
