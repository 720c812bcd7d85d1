import type { JWTPayload } from 'jose'
import type { AuthError } from '../core/errors.ts'
import { powers } from '../core/session.ts'
import type { AuthState, SessionKind, StoredSession } from '../core/types.ts'
import type { CookieSettings } from '../storage/cookie-options.ts'
import { splitPairs } from '../storage/cookie-pairs.ts'
import { sessionIn } from '../storage/cookie-session.ts'
import { readToken } from '../tokens/read-token.ts'
import { bringsCookies, headersOf, type Incoming } from './arrival.ts'
import type { Checked } from './verify.ts'

/**
 * What a request's cookies say. Only `signed in` is proven; protect data by that alone, and by `claims`.
 *
 * `state` is for the first render, `<AuthProvider auth initialState={state}>`: what the page itself will show in a moment. Its
 * user comes from the browser's own record, which the visitor can write: it is for showing, not for deciding.
 */
export type ServerSession<User = unknown> =
  /** The access token is good. */
  | {
      readonly status: 'signed in'
      /** Of the access token, checked. */
      readonly claims: JWTPayload
      /** To call other services with, as this person. */
      readonly accessToken: string
      readonly state: AuthState<User>
    }
  /** There is a session that the page can renew; its access token has run out or is not there. */
  | { readonly status: 'expired'; readonly state: AuthState<User> }
  | { readonly status: 'nobody'; readonly state: AuthState<User> }
  /**
   * Nothing can be said: another site's link brought the visitor, and the cookies stayed at home (`SameSite=Strict`); or the
   * keys could not be had (`error`). Render neither the person nor a sign-in page: the page in the browser decides.
   */
  | { readonly status: 'unknown'; readonly error: AuthError | null; readonly state: AuthState<User> }

export interface ReadSetup<User> {
  readonly settings: CookieSettings
  readonly kind: SessionKind
  readonly backendName: string | undefined
  readonly verify: (token: string) => Promise<Checked>
  readonly toUser: (claims: JWTPayload) => User
}

const LOADING = { status: 'loading', user: null, problem: null } as const
const NOBODY = { status: 'unauthenticated', user: null, problem: null, reason: 'none', error: null } as const

/** The session in the cookies of a request. */
export const storedIn = (request: Incoming, settings: CookieSettings): StoredSession | null =>
  sessionIn(splitPairs(headersOf(request).get('Cookie') ?? ''), settings)

export async function readSession<User>(
  request: Incoming,
  stored: StoredSession | null,
  { settings, kind, backendName, verify, toUser }: ReadSetup<User>,
): Promise<ServerSession<User>> {
  const nobody = { status: 'nobody', state: NOBODY } as const
  if (!stored)
    return bringsCookies(request, settings.sameSite) ? nobody : { status: 'unknown', error: null, state: LOADING }
  const { accessToken, record } = stored
  if (record?.over || (backendName && record?.backend && record.backend !== backendName)) return nobody
  const person = (user: unknown): AuthState<User> =>
    user ? { status: 'authenticated', user: user as User, problem: null } : LOADING
  const checked = accessToken ? await verify(accessToken) : null
  if (checked?.claims) {
    const { claims } = checked
    // A record that tells of somebody else is not this token's.
    const known = !record?.subject || record.subject === claims.sub ? record?.user : null
    return { status: 'signed in', claims, accessToken: accessToken as string, state: person(known ?? toUser(claims)) }
  }
  if (checked?.error) return { status: 'unknown', error: checked.error, state: LOADING }
  if (!powers(stored, kind).renewable) return nobody
  return { status: 'expired', state: person(record?.user ?? (accessToken && readToken(accessToken).claims)) }
}
