import { AuthError, isAuthError } from './errors.ts'
import { sleep, within } from './limits.ts'
import type { Ports } from './ports.ts'
import { fromStored, type Session, sameTokens } from './session.ts'
import type { AuthStorage, MaybePromise, StoredSession } from './types.ts'

/** How often a vanished session is looked at again, and a torn one, whose writer may be slow. */
const LOOKS = 2
const TORN_LOOKS = 4
/** How long after (ms). The pause doubles each time. */
const LOOK_PAUSE = 50

/** The way to storage and back. Memory is what requests see; storage is what the tabs share. */
export interface Vault {
  /** False while storage does not hold the session in memory because a write failed. */
  persisted: boolean
  /** Makes storage hold what memory holds. Begins at once; asked again meanwhile, it writes again. Never rejects. */
  persist(): Promise<void>
  /** The first read, at once where storage answers at once. null: nothing there, or unreadable. */
  open(): MaybePromise<Session | null>
  /**
   * Reads storage again, and once more when something happens meanwhile. undefined: unreadable; it says nothing then.
   * @param expected emptiness has been announced, and needs no second look
   */
  read(expected: boolean): Promise<Session | null | undefined>
}

const isThenable = <T>(value: MaybePromise<T>): value is Promise<T> => value instanceof Object && 'then' in value

export function createVault(
  storage: AuthStorage,
  ports: Ports,
  timeout: number,
  life: AbortSignal,
  session: () => Session | null,
  failed: (error: AuthError) => void,
): Vault {
  const { clock, page } = ports
  let writing: Promise<void> | undefined
  /** Told by a flag of its own: a storage that throws at once ends a write before its promise is there to be kept. */
  let busy = false
  let again = false
  let asked = 0

  const report = (cause: unknown) =>
    failed(isAuthError(cause) ? cause : new AuthError('storage_failed', 'The storage failed.', { cause }))

  /** What a storage answers by promise must come in time. */
  const inTime = <T>(value: MaybePromise<T>): MaybePromise<T> => {
    const late = () => {
      throw new AuthError('storage_failed', `The storage did not answer within ${timeout} ms.`)
    }
    return isThenable(value) ? within(clock, value, timeout, late, life) : value
  }

  const toSession = (stored: StoredSession | null): Session | null => {
    if (!stored) return null
    const mine = session()
    const facts = stored.accessToken ? ports.readToken(stored.accessToken) : null
    // Without a record, tokens of the same subject are taken for the session that is known. Tokens that do not tell whose
    // they are must be known themselves.
    const same = mine && (facts?.subject ? !mine.subject || facts.subject === mine.subject : sameTokens(stored, mine))
    return fromStored(stored, facts, clock.now(), { id: same ? mine.id : ports.newId(), skew: mine?.skew ?? 0 })
  }

  const write = async () => {
    do {
      again = false
      const written = session()
      try {
        if (written) {
          const { accessToken, refreshToken, subject, ...rest } = written
          const record = { ...rest, claims: rest.user ? null : rest.claims }
          const secure = !!page?.href().startsWith('https:')
          await inTime(storage.write({ accessToken, refreshToken, record }, { secure, now: clock.now() }))
        } else await inTime(storage.clear())
        vault.persisted = true
      } catch (error) {
        vault.persisted = false
        report(error)
      }
    } while (again && !life.aborted)
    busy = false
  }

  const vault: Vault = {
    persisted: true,
    persist() {
      asked++
      again = true
      if (!busy && !life.aborted) {
        busy = true
        writing = write()
      }
      return writing as Promise<void>
    },
    open() {
      const unreadable = (error: unknown) => {
        report(error)
        return null
      }
      try {
        const stored = inTime(storage.read())
        return isThenable(stored) ? stored.then(toSession).catch(unreadable) : toSession(stored)
      } catch (error) {
        return unreadable(error)
      }
    },
    async read(expected) {
      for (let looks = 0; ; ) {
        await writing
        const mine = session()
        const before = asked
        const began = clock.now()
        if (life.aborted) return
        let stored: StoredSession | null
        try {
          stored = await inTime(storage.read())
        } catch (error) {
          report(error)
          return
        }
        // Whatever changed while reading may be newer than what was read, or older. What took longer than it may was read
        // before the browser stood still.
        if (session() !== mine || asked !== before || clock.now() - began > timeout) continue
        if (life.aborted) return
        // Cookies are written one by one, and other tabs may wake after each. What looks half written, or is not there
        // without a word, is looked at again. (WebKit may show a tab the cookies of before for some ms.)
        const { accessToken, refreshToken, record } = stored ?? {}
        const known = accessToken === mine?.accessToken && refreshToken === mine?.refreshToken
        const enough = stored ? record || known || looks >= TORN_LOOKS : expected || looks >= LOOKS
        if (enough) return toSession(stored)
        await sleep(clock, LOOK_PAUSE * 2 ** looks++, life).catch(() => {})
      }
    },
  }
  return vault
}
