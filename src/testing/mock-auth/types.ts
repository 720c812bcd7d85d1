import type { Clock } from '../../core/ports.ts'

/** What a request was for, in either dialect. `api` is every test route of the REST dialect. */
export type MockCall =
  | 'sign_in'
  | 'sign_up'
  | 'refresh'
  | 'sign_out'
  | 'user'
  | 'api'
  | 'health'
  | 'settings'
  | 'preflight'
  | 'unknown'

/**
 * What can go wrong with a request.
 *
 * - `latency`: the request is processed on arrival and its answer comes `ms` later. With `before: true` it waits on the
 *   way in instead, and is processed `ms` later.
 * - `status`: not processed; answered with this status, a fitting error body (or `body`, sent as JSON unless it is a
 *   string) and `headers`.
 * - `html`: not processed; answered with a web page, as by a captive portal, without CORS headers. Default
 *   status: 200.
 * - `junk`: not processed; answered 200 with JSON that breaks off.
 * - `drop`: never reaches the server; `fetch` rejects with a `TypeError`.
 * - `hang`: neither processed nor answered; ends only when the request is aborted.
 * - `lost_answer`: processed, but the answer gets lost: `fetch` rejects with a `TypeError`.
 */
export type Fault =
  | { readonly type: 'latency'; readonly ms: number; readonly before?: boolean }
  | {
      readonly type: 'status'
      readonly status: number
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly type: 'html'; readonly status?: number }
  | { readonly type: 'junk' }
  | { readonly type: 'drop' }
  | { readonly type: 'hang' }
  | { readonly type: 'lost_answer' }

/** Which requests a fault hits: one kind, or `*` for all but preflights. */
export type FaultTarget = MockCall | '*'

/**
 * Switches faults on and off. Where several apply to a request, the first of these wins: `next`, `during`, `always`;
 * and among equals the one for this very call before the one for `*`.
 */
export interface MockFaults {
  /** Hits the next `times` requests (default 1). Queues up behind earlier ones. */
  readonly next: (call: FaultTarget, fault: Fault, times?: number) => void
  /** Hits every request from now on; null switches it off. */
  readonly always: (call: FaultTarget, fault: Fault | null) => void
  /** Hits requests that arrive at `fromMs` or later and before `toMs`, by the injected clock. */
  readonly during: (call: FaultTarget, fault: Fault, fromMs: number, toMs: number) => void
  /** Removes every fault. A request that hangs already goes on hanging. */
  readonly clear: () => void
}

/**
 * What became of a refresh.
 *
 * - `rotated`: the token was live; there is a new one.
 * - `kept`: accepted by a server that does not rotate.
 * - `reused`: it was spent, but it is the parent of the live token, which is handed out once more (V1-2).
 * - `branched`: it was spent, but within the reuse interval; there is one more live token (V1-3).
 * - `refused`: see `code`.
 */
export type RefreshVerdict = 'rotated' | 'kept' | 'reused' | 'branched' | 'refused'

/** One request as the server saw it. The server's own log: it holds whole tokens. */
export interface LoggedRequest {
  /** When it arrived, by the injected clock, in ms. */
  readonly at: number
  readonly call: MockCall
  readonly method: string
  readonly path: string
  /** Status of the answer; null while there is none, and for good after `drop` and `hang`. */
  readonly status: number | null
  readonly fault: Fault['type'] | null
  /** The token of the `Authorization` header. */
  readonly bearer: string | null
  /** The refresh token that was presented. */
  readonly refreshToken: string | null
  readonly userId: string | null
  readonly sessionId: string | null
  /** Only for refreshes that were processed. */
  readonly verdict: RefreshVerdict | null
  /** The error code, where the request was refused. */
  readonly code: string | null
}

/** A session, as `admin.sessions()` shows it. Times in ms by the server's clock. */
export interface MockSession {
  readonly id: string
  readonly userId: string
  readonly email: string
  readonly live: boolean
  readonly createdAt: number
  readonly refreshedAt: number | null
  /** How many refresh tokens it has been given, the first included. */
  readonly tokensIssued: number
}

/** What an operator could do to the server's state. */
export interface MockAdmin {
  /** From now on every access token issued so far is refused as expired. Refresh tokens are untouched. */
  readonly expireAccessTokens: () => void
  /** Ends one session: its refresh tokens are no longer found, its access tokens are refused. */
  readonly revokeSession: (sessionId: string) => void
  readonly revokeSessions: () => void
  readonly sessions: () => readonly MockSession[]
  /** Whether the session has not ended and still has a live refresh token. */
  readonly isLive: (sessionId: string) => boolean
  /** The newest live refresh token; null if there is none. */
  readonly currentRefreshToken: (sessionId: string) => string | null
  /** Lifetime of the access tokens issued from now on. */
  readonly setTokenLifetime: (seconds: number) => void
  /** Bans a user, or lifts the ban. */
  readonly ban: (email: string, banned?: boolean) => void
}

export interface MockUser {
  readonly email: string
  readonly password: string
  readonly data?: Readonly<Record<string, unknown>>
  /** False: signing in is refused until the address is confirmed. Default: true. */
  readonly confirmed?: boolean
}

export interface MockAuthOptions {
  /** Default: the real clock. */
  readonly clock?: Clock
  /** Every id and token is drawn from it. Default: `Math.random`, for it is a mock. */
  readonly random?: () => number
  /**
   * `strict` (default): any reuse of a spent refresh token ends its session. `supabase`: as Supabase Auth has it, with
   * the parent of the live token always accepted and a reuse interval.
   */
  readonly rotation?: 'strict' | 'supabase'
  /** Seconds for which a spent token may be used again; only with `supabase`. Default: 10. */
  readonly reuseInterval?: number
  /** False: reuse is refused but has no consequence for the session (with `supabase`: rotation switched off). */
  readonly revokeOnReuse?: boolean
  /** False: a server that does not rotate. The answer to a refresh has no refresh token, the old one stays good. */
  readonly rotate?: boolean
  /** Life of an access token in seconds. Default: 3600. */
  readonly tokenLifetime?: number
  /** Leave out `expires_in` and `expires_at`. */
  readonly omitExpiry?: boolean
  /** Access tokens that are not JWTs. */
  readonly opaqueTokens?: boolean
  /** Added to the clock, in ms: how far the server's clock is ahead. */
  readonly serverSkew?: number
  /** Default: ada@example.test with the password correct-horse. */
  readonly users?: readonly MockUser[]
  /** Path prefix of the REST dialect. Default: `/api`. */
  readonly restBase?: string
  /** What `fetch` resolves relative addresses against. Default: `http://auth.test`. */
  readonly origin?: string
  /** HS256 secret of the access tokens, for an API that verifies them itself. Default: drawn from `random`. */
  readonly jwtSecret?: string
  /** How many requests `log` remembers. Default: 10,000. */
  readonly logLimit?: number
}

export interface MockAuth {
  /**
   * The server: one answer for each request. It cannot fail as a network does, so for `drop` and `lost_answer` it
   * rejects with a `TypeError`, and on abort with the signal's reason.
   */
  readonly handle: (request: Request) => Promise<Response>
  /** `handle` behind the signature of `fetch`, to hand to the client under test. */
  readonly fetch: typeof fetch
  readonly faults: MockFaults
  /** Every request in order of arrival; the array lives on. */
  readonly log: readonly LoggedRequest[]
  /** How many requests of this kind have reached the server; those that were dropped have not. */
  readonly count: (call: MockCall) => number
  readonly admin: MockAdmin
  readonly origin: string
  readonly restBase: string
}
