import type { Clock, Timer } from './ports.ts'

/**
 * The longest sleep in ms. A timer over 2^31−1 ms fires at once, and one that runs through a laptop's sleep fires late;
 * so sleeps are short and each waking looks at the wall clock again.
 */
const LONGEST_SLEEP = 60_000

/**
 * One timer. `next` gives the time to ring at, and is asked again at each waking; null: never. Returns the function
 * that sets the alarm anew, to be called whenever what `next` depends on has changed.
 */
export function createAlarm(clock: Clock, next: () => number | null, ring: () => void): () => void {
  let timer: Timer
  const set = () => {
    clock.clearTimeout(timer)
    const at = next()
    if (at === null) return
    const wake = () => (at <= clock.now() ? ring() : set())
    timer = clock.setTimeout(wake, Math.min(Math.max(at - clock.now(), 0), LONGEST_SLEEP))
  }
  return set
}
