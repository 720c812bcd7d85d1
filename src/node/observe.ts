import type { MaybePromise } from '../core/types.ts'
import type { HostStorage } from './host-storage.ts'

export interface Observed {
  /** The same storage, seen through. */
  readonly storage: HostStorage
  /** Nothing is read, written or locked. */
  readonly idle: () => boolean
}

/** Knows whether a storage that answers by promise is still at something that it was asked for. */
export function observe(storage: HostStorage): Observed {
  const { renewalEnded, hint, domain, lease, lifetime } = storage
  let under = 0
  const count = <T>(run: () => MaybePromise<T>): MaybePromise<T> => {
    const done = run()
    if (!(done instanceof Object && 'then' in done)) return done
    under++
    return Promise.resolve(done).finally(() => {
      under--
    })
  }
  return {
    idle: () => under === 0,
    storage: {
      key: storage.key,
      backend: storage.backend,
      ...(domain !== undefined && { domain }),
      ...(lease && { lease }),
      ...(lifetime !== undefined && { lifetime }),
      ...(hint && { hint: () => hint.call(storage) }),
      lock: (name, signal, task) => Promise.resolve(count(() => storage.lock(name, signal, task))),
      watch: (changed) => storage.watch(changed),
      read: () => count(() => storage.read()),
      write: (session, context) => count(() => storage.write(session, context)),
      noteRenewal: (tokens) => count(() => storage.noteRenewal(tokens)),
      ...(renewalEnded && { renewalEnded: (tokens) => count(() => renewalEnded.call(storage, tokens)) }),
      renewing: () => count(() => storage.renewing()),
      retryWrite: () => count(() => storage.retryWrite()),
    },
  }
}
