import type { MockRestUser } from '../rest/dialect.ts'
import type { MockAdmin } from './admin-types.ts'

/**
 * What a request was for, in either dialect. `api` is every test route of the REST dialect, `other` every route of
 * Supabase Auth that has no name of its own here: mails, MFA, OAuth and the like.
 */
export type MockCall =
  | 'sign_in'
  | 'sign_up'
  | 'refresh'
  | 'sign_out'
  | 'user'
  | 'update_user'
  | 'admin'
  | 'api'
  | 'health'
  | 'settings'
  | 'jwks'
  | 'other'
  | 'preflight'
  | 'unknown'

/**
 * What can go wrong with a request.
 *
 * - `latency`: the request is processed on arrival and its answer comes `ms` later. With `before: true` it waits on the
 *   way in instead, and is processed `ms` later.
 * - `status`: not processed; answered with this status, an error body with the code and message that the real server has
 *   for it (or `body`, sent as JSON unless it is a string) and `headers`.
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
 * - `reused`: it was spent, but it is the parent of the live token, which is handed out once more (V1-2); or it is of
 *   version 2 and may still be used for some reason (V2-3 to V2-5).
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
  /** The refresh token that was handed out. */
  readonly issuedRefreshToken: string | null
  readonly userId: string | null
  readonly sessionId: string | null
  /** Only for refreshes that were processed. */
  readonly verdict: RefreshVerdict | null
  /** The error code, where the request was refused. */
  readonly code: string | null
}

/** Who a request is from, or the 401 that it gets. */
export type MockCaller =
  | { readonly user: MockRestUser; readonly refusal: null }
  | { readonly user: null; readonly refusal: Response }

export interface MockAuth {
  /**
   * The server: one answer for each request. It cannot fail as a network does, so for `drop` and `lost_answer` it
   * rejects with a `TypeError`, and on abort with the signal's reason.
   */
  readonly handle: (request: Request) => Promise<Response>
  /** `handle` behind the signature of `fetch`, to hand to the client under test. */
  readonly fetch: typeof fetch
  /** Whether a request is one that the mock answers; all others are the app's own. */
  readonly owns: (request: Pick<Request, 'method' | 'url'>) => boolean
  /** For the app's own handlers: who the bearer token of a request belongs to. It is in the log as `api`. */
  readonly authenticate: (request: Request) => Promise<MockCaller>
  /**
   * Forgets all sessions, faults and requests, and what has become of the users: for the next test. Take `admin`, `faults` and
   * `log` from the mock anew.
   */
  readonly reset: () => void
  readonly faults: MockFaults
  /** Every request in order of arrival; the array lives on. */
  readonly log: readonly LoggedRequest[]
  /** How many requests of this kind have reached the server; those that were dropped have not. */
  readonly count: (call: MockCall) => number
  readonly admin: MockAdmin
  readonly origin: string
  readonly restBase: string
}
