/** Pure functions over a session in memory. They are told the time; they never look at a clock. */
import type { TokenFacts } from './ports.ts'
import type { SessionRecord, SessionTokens, StoredSession, TokenAnswer } from './types.ts'

/** A session as the engine holds it. `subject`: the `sub` of its access token. */
export interface Session extends SessionTokens, SessionRecord {
  readonly subject: string | null
}

const MINUTE = 60_000

/**
 * Reads a token answer that arrived at `now`. The life of a token is measured from its arrival, so that a wrong device
 * clock does not matter: `expires_in` first, else `exp` − `iat`. A token that seems to arrive expired gets no expiry at
 * all: it is then renewed only after a 401, which cannot become a storm.
 */
export function fromAnswer(
  answer: TokenAnswer,
  { issuedAt, expiresAt, subject, claims }: TokenFacts,
  now: number,
  previous: Partial<Session> & Pick<Session, 'id'>,
): Session {
  const end = answer.expiresAt ?? expiresAt
  const life = answer.expiresIn ?? (end && issuedAt && end - issuedAt)
  const began = issuedAt ?? (end && life && end - life)
  const skew = began ? began * 1000 - now : (previous.skew ?? 0)
  const ends = life ? now + life * 1000 : (end ?? 0) * 1000 - skew
  return {
    id: previous.id,
    accessToken: answer.accessToken,
    refreshToken: answer.refreshToken || previous.refreshToken || null,
    receivedAt: now,
    expiresAt: ends > now ? ends : null,
    skew,
    subject,
    user: answer.user ?? previous.user ?? null,
    claims: claims ?? previous.claims ?? null,
  }
}

/** Reads what storage holds. Without its record, the expiry comes from the token, corrected by a known skew. */
export const fromStored = (
  { accessToken, refreshToken, record }: StoredSession,
  facts: TokenFacts | null,
  now: number,
  { id, skew }: Pick<Session, 'id' | 'skew'>,
): Session => ({
  id,
  receivedAt: now,
  expiresAt: facts?.expiresAt ? facts.expiresAt * 1000 - skew : null,
  skew,
  user: null,
  claims: facts?.claims ?? null,
  ...record,
  accessToken,
  refreshToken,
  subject: facts?.subject ?? null,
})

/** Whether tokens are known to be of one session: by the refresh token; by the access token where there is no other. */
export const sameTokens = (one: SessionTokens, other: SessionTokens): boolean =>
  one.refreshToken ? one.refreshToken === other.refreshToken : one.accessToken === other.accessToken

/** True when there is no access token, or it has run out. An unknown expiry never runs out. */
export const isExpired = (session: Session | null, now: number): boolean =>
  !session?.accessToken || (session.expiresAt !== null && now >= session.expiresAt)

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
