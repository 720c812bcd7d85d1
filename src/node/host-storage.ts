import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { AuthError } from '../core/errors.ts'
import type { Lock } from '../core/ports.ts'
import { outranks, type Ranked } from '../core/reconcile.ts'
import type { AuthStorage, MaybePromise, SessionRecord, SessionTokens, StoredSession } from '../core/types.ts'

/** Written before a call leaves that may rotate the refresh token, and gone when its result is saved. */
export interface RenewalNote {
  /** In ms since 1970, device clock. */
  readonly at: number
  /** The process that asked. */
  readonly pid: number
  readonly host: string
  /** Of that process alone: two containers may share a hostname, and each have a process 1. Absent: of an earlier release. */
  readonly id?: string
  /** The call has come to its end without an answer: the token may be spent all the same, but nobody need wait for it. */
  readonly ended?: true
}

/** What a process asks of a storage, beside what a page does. {@link sealedFile} and {@link postgresStorage} are such. */
export interface HostStorage extends AuthStorage {
  readonly key: string
  /** Names the back end that the session is sealed for. */
  readonly backend: string
  /** One process at a time, on all hosts that share the storage. */
  readonly lock: Lock
  /** Calls `changed` when another process may have written. Returns the way back. */
  watch(changed: () => void): () => void
  /**
   * Notes that a renewal with these tokens is about to be asked for. It is the write test, too: what cannot be noted is not
   * asked for. Resolves with the note that was there before, of a renewal whose result was never saved.
   * @throws AuthError `storage_failed` if it cannot be written; `session_changed` if other tokens are stored by now.
   */
  noteRenewal(tokens: SessionTokens): MaybePromise<RenewalNote | null>
  /**
   * Notes that the renewal that this process has noted came to its end, and that there is nothing to save. Only where a holder
   * that lives may lose the lock, as with its connection: there the young note of another process is waited for.
   * @param tokens the very object that `noteRenewal` was given: it tells which renewal it was
   */
  renewalEnded?(tokens: SessionTokens): MaybePromise<void>
  /** The note that stands: the stored refresh token may be spent. null: none. */
  renewing(): MaybePromise<RenewalNote | null>
  /** Writes once more what could not be written, if there is such. Throws (or rejects) if it still cannot be. */
  retryWrite(): MaybePromise<void>
}

/** What is sealed: the session, and the note beside it. */
export interface SealedSession {
  readonly session: StoredSession | null
  readonly renewing: RenewalNote | null
}

const NOBODY: SealedSession = Object.freeze({ session: null, renewing: null })
export const nobody = (): SealedSession => NOBODY

/** Whether `stored` is later than `mine`, as the engine judges: where it ends another session, too. */
export function isLater(stored: StoredSession | null, mine: StoredSession | null): boolean {
  const [theirs, own] = [stored?.record, mine?.record]
  return !!theirs && !!own && outranks(inRank(theirs), inRank(own))
}

const inRank = ({ id, order = 0, version = 0, over, pending }: SessionRecord): Ranked =>
  over ? { id, order, version, reason: over, pending } : { id, order, version }

/**
 * The note goes when what was renewed, though its refresh token may be the same, or other people's tokens are saved; a new user
 * beside the same tokens leaves it.
 */
export function withSession({ session: before, renewing }: SealedSession, session: StoredSession): SealedSession {
  const same = sameCredentials(before, session) && before?.accessToken === session.accessToken
  return { session, renewing: same && !isLater(session, before) ? renewing : null }
}

/** Whether a renewal with `tokens` would renew what is stored. */
export const sameCredentials = (stored: StoredSession | null, tokens: SessionTokens): boolean =>
  !!stored &&
  (stored.refreshToken !== null || tokens.refreshToken !== null
    ? stored.refreshToken === tokens.refreshToken
    : stored.accessToken === tokens.accessToken)

const ID = randomUUID()

export const isOurs = ({ pid, host, id }: RenewalNote): boolean =>
  id === undefined ? pid === process.pid && host === hostname() : id === ID

export const newNote = (): RenewalNote => ({ at: Date.now(), pid: process.pid, host: hostname(), id: ID })

/** @param where names the thing: `The file /var/lib/app/session` */
export const overtaken = (where: string): AuthError =>
  new AuthError('session_changed', `${where} has been changed by another process meanwhile.`)
