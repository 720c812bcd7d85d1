import type { Clock } from './ports.ts'

type Signal = AbortSignal | null | undefined

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
  const over = new AbortController()
  return new Promise<T>((resolve, reject) => {
    const timer = clock.setTimeout(() => resolve((async () => late())()), ms)
    over.signal.onabort = () => clock.clearTimeout(timer)
    for (const signal of signals) {
      const abort = () => reject(signal?.reason)
      signal?.addEventListener('abort', abort, over)
      if (signal?.aborted) abort()
    }
    promise.then(resolve, reject)
  }).finally(() => over.abort())
}

/** Resolves after `ms`; rejects at once when a signal aborts. */
export const sleep = (clock: Clock, ms: number, ...signals: Signal[]): Promise<void> =>
  within<void>(clock, new Promise(() => {}), ms, () => {}, ...signals)
