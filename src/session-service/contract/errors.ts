/**
 * Everything that this service and its client can refuse. A closed list: each code has one meaning and one status.
 * `unknown_key` is the exception: it takes the status that the route gives to a session that is not there.
 */
const STATUS = {
  /** The request cannot be read as this contract has it. The message says what to change. */
  bad_request: 400,
  /** The caller token is missing or not one of those that the service knows. It says nothing about any session. */
  caller_refused: 401,
  /** There is no such live session: never was, expired, or ended. Which of them is not told. */
  session_invalid: 401,
  /** The id names a signing key that the secrets service does not (or no longer) hand out. */
  unknown_key: 401,
  /** The page's origin is not on the list. */
  origin_refused: 403,
  /** A session id was used as bearer to reach something else than that session. */
  other_session: 403,
  /** There was nothing to end. */
  session_not_found: 404,
  /** There is no such address. The base URL is probably wrong. */
  route_not_found: 404,
  method_not_allowed: 405,
  /** The session that was made with this `Idempotency-Key` has ended since: a retry does not bring it back. */
  idempotency_ended: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  /** The `Idempotency-Key` was used before, for another user or other metadata. */
  idempotency_reused: 422,
  too_many_requests: 429,
  /** A defect of the service. */
  internal: 500,
  /** The store cannot be asked right now. Nothing is known about the session: ask again. */
  store_unavailable: 503,
  /** No signing key yet, or the service is ending. Ask again. */
  not_ready: 503,
} as const

/** Told by the client alone. */
type ClientCode =
  /** No answer, or one that says "not now" (408, 425, 429, 5xx). The session may be live: keep the person signed in. */
  | 'unavailable'
  /** An answer that is not this contract's. */
  | 'invalid_answer'
  /** An option or argument makes no sense. */
  | 'misconfigured'

export type ServiceCode = keyof typeof STATUS
export type SessionServiceErrorCode = ServiceCode | ClientCode

export interface SessionServiceErrorOptions {
  readonly cause?: unknown
  readonly status?: number
  /** Seconds. */
  readonly retryAfter?: number
}

/** What the service, its stores and its client throw. The message never holds a session id, a token or a key. */
export class SessionServiceError extends Error {
  override readonly name = 'SessionServiceError'
  readonly code: SessionServiceErrorCode
  /** The HTTP status, where there is one. */
  readonly status: number | null
  /** Seconds to wait, where the answer says so. */
  readonly retryAfter: number | null

  constructor(code: SessionServiceErrorCode, message: string, options: SessionServiceErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = options.status ?? (code in STATUS ? STATUS[code as ServiceCode] : null)
    this.retryAfter = options.retryAfter ?? null
  }
}

/** True for an error of this service, also one of another copy of the package. */
export function isSessionServiceError(error: unknown): error is SessionServiceError {
  return error instanceof Error && error.name === 'SessionServiceError' && 'code' in error
}

export const misconfigured = (message: string, cause?: unknown): SessionServiceError =>
  new SessionServiceError('misconfigured', message, cause === undefined ? {} : { cause })

export const badRequest = (message: string): SessionServiceError => new SessionServiceError('bad_request', message)
