import type { AuthStorage } from 'keyturn'

/** The same storage, answering by promise. */
export const asynchronous = (storage: AuthStorage): AuthStorage => ({
  ...storage,
  read: async () => storage.read(),
  write: async (session, context) => storage.write(session, context),
})

export interface GatedStorage extends AuthStorage {
  /** Names of the operations that wait, in the order in which they began. */
  readonly waiting: readonly string[]
  /** Holds back every operation that begins from now on, or only those of one name. */
  close(only?: 'read' | 'write'): void
  /** Lets the waiting operations, and all later ones, go through. */
  open(): void
}

/** A storage that answers by promise, and only when told to. */
export function gated(storage: AuthStorage): GatedStorage {
  let gate: Promise<void> = Promise.resolve()
  let open = () => {}
  let held: string | undefined
  const waiting: string[] = []
  const pass = async <T>(name: string, run: () => T): Promise<Awaited<T>> => {
    waiting.push(name)
    if (!held || held === name) await gate
    waiting.splice(waiting.indexOf(name), 1)
    return await run()
  }
  return {
    ...storage,
    waiting,
    close(only) {
      held = only
      gate = new Promise((resolve) => {
        open = resolve
      })
    },
    open: () => open(),
    read: () => pass('read', () => storage.read()),
    write: (session, context) => pass('write', () => storage.write(session, context)),
  }
}

/** A storage that throws at once, as cookies do, while `broken` is set. */
export function fragile(storage: AuthStorage) {
  const attempts: string[] = []
  const control = { broken: false, attempts }
  const guard = (what: string, run: () => unknown) => {
    attempts.push(what)
    if (control.broken) throw new Error('The disk is full.')
    return run() as undefined
  }
  return {
    control,
    storage: {
      ...storage,
      write: (session, context) => guard('write', () => storage.write(session, context)),
    } satisfies AuthStorage,
  }
}

/** A promise and its two ways to settle. */
export function deferred<T>(): {
  promise: Promise<T>
  resolve: (value: T | PromiseLike<T>) => void
  reject: (error: unknown) => void
} {
  let resolve: (value: T | PromiseLike<T>) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
