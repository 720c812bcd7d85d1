/** Reads what a storage hands out. Nothing in it is believed: whatever is not of the right type and range is absent. */
import type { TokenFacts } from './ports.ts'
import type { Found } from './reconcile.ts'
import { readRecord } from './record.ts'
import { otherPerson, powers } from './session.ts'
import type { SessionKind, StoredSession } from './types.ts'

/** A token as it may stand in a header: visible ASCII (RFC 6750 section 2.1). */
export const isToken = (value: unknown): value is string => typeof value === 'string' && /^[!-~]+$/.test(value)

export interface Reading {
  /** The names of this back end; empty: it has none, and nothing is foreign. */
  readonly names: readonly string[]
  readonly kind: SessionKind
  readonly now: number
  /** What to assume where there is no record. */
  readonly skew: number
  readonly subject: string | null
  readonly readToken: (token: string) => TokenFacts
}

export function readStored(stored: StoredSession | null | undefined, reading: Reading): Found {
  if (!(stored instanceof Object)) return null
  const { names, kind, now, skew, readToken } = reading
  const there = readRecord(stored.record)
  if (there?.backend && names.length && !names.includes(there.backend)) return 'foreign'
  const accessToken = isToken(stored.accessToken) ? stored.accessToken : null
  const beside = typeof stored.refreshToken === 'string' && stored.refreshToken ? stored.refreshToken : null
  // In other kinds of session it is not this app that has written one.
  const refreshToken = kind.refresh === 'token' ? beside : null
  const some = !!(accessToken || beside)
  if (there?.over) {
    const { id, order = 0, version = 0, over, pending } = there
    return { id, order, version, reason: over, pending, torn: some }
  }
  if (!some && !there) return null
  const facts = accessToken ? readToken(accessToken) : null
  const fits = !!there && stored.fits !== false
  // A token tells itself whose it is: what a sign-in has left half written is not the session of the record.
  const record = !fits && otherPerson(there?.subject, facts?.subject) ? null : there
  const { id = '', order = 0, version = 0 } = record ?? {}
  const known = record?.subject ?? (fits ? facts?.subject : reading.subject) ?? null
  // What no record tells may be anybody's. Where that is possible it is renewed first, unless the token tells whose it is.
  const alone = !beside && kind.refresh !== 'cookie'
  const end = facts?.expiresAt ? facts.expiresAt * 1000 - (record?.skew ?? skew) : null
  // Nothing tells how wrong the clock is. Of a token that cannot be renewed the server says when it is over.
  const expiresAt = alone && !record && (end ?? 0) <= now ? null : end
  const proven = fits || (!!facts?.subject && facts.subject === known)
  const believed = fits || alone || (proven && (expiresAt ?? 0) > now)
  const tokens = { accessToken: believed ? accessToken : null, refreshToken }
  return {
    id,
    order,
    version,
    ...tokens,
    receivedAt: fits ? there.receivedAt : now,
    expiresAt: fits ? there.expiresAt : expiresAt,
    skew: record?.skew ?? skew,
    subject: (!fits && believed && facts?.subject) || known,
    // Nobody knows whose a token is that takes the place of the record's: the server tells.
    user: (proven && record?.user) || null,
    claims: (believed && facts?.claims) || null,
    ...powers(tokens, kind),
    torn: !fits,
  }
}
