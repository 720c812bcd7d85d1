import type { Lifetimes, Session, UserId } from '../contract/session.ts'

/** What a retried creation is known by. */
export interface Once {
  /** SHA-256 of the `Idempotency-Key`. */
  readonly key: string
  /** SHA-256 of what was asked for: the same key for something else is refused. */
  readonly fingerprint: string
  /** The signing key of the first answer, so that a retry gets the same id. */
  readonly kid: string
  /** Until when (seconds since 1970) it is remembered. */
  readonly until: number
}

export type Created =
  | { readonly outcome: 'created' }
  /** Made before with this key, and still live. */
  | { readonly outcome: 'repeated'; readonly session: Session; readonly kid: string }
  /** Made before with this key, and ended since. */
  | { readonly outcome: 'ended' }
  /** The key was used for something else. */
  | { readonly outcome: 'reused' }

/**
 * Where sessions are kept. Each operation is one atomic step in one round trip: two of them at once have the effect of one after the
 * other, in whatever process. `now` is the service's clock, in seconds; a store never looks at its own, except to throw away what has
 * expired. An operation that cannot be done now rejects with `store_unavailable`; it may have happened or not.
 */
export interface SessionStore {
  /** What logs call it. */
  readonly name: string
  create(session: Session, now: number, once: Once | null): Promise<Created>
  find(handle: string, now: number): Promise<Session | null>
  /** Moves the end of a live session to `now + ttl`, never past `endsAt`, never back. Answers its end, or null if it is not live. */
  extend(handle: string, now: number, lifetimes: Lifetimes): Promise<number | null>
  /** Gives a live session another handle; the old one is dead at once. All else stays. */
  rotate(handle: string, next: string, now: number): Promise<Session | null>
  /** Ends one session. False if it was not live. */
  end(handle: string, now: number): Promise<boolean>
  /**
   * Ends all sessions of a user: those that were there when it was called, under whatever handle, are dead when it resolves. How many were
   * live. Many of them are ended in batches, so that nobody else has to wait; if it rejects, some may be dead, and the next call ends the rest.
   */
  endUser(userId: UserId, now: number): Promise<number>
  /** Live sessions of a user, the one that lives longest first. */
  list(userId: UserId, now: number, limit: number): Promise<readonly Session[]>
  count(userId: UserId, now: number): Promise<number>
  /** Throws away up to `limit` things that have expired, and says how many those were. */
  removeExpired(now: number, limit: number): Promise<number>
  /** Resolves when the store can be asked. What it resolves with is for the log: dangers of how it is set up. */
  open(): Promise<readonly string[]>
  /** Rejects if the store cannot be asked right now. */
  check(): Promise<void>
  close(): Promise<void>
}

/** The later end that an extension leads to; the present one if it is too early or the session cannot live longer. */
export function extendedEnd(session: Session, now: number, { ttl, extendFrom }: Lifetimes): number {
  if (session.expiresAt - now > ttl - extendFrom) return session.expiresAt
  return Math.max(session.expiresAt, Math.min(now + ttl, session.endsAt))
}
