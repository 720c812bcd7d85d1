import type { Clock } from './ports.ts'

type Signal = AbortSignal | null | undefined

/** Resolves after `ms`; rejects at once, with the signal's reason, when a signal aborts. */
export function sleep(clock: Clock, ms: number, ...signals: Signal[]): Promise<void> {
  return within(clock, new Promise<void>(() => {}), ms, () => {}, ...signals)
}

/**
 * Settles as `promise` does; after `ms` as `late` does; and when a signal aborts by rejecting with its reason. No `ms`:
 * no time limit. Leaves no timer and no listener behind.
 */
export function within<T>(
  clock: Clock,
  promise: Promise<T>,
  ms: number | undefined,
  late: () => T,
  ...signals: Signal[]
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const tidy = () => {
      clock.clearTimeout(timer)
      for (const signal of signals) signal?.removeEventListener('abort', abort)
    }
    const abort = () => {
      tidy()
      reject(signals.find((signal) => signal?.aborted)?.reason)
    }
    const timer = ms
      ? clock.setTimeout(() => {
          tidy()
          // A promise of it, so that what `late` throws becomes a rejection.
          resolve(Promise.resolve().then(late))
        }, ms)
      : undefined
    for (const signal of signals) signal?.addEventListener('abort', abort)
    if (signals.some((signal) => signal?.aborted)) abort()
    promise.finally(tidy).then(resolve, reject)
  })
}
