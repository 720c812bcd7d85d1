import type { JWTPayload } from 'jose'
import { type AuthError, misuse } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import { BOTH_VISIBLE, fromAnswer, type Session } from '../core/session.ts'
import type { Backend, SessionKind, SessionRecord } from '../core/types.ts'
import { type CookieStorageOptions, checkOptions } from '../storage/cookie-options.ts'
import { readToken } from '../tokens/read-token.ts'
import { headersOf, type Incoming } from './arrival.ts'
import { readSession, type ServerSession, storedIn } from './read-session.ts'
import { createRenewals } from './renewals.ts'
import type { ReplyStore } from './replies.ts'
import { renewalRoute } from './route.ts'
import { setCookies } from './set-cookies.ts'
import { createVerify, type TokenRules, type VerifyToken } from './verify.ts'

export interface ServerAuthOptions<User = unknown> {
  /** How access tokens are checked: by rules, with `jose`; or by a function of yours, for opaque ones. */
  readonly verify: TokenRules | VerifyToken
  /** The options that the page gives to `cookieStorage`: the same names, `prefix`, `sameSite` and so on. Default: none. */
  readonly cookies?: Omit<CookieStorageOptions, 'remember'>
  /** What scripts see of a session, as the page's backend has it. Default: both tokens. */
  readonly kind?: SessionKind
  /** Sessions of other back ends are nobody's, as `createAuth({ backendName })` has it. Default: all count. */
  readonly backendName?: string
  /** Makes the user to show from the token's claims, where the browser's record does not tell. Default: the claims. */
  readonly toUser?: (claims: JWTPayload) => User
  /** The auth server, for `renew` and `route`. With it all refreshes must come through this server, the page's too. */
  readonly backend?: Backend<User, never>
  /** For how long (ms) the answer to a refresh token is repeated to whoever brings it again. Default: 10,000. */
  readonly hold?: number
  /** Where these answers are kept, if several processes serve the site. Default: in this process. */
  readonly store?: ReplyStore
  /** "Remember me", for `renew`: false, and the cookies end with the browser. Default: they stay. */
  readonly remember?: (headers: Headers) => boolean
  /** Replaces clock and `fetch`, for tests. */
  readonly ports?: { readonly clock?: Clock; readonly fetch?: typeof globalThis.fetch }
}

export interface RenewedSession<User> {
  readonly session: ServerSession<User>
  /** To be set on the answer, each as a `Set-Cookie` header of its own. Empty: nothing was renewed. */
  readonly setCookies: readonly string[]
  /** The request's `Cookie` header as it would be now, for whatever handles the request next. */
  readonly cookie: string
  /** Why it could not be renewed. */
  readonly error: AuthError | null
}

export interface ServerAuth<User = unknown> {
  /** Whose session a request's cookies hold. Renews nothing. Never rejects. */
  read(request: Incoming): Promise<ServerSession<User>>
  /**
   * The same, and renews a session that has expired. For a middleware that can set cookies on the answer.
   * @throws AuthError `misconfigured` without a `backend`.
   */
  renew(request: Incoming): Promise<RenewedSession<User>>
  /**
   * Answers the page's refreshes. Give the page `restBackend({ paths: { refresh: … } })` with the path that leads here.
   * @throws AuthError `misconfigured` without a `backend`.
   */
  route(request: Request): Promise<Response>
}

const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => globalThis.setTimeout(run, ms),
  clearTimeout: (timer) => globalThis.clearTimeout(timer as number),
}

const OPTIONS = /^(verify|cookies|kind|backendName|toUser|backend|hold|store|remember|ports)$/

/**
 * Reads the session where pages are rendered. Make it once, at module level: it keeps nothing of anybody, but for the answers
 * to refreshes of the last `hold` ms.
 * @throws AuthError `misconfigured` for an unknown option, and where `verify` is missing.
 */
export function createServerAuth<User = unknown>(options: ServerAuthOptions<User>): ServerAuth<User> {
  for (const name of Object.keys(options ?? {}))
    if (!OPTIONS.test(name)) misuse(`createServerAuth: there is no option '${name}'.`)
  const { verify, cookies = {}, kind = BOTH_VISIBLE, backendName, hold = 10_000, store, ports = {} } = options ?? {}
  const { toUser = (claims: JWTPayload) => claims as User, remember = () => true } = options ?? {}
  const { clock = systemClock, fetch = (...args) => globalThis.fetch(...args) } = ports
  const settings = checkOptions(cookies)
  const backend = options?.backend as Backend | undefined
  if (backend && (backend.kind ?? kind).refresh !== 'token')
    misuse('createServerAuth: only a refresh token that the page sends can go through one route.')
  const setup = { settings, kind, backendName, verify: createVerify(verify, clock.now), toUser }
  const renewals = backend && createRenewals({ backend, clock, fetch, hold, store })
  const needed = () => renewals ?? misuse('createServerAuth: to renew, give it a backend.')

  const read = (request: Incoming) => readSession(request, storedIn(request, settings), setup)

  return Object.freeze<ServerAuth<User>>({
    read,
    async renew(request) {
      const renew = needed()
      const session = await read(request)
      const stored = storedIn(request, settings)
      const cookie = headersOf(request).get('Cookie') ?? ''
      if (session.status !== 'expired' || !stored?.refreshToken) return { session, setCookies: [], cookie, error: null }
      const outcome = await renew(stored.refreshToken)
      if (outcome.type !== 'renewed')
        return { session, setCookies: [], cookie, error: 'error' in outcome ? outcome.error : null }
      const { answer, at } = outcome
      const { record, refreshToken } = stored
      // The record tells times by the browser's clock.
      const now = at - (record?.skew ?? 0)
      const previous = { id: '', order: 0, ...record, refreshToken } as Partial<Session> & Session
      const next = fromAnswer(answer, readToken(answer.accessToken ?? ''), kind, now, previous)
      const { version, receivedAt, expiresAt, skew, subject, user } = next
      const renewed: SessionRecord | null = record && {
        ...record,
        version,
        receivedAt,
        expiresAt,
        skew,
        subject,
        user,
      }
      const { accessToken } = next
      const written = { accessToken, refreshToken: next.refreshToken, record: renewed }
      const { lines, cookie: after } = setCookies(written, request, settings, remember(headersOf(request)), now)
      const headers = new Headers({ Cookie: after })
      return { session: await readSession(headers, written, setup), setCookies: lines, cookie: after, error: null }
    },
    route: async (request) => renewalRoute(request, needed(), clock.now),
  })
}
