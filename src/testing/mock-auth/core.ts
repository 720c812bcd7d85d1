import type { AccessTokens, Claims } from './access-tokens.ts'
import type { Visit } from './http.ts'
import type { EndScope, SessionRow, SignedIn, Store, UserRow } from './store.ts'

/** What both dialects speak about. */
export interface Core {
  readonly store: Store
  readonly tokens: AccessTokens
  /** The server's clock, skew included, in ms. */
  readonly now: () => number
  readonly omitExpiry: boolean
}

/** The members that every token answer shares, expiry left out when the server is told to. */
export interface TokenMembers {
  readonly access_token: string
  readonly token_type: 'bearer'
  readonly expires_in?: number
  readonly expires_at?: number
  readonly refresh_token?: string
}

/** Who a bearer token belongs to, or why it is refused, in the order of checks of Supabase Auth. */
export type Caller =
  | { readonly type: 'ok'; readonly user: UserRow; readonly session: SessionRow | null }
  | { readonly type: 'refused'; readonly status: number; readonly code: string; readonly message: string }

/** Issues an access token for a session and writes the answer's members. */
export async function grant(
  core: Core,
  visit: Visit,
  session: SessionRow,
  refreshToken: string | null,
): Promise<TokenMembers> {
  const { token, expiresAt } = await core.tokens.issue(claimsOf(session, visit.url.origin))
  return {
    access_token: token,
    token_type: 'bearer',
    ...(core.omitExpiry ? {} : { expires_in: expiresAt - Math.floor(core.now() / 1000), expires_at: expiresAt }),
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
  }
}

/** Signs in and notes it in the log. */
export function signIn(core: Core, visit: Visit, email: string, password: string): SignedIn {
  const result = core.store.signIn(email, password)
  if (result.type === 'refused') visit.entry.code = result.code
  else noteSession(visit, result.session)
  return result
}

/** Checks and swaps a refresh token in one step, and notes it in the log. */
export function refresh(core: Core, visit: Visit, token: string): ReturnType<Store['refresh']> {
  visit.entry.refreshToken = token
  const result = core.store.refresh(token)
  if (result.session) noteSession(visit, result.session)
  visit.entry.verdict = result.type === 'refused' ? 'refused' : result.verdict
  if (result.type === 'refused') visit.entry.code = result.code
  return result
}

export function noteSession(visit: Visit, session: SessionRow): void {
  visit.entry.sessionId = session.id
  visit.entry.userId = session.user.id
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const nilUuid = '00000000-0000-0000-0000-000000000000'

/** Checks the bearer token of a request, and notes the caller in the log. */
export async function authenticate(core: Core, visit: Visit): Promise<Caller> {
  const refuse = (status: number, code: string, message: string): Caller => {
    visit.entry.code = code
    return { type: 'refused', status, code, message }
  }
  const bearer = visit.entry.bearer
  if (bearer === null) return refuse(401, 'no_authorization', 'This endpoint requires a valid Bearer token')
  const verified = await core.tokens.verify(bearer)
  if (verified.type === 'refused') {
    return refuse(403, 'bad_jwt', `invalid JWT: unable to parse or verify signature, ${verified.reason}`)
  }
  const { sub, session_id: sessionId = '' } = verified.claims
  if (typeof sub !== 'string' || sub === '') return refuse(403, 'bad_jwt', 'invalid claim: missing sub claim')
  if (!uuid.test(sub)) return refuse(400, 'bad_jwt', 'invalid claim: sub claim must be a UUID')
  const user = core.store.userById(sub)
  if (!user) return refuse(403, 'user_not_found', 'User from sub claim in JWT does not exist')
  visit.entry.userId = user.id

  let session: SessionRow | null = null
  if (sessionId !== '') {
    if (typeof sessionId !== 'string' || !uuid.test(sessionId)) {
      return refuse(403, 'bad_jwt', 'invalid claim: session_id claim must be a UUID')
    }
    session = core.store.session(sessionId)
    if (!session && sessionId !== nilUuid) {
      return refuse(403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
    }
    visit.entry.sessionId = session?.id ?? null
  }
  if (user.banned) return refuse(403, 'user_banned', 'User is banned')
  return { type: 'ok', user, session }
}

/** The claims in Supabase's order; `exp` and `iat` come with the issue. */
function claimsOf(session: SessionRow, origin: string): Claims {
  const { user } = session
  return {
    iss: `${origin}/auth/v1`,
    sub: user.id,
    aud: 'authenticated',
    email: user.email,
    phone: '',
    app_metadata: appMetadata,
    user_metadata: userMetadata(user),
    role: 'authenticated',
    aal: 'aal1',
    amr: [{ method: 'password', timestamp: Math.floor(session.createdAt / 1000) }],
    session_id: session.id,
    is_anonymous: false,
  }
}

export const appMetadata: Claims = { provider: 'email', providers: ['email'] }

/** The caller's data cannot override the four names that the server sets itself. */
export function userMetadata(user: UserRow): Claims {
  return {
    ...user.data,
    email: user.email,
    email_verified: user.confirmedAt !== null,
    phone_verified: false,
    sub: user.id,
  }
}

/** What a refused refresh says, by its code. */
export function refreshMessage(code: string): string {
  return refreshMessages[code] ?? 'Refresh token is not valid'
}

const refreshMessages: Readonly<Record<string, string>> = {
  refresh_token_not_found: 'Invalid Refresh Token: Refresh Token Not Found',
  refresh_token_already_used: 'Invalid Refresh Token: Already Used',
  user_banned: 'Invalid Refresh Token: User Banned',
}

export function isEndScope(scope: unknown): scope is EndScope {
  return scope === 'local' || scope === 'global' || scope === 'others'
}

/** A token without a session ends them all. */
export function endSessions(core: Core, user: UserRow, session: SessionRow | null, scope: EndScope): void {
  core.store.end(user, session?.id ?? null, session ? scope : 'global')
}
