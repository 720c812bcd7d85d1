import type { AccessTokens } from './access-tokens.ts'
import type { MockSessionEnd } from './admin-types.ts'
import type { Visit } from './http.ts'
import type { Ids } from './ids.ts'
import { refreshSession } from './refresh.ts'
import type { Refreshed, RefreshState, TokenMarks } from './refresh-types.ts'
import { counterOf, type EndScope, type SessionRow, type SignInMethod } from './sessions.ts'
import type { Settings } from './settings.ts'
import type { Claims } from './signers.ts'
import { isBanned, type UserRow, type Users } from './users.ts'

/** What both dialects speak about. */
export interface Core extends RefreshState {
  readonly users: Users
  readonly tokens: AccessTokens
  readonly ids: Ids
  readonly settings: Settings
  /** The server's clock, skew included, in ms. */
  readonly now: () => number
}

/** The members that every token answer shares, expiry left out when the server is told to. */
export interface TokenMembers {
  readonly access_token: string
  readonly token_type: 'bearer'
  readonly expires_in?: number
  readonly expires_at?: number
  readonly refresh_token?: string
}

export type SignedIn =
  | { readonly type: 'signed_in'; readonly session: SessionRow; readonly token: string }
  | { readonly type: 'refused'; readonly code: 'invalid_credentials' | 'user_banned' | 'email_not_confirmed' }

/** Issues an access token for a session and writes the answer's members. */
export async function grant(
  core: Core,
  visit: Visit,
  session: SessionRow,
  refreshToken: string | null,
): Promise<TokenMembers> {
  visit.entry.issuedRefreshToken = refreshToken
  const { token, expiresAt } = await core.tokens.issue(claimsOf(session, visit.url.origin))
  return {
    access_token: token,
    token_type: 'bearer',
    ...(core.settings.omitExpiry
      ? {}
      : { expires_in: expiresAt - Math.floor(core.now() / 1000), expires_at: expiresAt }),
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
  }
}

/** Signs in by password and notes it in the log. */
export function signIn(core: Core, visit: Visit, email: string, password: string): SignedIn {
  const refuse = (code: Extract<SignedIn, { type: 'refused' }>['code']): SignedIn => {
    visit.entry.code = code
    return { type: 'refused', code }
  }
  const user = core.users.byEmail(email)
  if (!user || user.password === null) return refuse('invalid_credentials')
  if (isBanned(user, core.now())) return refuse('user_banned')
  if (user.password !== password) return refuse('invalid_credentials')
  if (user.emailConfirmedAt === null) return refuse('email_not_confirmed')
  return { type: 'signed_in', ...openSession(core, visit, user, 'password') }
}

export function openSession(
  core: Core,
  visit: Visit,
  user: UserRow,
  method: SignInMethod,
): { readonly session: SessionRow; readonly token: string } {
  const opened = core.sessions.open(user, method, core.tokenVersion())
  noteSession(visit, opened.session)
  return opened
}

/** Checks and swaps a refresh token in one step, and notes it in the log. */
export function refresh(core: Core, visit: Visit, token: string): Refreshed {
  visit.entry.refreshToken = token
  const result = refreshSession(core, token)
  if (result.session) noteSession(visit, result.session)
  visit.entry.verdict = result.type === 'refused' ? 'refused' : result.verdict
  if (result.type === 'refused') visit.entry.code = result.code
  return result
}

export function noteSession(visit: Visit, session: SessionRow): void {
  visit.entry.sessionId = session.id
  visit.entry.userId = session.user.id
}

/** The session, unless it has ended. */
export function liveSession(core: Core, id: string): SessionRow | null {
  const session = core.sessions.row(id)
  return session?.ended ? null : session
}

export function isEndScope(scope: unknown): scope is EndScope {
  return scope === 'local' || scope === 'global' || scope === 'others'
}

/** Ends sessions of a user. A caller without a session ends them all. */
export function endSessions(
  core: Core,
  user: UserRow,
  session: SessionRow | null,
  scope: EndScope,
  why: MockSessionEnd,
): void {
  for (const other of core.sessions.of(user)) {
    const isIncluded = !session || scope === 'global' || (other === session) === (scope === 'local')
    if (isIncluded) core.sessions.end(other, why)
  }
}

/** The claims of Supabase Auth; `exp` and `iat` come with the issue. */
function claimsOf(session: SessionRow, origin: string): Claims {
  const { user } = session
  return {
    iss: issuerOf(origin),
    sub: user.id,
    aud: 'authenticated',
    email: user.email,
    phone: '',
    app_metadata: user.appMetadata,
    user_metadata: user.userMetadata,
    role: user.role,
    aal: 'aal1',
    amr: [{ method: session.method, timestamp: Math.floor(session.createdAt / 1000) }],
    session_id: session.id,
    is_anonymous: user.isAnonymous,
  }
}

export function issuerOf(origin: string): string {
  return `${origin}/auth/v1`
}

/** What the answer's headers tell about a session that has just begun. */
export function firstMarks(session: SessionRow, token: string): TokenMarks {
  const known = { userId: session.user.id, sessionId: session.id }
  return session.counter ? { ...known, counter: counterOf(session) } : { ...known, prefix: token.slice(0, 5) }
}
