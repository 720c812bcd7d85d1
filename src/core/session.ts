/** Pure functions over a session in memory. They are told the time; they never look at a clock. */
import type { TokenFacts } from './ports.ts'
import type { SessionKind, SessionTokens, TokenAnswer } from './types.ts'

/** A session as the engine holds it. */
export interface Session extends SessionTokens {
  /** One sign-in. Empty while nothing has told: storage has lost its record. */
  readonly id: string
  /** Which sign-in is the later one; 0 while nothing has told. */
  readonly order: number
  /** How often it was renewed; whoever has the greater number has the newer tokens. 0 while nothing has told. */
  readonly version: number
  readonly receivedAt: number
  readonly expiresAt: number | null
  readonly skew: number
  /** Whose it is: the `sub` of its access token, or the id of the user that an answer told; null if neither tells. */
  readonly subject: string | null
  readonly user: unknown
  /** What the access token says of the user. Not stored: the token is. */
  readonly claims: unknown
  /** There is something to send requests with: an access token, or a cookie that scripts do not see. */
  readonly usable: boolean
  /** There is something to renew it with. */
  readonly renewable: boolean
}

export const BOTH_VISIBLE: SessionKind = { access: 'token', refresh: 'token' }

const MINUTE = 60_000

/** How long (ms) before the end of a life of that length (ms) a session should be renewed. */
export type Lead = (life: number) => number

/** `margin`: what the app wants (ms). `renewAfter`: after which share of its life the back end wants it. */
export const leadOf =
  (margin?: number, renewAfter?: number): Lead =>
  (life) =>
    renewAfter && margin === undefined ? life * (1 - renewAfter) : Math.min(margin ?? 5 * MINUTE, life / 3)

/** What tokens make of a session, by what scripts see of its kind. */
export const powers = (
  { accessToken, refreshToken }: SessionTokens,
  { access, refresh }: SessionKind,
): Pick<Session, 'usable' | 'renewable'> => {
  const usable = access === 'cookie' || !!accessToken
  const renewable = { token: !!refreshToken, cookie: true, access: usable, none: false }[refresh]
  return { usable, renewable }
}

/** A cookie that scripts do not see may hold the session. */
export const isHidden = ({ access, refresh }: SessionKind): boolean => access === 'cookie' || refresh === 'cookie'

/** Whose an answer is by the user that it tells, where it has no token that does. */
export const idOf = (user: unknown): string | null => {
  const { id, sub, _id } = (user ?? {}) as Record<string, unknown>
  const known = id ?? sub ?? _id
  return typeof known === 'string' || typeof known === 'number' ? `${known}` : null
}

export const NO_TOKENS: SessionTokens = { accessToken: null, refreshToken: null }

/** Whether the server can be asked for a session of which a page knows nothing: its cookie goes along. */
export const isAskable = (kind: SessionKind): boolean => powers(NO_TOKENS, kind).renewable

/**
 * Stands for a session that may be there, in a cookie that scripts do not see: nobody is signed in before the server says
 * so. Its version is 0, no other session's is. It is never stored.
 */
export const unconfirmed = (id: string, kind: SessionKind, now: number): Session => ({
  id,
  order: 0,
  version: 0,
  ...NO_TOKENS,
  receivedAt: now,
  expiresAt: null,
  skew: 0,
  subject: null,
  user: null,
  claims: null,
  ...powers(NO_TOKENS, kind),
  usable: false,
})

/**
 * Reads a token answer that arrived at `now`. The life of a token is measured from its arrival, so that a wrong device
 * clock does not matter: `expires_in` first, else `exp` − `iat`. A token that seems to arrive expired gets no expiry at
 * all: it is then renewed only after a 401, which cannot become a storm.
 * @param previous the session that is renewed, or the id and order of a new one
 */
export function fromAnswer(
  answer: TokenAnswer,
  { issuedAt, expiresAt, subject, claims }: TokenFacts,
  kind: SessionKind,
  now: number,
  previous: Partial<Session> & Pick<Session, 'id' | 'order'>,
): Session {
  const end = answer.expiresAt ?? expiresAt
  const life = answer.expiresIn ?? (end && issuedAt && end - issuedAt)
  const began = issuedAt ?? (end && life && end - life)
  const skew = began ? began * 1000 - now : (previous.skew ?? 0)
  const ends = life ? now + life * 1000 : (end ?? 0) * 1000 - skew
  const tokens = {
    accessToken: answer.accessToken ?? null,
    // Of another kind of session it would only lie there.
    refreshToken: (kind.refresh === 'token' && (answer.refreshToken || previous.refreshToken)) || null,
  }
  // What was known of one person says nothing about another.
  const told = subject ?? idOf(answer.user)
  const same = !otherPerson(previous.subject, told)
  return {
    id: previous.id,
    order: previous.order,
    version: (previous.version ?? 0) + 1,
    ...tokens,
    receivedAt: now,
    expiresAt: ends > now ? ends : null,
    skew,
    subject: told ?? previous.subject ?? null,
    user: answer.user ?? (same ? previous.user : null) ?? null,
    claims: claims ?? (same ? previous.claims : null) ?? null,
    ...powers(tokens, kind),
  }
}

/** Whether these are the very same tokens. */
export const sameTokens = (one: SessionTokens, other: SessionTokens): boolean =>
  one.accessToken === other.accessToken && one.refreshToken === other.refreshToken

/** Whether two subjects are known, and not the same. */
export const otherPerson = (one: string | null | undefined, other: string | null | undefined): boolean =>
  !!one && !!other && one !== other

/** Whether the session has run out, or has no access token. An unknown expiry never runs out. */
export const isExpired = (session: Session | null, now: number): boolean =>
  !session?.usable || (session.expiresAt !== null && now >= session.expiresAt)

/**
 * When the session should be renewed of itself; null for never. `jitter` from 0 to 1 adds up to a tenth to the
 * lead, so that a fleet of clients does not refresh at the same instant.
 */
export function dueAt(session: Session, lead: Lead, jitter: number, now: number): number | null {
  if (!session.renewable) return session.expiresAt
  if (!session.usable) return now
  if (session.expiresAt === null) return null
  // Received in the future: the device clock was moved back, and the expiry means nothing any more.
  if (now < session.receivedAt - MINUTE) return now
  const before = lead(session.expiresAt - session.receivedAt) * (1 + jitter / 10)
  return Math.max(Math.ceil(session.expiresAt - before), session.receivedAt + 1000)
}

/** How long to wait after the `count`th failure in a row, in whole ms: from half a second doubling to 5 minutes, jittered. */
export const backoff = (count: number, random: number): number =>
  Math.ceil(Math.min(500 * 2 ** (count - 1), 5 * MINUTE) * (0.5 + random / 2))
