import { AuthError, isAuthError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import type { MaybePromise } from '../../core/types.ts'
import type { Fault, HookContext } from './types.ts'

/** What may be shown of an error. The text of a foreign one may hold anything: an address, a page, a password. */
export const faultOf = (error: unknown): Fault =>
  isAuthError(error)
    ? { code: error.code, message: error.message }
    : { code: 'failed', message: `A hook of the app failed (${error instanceof Error ? error.name : typeof error}).` }

/** Calls a hook of the app. It has `ms`, and ends with `life`. */
export function callHook<T>(
  clock: Clock,
  life: AbortSignal,
  ms: number,
  hook: (context: HookContext) => MaybePromise<T>,
): Promise<T> {
  const limit = new AbortController()
  let leave = (): void => {}
  return new Promise<T>((resolve, reject) => {
    const give = (error: unknown) => () => {
      limit.abort(error)
      reject(error)
    }
    const stop = give(new AuthError('disposed', 'The keeper was stopped.'))
    if (life.aborted) return stop()
    const timer = clock.setTimeout(give(new AuthError('unavailable', `A hook took longer than ${ms} ms.`)), ms)
    life.addEventListener('abort', stop)
    leave = () => {
      clock.clearTimeout(timer)
      life.removeEventListener('abort', stop)
    }
    const run = async () => hook({ signal: limit.signal })
    run().then(resolve, reject)
  }).finally(() => leave())
}
