import { AuthError } from './errors.ts'
import type { Ports } from './ports.ts'
import { fromStored, type Session, toRecord } from './session.ts'
import type { AuthStorage, MaybePromise } from './types.ts'

/**
 * The session in memory, and its way to storage and back. Memory is what requests see; storage is what the tabs share.
 */
export interface Vault {
  session: Session | null
  /**
   * Counts the identities this engine has had: each sign-in, sign-out and change of session adds one, at once. Whatever
   * comes back from an `await` with an older epoch is too late.
   */
  epoch: number
  /** False while storage does not hold the session in memory because a write failed. */
  persisted: boolean
  /** null: storage is empty. undefined: it could not be read, which says nothing about the session. */
  read(): MaybePromise<Session | null | undefined>
  save(): MaybePromise<void>
  clear(): MaybePromise<void>
}

/** Runs `run` and goes on with its value, at once if it is there at once, or with its error. */
export function settle<T, R>(
  run: () => MaybePromise<T>,
  done: (value: T) => MaybePromise<R>,
  fail: (error: unknown) => MaybePromise<R>,
): MaybePromise<R> {
  let value: MaybePromise<T>
  try {
    value = run()
  } catch (error) {
    return fail(error)
  }
  return isThenable(value) ? Promise.resolve(value).then(done, fail) : done(value)
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null)?.then === 'function'

export function createVault(storage: AuthStorage, ports: Ports, failed: (error: AuthError) => void): Vault {
  let tail: Promise<unknown> | null = null

  /** One operation at a time, in order; at once when none is under way, so that a synchronous storage stays so. */
  const inTurn = <T>(run: () => MaybePromise<T>): MaybePromise<T> => {
    const result = tail ? tail.then(run) : run()
    if (result instanceof Promise) {
      const mine = result.then(() => {
        if (tail === mine) tail = null
      })
      tail = mine
    }
    return result
  }

  const report = (doing: string) => (cause: unknown) => {
    if (doing === 'write') vault.persisted = false
    failed(
      cause instanceof AuthError
        ? cause
        : new AuthError('storage_failed', `The storage failed to ${doing}.`, { cause }),
    )
    return undefined
  }

  const vault: Vault = {
    session: null,
    epoch: 0,
    persisted: true,
    read: () =>
      inTurn(() =>
        settle(
          () => storage.read(),
          (stored) => {
            if (!stored) return null
            const mine = vault.session
            const facts = stored.accessToken ? ports.readToken(stored.accessToken) : null
            // Without a record, tokens of the same subject are taken for the session that is known.
            const same = mine && (!facts?.subject || !mine.subject || facts.subject === mine.subject)
            return fromStored(stored, facts, ports.clock.now(), {
              id: same ? mine.id : ports.newId(),
              skew: mine?.skew ?? 0,
            })
          },
          report('read'),
        ),
      ),
    save: () =>
      inTurn(() => {
        const session = vault.session
        if (!session) return
        const { accessToken, refreshToken } = session
        return settle(
          () =>
            storage.write(
              { accessToken, refreshToken, record: toRecord(session) },
              { secure: !!ports.page?.href().startsWith('https:'), now: ports.clock.now() },
            ),
          () => {
            vault.persisted = true
          },
          report('write'),
        )
      }),
    clear: () =>
      inTurn(() =>
        settle(
          () => storage.clear(),
          () => {
            vault.persisted = true
          },
          report('clear'),
        ),
      ),
  }
  return vault
}
