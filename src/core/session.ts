/** Pure functions over a session in memory. They are told the time; they never look at a clock. */
import type { TokenFacts } from './ports.ts'
import type { SessionRecord, SessionTokens, StoredSession, TokenAnswer } from './types.ts'

/** A session as the engine holds it. `subject`: the `sub` of its access token. */
export interface Session extends SessionTokens, SessionRecord {
  readonly subject: string | null
}

const MINUTE = 60_000

export const toRecord = ({ id, receivedAt, expiresAt, skew, user }: Session): SessionRecord => ({
  id,
  receivedAt,
  expiresAt,
  skew,
  user,
})

/**
 * Reads a token answer that arrived at `now`. The life of a token is measured from its arrival, so that a wrong device
 * clock does not matter: `expires_in` first, else `exp` − `iat`. A token that seems to arrive expired gets no expiry at
 * all: it is then renewed only after a 401, which cannot become a storm.
 */
export function fromAnswer(
  answer: TokenAnswer,
  facts: TokenFacts,
  now: number,
  previous: Partial<Session> & { readonly id: string },
  user: unknown,
): Session {
  const end = answer.expiresAt ?? facts.expiresAt
  const life = answer.expiresIn ?? (end !== null && facts.issuedAt !== null ? end - facts.issuedAt : null)
  const issuedAt = facts.issuedAt ?? (end !== null && life !== null ? end - life : null)
  const skew = issuedAt === null ? (previous.skew ?? 0) : issuedAt * 1000 - now
  const expiresAt = life !== null ? now + life * 1000 : end !== null ? end * 1000 - skew : null
  return {
    id: previous.id,
    accessToken: answer.accessToken,
    refreshToken: answer.refreshToken || previous.refreshToken || null,
    receivedAt: now,
    expiresAt: expiresAt !== null && expiresAt > now ? expiresAt : null,
    skew,
    user,
    subject: facts.subject,
  }
}

/** Reads what storage holds. Without its record, the expiry comes from the token, corrected by a known skew. */
export function fromStored(
  stored: StoredSession,
  facts: TokenFacts | null,
  now: number,
  known: { readonly id: string; readonly skew: number },
): Session {
  const end = facts?.expiresAt ?? null
  return {
    id: known.id,
    receivedAt: now,
    expiresAt: end === null ? null : end * 1000 - known.skew,
    skew: known.skew,
    user: null,
    ...stored.record,
    accessToken: stored.accessToken,
    refreshToken: stored.refreshToken,
    subject: facts?.subject ?? null,
  }
}

/** True when there is no access token, or it has run out. An unknown expiry never runs out. */
export const isExpired = (session: Session, now: number): boolean =>
  !session.accessToken || (session.expiresAt !== null && now >= session.expiresAt)

/**
 * When the session should be renewed of itself; null for never. `margin` in ms; `jitter` from 0 to 1 takes up to a tenth
 * of the margin off, so that a fleet of clients does not refresh at the same instant.
 */
export function dueAt(session: Session, margin: number, jitter: number, now: number): number | null {
  if (!session.refreshToken) return session.expiresAt
  if (!session.accessToken) return now
  if (session.expiresAt === null) return null
  // Received in the future: the device clock was moved back, and the expiry means nothing any more.
  if (now < session.receivedAt - MINUTE) return now
  const lead = Math.min(margin, (session.expiresAt - session.receivedAt) / 3)
  return Math.max(session.expiresAt - lead * (1 + jitter / 10), session.receivedAt + 1000)
}

/** How long to wait after the `count`th failure in a row, in ms: doubling from half a second to 5 minutes, jittered. */
export const backoff = (count: number, random: number): number =>
  Math.min(500 * 2 ** (count - 1), 5 * MINUTE) * (0.5 + random / 2)

/** Equality by value, for what JSON can hold. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (!(a instanceof Object && b instanceof Object) || Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  )
}
