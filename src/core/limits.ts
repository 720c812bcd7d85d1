import type { Clock } from './ports.ts'

export const noop = (): void => {}

type Signal = AbortSignal | null | undefined

/** How long (ms) the cookies of other tabs may take to be seen here, where that cannot be asked. */
export const SETTLING = 150

/** A timer that rings more than this late (ms) gets as long as `GRACE` more. */
const LATE = 1_000
const GRACE = 2_000

/**
 * Calls `run` after `ms`. Returns the way to call that off. When the browser stood still meanwhile (a sleeping computer, a
 * suspended process), overdue timers run before the answers that lie waiting, so these get a moment to come in.
 */
export function after(clock: Clock, ms: number, run: () => void): () => void {
  const due = clock.now() + ms
  const ring = () => {
    if (clock.now() - due > LATE) timer = clock.setTimeout(run, GRACE)
    else run()
  }
  let timer = clock.setTimeout(ring, ms)
  return () => clock.clearTimeout(timer)
}

/**
 * Settles as `promise` does; after `ms` as `late()` does, which may throw; and rejects with the reason of a signal when
 * it aborts. Leaves no timer and no listener behind.
 */
export function within<T>(
  clock: Clock,
  promise: Promise<T>,
  ms: number,
  late: () => T,
  ...signals: Signal[]
): Promise<T> {
  let leave = () => {}
  return new Promise<T>((resolve, reject) => {
    promise.then(resolve, reject)
    const abort = () => reject(signals.find((signal) => signal?.aborted)?.reason)
    if (signals.some((signal) => signal?.aborted)) return abort()
    const stop = after(clock, ms, () => resolve((async () => late())()))
    for (const signal of signals) signal?.addEventListener('abort', abort)
    // Not by the option `signal` of addEventListener: Node forgets to honour it (nodejs/node issue 63954).
    leave = () => {
      stop()
      for (const signal of signals) signal?.removeEventListener('abort', abort)
    }
  }).finally(() => leave())
}

/** Resolves after `ms`; rejects at once when a signal aborts. */
export const sleep = (clock: Clock, ms: number, ...signals: Signal[]): Promise<void> =>
  within<void>(clock, new Promise(() => {}), ms, () => {}, ...signals)
