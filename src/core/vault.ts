import { AuthError, isAuthError } from './errors.ts'
import type { Life } from './life.ts'
import { type Mirror, mirror } from './mirror.ts'
import { comesBack, storable } from './plain.ts'
import type { Ports } from './ports.ts'
import { type Ending, type Found, isSignOut, outranks } from './reconcile.ts'
import type { Session } from './session.ts'
import { type Reading, readStored } from './stored.ts'
import type { AuthStorage, MaybePromise, SessionKind, StoredSession, WriteContext } from './types.ts'

/** The way to storage and back. Memory is what requests see; storage is what the tabs share. */
export interface Vault {
  /** The storage answers by promise. */
  readonly slow: () => boolean
  /** Its first answer is still to come. */
  readonly opening: () => boolean
  /** What the last write of such a storage has written over. */
  readonly replaced: () => Found
  /** What storage holds. undefined: it cannot be read, and says nothing. `mine`: what the tab knows beside. */
  read(mine: Session | null): Found | undefined
  /**
   * Makes storage hold this, read again in the same task. `late`: it holds something later, and was left alone. `foreign`:
   * another back end's session is there, and was left alone; a sign-in writes over it. `begun`: the last order when the
   * sign-in that this is began; a storage that answers by promise takes it only if nobody has signed out since.
   */
  save(what: Session | Ending, begun?: number, quietly?: boolean): 'saved' | 'failed' | 'late' | 'foreign'
  /**
   * Waits until a storage that answers by promise has taken what it was given and was read anew. Resolves with whether
   * that worked. undefined: it answers at once.
   */
  settle(): Promise<boolean> | undefined
  /** The same for what it was given alone. */
  written(): Promise<boolean> | undefined
}

const isThenable = <T>(value: MaybePromise<T>): value is Promise<T> => value instanceof Object && 'then' in value

export interface VaultSetup {
  readonly storage: AuthStorage
  readonly ports: Ports
  readonly kind: SessionKind
  /** The names of the back end: the present one, then those before it. */
  readonly names: () => readonly string[]
  readonly timeout: number
  readonly life: Life
  readonly failed: (error: AuthError) => void
  readonly warn: (error: AuthError) => void
}

export function createVault({ storage, ports, kind, names, timeout, life, failed, warn }: VaultSetup): Vault {
  const { clock, page, readToken } = ports
  const late = () => {
    throw new AuthError('storage_failed', `The storage did not answer within ${timeout} ms.`)
  }
  const report = (cause: unknown) =>
    failed(isAuthError(cause) ? cause : new AuthError('storage_failed', 'The storage failed.', { cause }))
  const guard = <T>(run: () => T, quietly = false): T | undefined => {
    try {
      return run()
    } catch (cause) {
      if (!quietly) report(cause)
      return undefined
    }
  }

  const interpret = (stored: StoredSession | null, mine?: Session | null): Found => {
    const { skew = 0, subject = null } = mine ?? {}
    const reading: Reading = { names: names(), kind, now: clock.now(), skew, subject, readToken }
    return readStored(stored, reading)
  }

  let last: StoredSession | null = null
  let slow: Mirror | undefined
  const slowly = (first?: Promise<StoredSession | null>) => {
    slow ??= mirror(storage, first ?? Promise.resolve(last), { ports, timeout, life, late })
    return slow
  }
  const readShelf = (): StoredSession | null => {
    if (slow) return slow.read()
    const found = storage.read()
    if (isThenable(found)) return slowly(found).read()
    last = found
    return found
  }
  const writeShelf = (session: StoredSession, context: WriteContext, begun: number): void => {
    const unless = (there: StoredSession | null) => {
      const [found, mine] = [interpret(there), interpret(session)]
      if (found === 'foreign') return begun === Infinity
      return isSignOut(found, begun) || (!!found && !!mine && mine !== 'foreign' && outranks(found, mine))
    }
    const done = slow ? slow.write(session, context, unless) : storage.write(session, context)
    if (isThenable(done)) slowly().wrote(session, done)
  }
  guard(readShelf)

  const toStored = (what: Session | Ending): StoredSession => {
    const backend = names()[0] ?? null
    if ('reason' in what) {
      const { id, order, version, reason, pending } = what
      const record = {
        id,
        order,
        version,
        backend,
        over: reason,
        ...(pending && { pending }),
        receivedAt: clock.now(),
        expiresAt: null,
        skew: 0,
        user: null,
      }
      return { accessToken: null, refreshToken: null, record }
    }
    const { accessToken, refreshToken, claims, usable, renewable, ...rest } = what
    return { accessToken, refreshToken, record: { ...rest, user: storable(rest.user) ? rest.user : null, backend } }
  }

  const done = (promise: Promise<void>): Promise<boolean> =>
    promise.then(
      () => true,
      (error) => {
        if (!life.over()) report(error)
        return false
      },
    )

  let warned = false
  const meet = (overwritten = false) => {
    if (warned && !overwritten) return
    warned = true
    const message = `Another app's session ${overwritten ? 'was' : 'is'} in this storage${overwritten ? ', and the sign-in wrote over it' : ', and is left alone'}. Give each app a name of its own, for instance cookieStorage({ prefix: 'shop-' }).`
    // Not before the app can listen.
    void Promise.resolve().then(() => warn(new AuthError('misconfigured', message)))
  }

  /** What no storage can keep is said once: it is lost at a reload. */
  let told = false
  const judge = (user: unknown) => {
    if (told || comesBack(user)) return
    told = true
    warn(
      new AuthError(
        'misconfigured',
        'The user is not what JSON can carry: a Date comes back as text, a BigInt, a cycle or a function not at all. Make it plain with toUser.',
      ),
    )
  }

  return {
    slow: () => !!slow,
    opening: () => !!slow && !slow.opened(),
    replaced: () => interpret(slow?.replaced() ?? null),
    read: (mine) =>
      guard(() => {
        const found = interpret(readShelf(), mine)
        if (found === 'foreign') meet()
        return found
      }),
    save(what, begun = Infinity, quietly) {
      const over = begun < Infinity
      const found = guard(() => interpret(readShelf()))
      if (found === 'foreign') {
        meet(over)
        if (!over) return 'foreign'
      } else if (found && outranks(found, what)) return 'late'
      if (!('reason' in what)) judge(what.user)
      const secure = !!page?.href().startsWith('https:')
      const context = { secure, now: clock.now(), warn }
      const done = guard(() => {
        writeShelf(toStored(what), context, begun)
        return true
      }, quietly)
      return done ? 'saved' : 'failed'
    },
    settle: () => slow && done(slow.settle()),
    written: () => slow && done(slow.written()),
  }
}
