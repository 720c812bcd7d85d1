/**
 * Every way in which the kit can fail. The union is closed: a `switch` over it can be exhaustive.
 *
 * - `misconfigured`: the kit was set up or called wrongly; the message says what to change.
 * - `credentials_rejected`: the server refused a sign-in.
 * - `rejected`: the server refused the current refresh token for good; the session is over.
 * - `unavailable`: no usable answer (offline, time-out, 408, 425, 429, 5xx, HTML); the session is kept.
 * - `interaction_required`: the server wants the person to do something first (second factor, captcha).
 * - `invalid_response`: the server answered, but not with what a token answer must hold.
 * - `storage_failed`: the browser did not keep what was written; the session lives in memory only.
 * - `session_changed`: somebody signed in or out while this call was waiting.
 * - `unauthenticated`: the call needs a session and there is none.
 * - `timeout`: a request's own time limit ran out while it waited for a token.
 * - `not_repeatable`: the request's body was a stream, which can be sent only once.
 * - `token_refused`: the server refuses even a token that was renewed a moment ago.
 * - `disposed`: `auth.dispose()` was called.
 */
export type AuthErrorCode =
  | 'misconfigured'
  | 'credentials_rejected'
  | 'rejected'
  | 'unavailable'
  | 'interaction_required'
  | 'invalid_response'
  | 'storage_failed'
  | 'session_changed'
  | 'unauthenticated'
  | 'timeout'
  | 'not_repeatable'
  | 'token_refused'
  | 'disposed'

export interface AuthErrorOptions {
  /** What went wrong underneath. Never holds a token. */
  readonly cause?: unknown
  /** HTTP status of the answer that led to the error, where there was one. */
  readonly status?: number | undefined
  /** The server's own error code, such as Supabase's `refresh_token_not_found`. */
  readonly serverCode?: string | undefined
  /** How long the server asked us to wait (`Retry-After`), in milliseconds; at most an hour. */
  readonly retryAfter?: number | undefined
  /**
   * The body of the server's answer to a sign-in, parsed, without the tokens that it may hold: a second factor's ticket, a
   * list of faulty fields. Not set for refreshes.
   */
  readonly answer?: unknown
}

/** Marks our errors: shared by all copies of the kit and all frames, and unlike a name nobody else has it. */
const BRAND = Symbol.for('keyturn.AuthError')

/** The one error class of the kit. Tell errors apart by {@link AuthError.code}, not by their text. */
export class AuthError extends Error {
  declare readonly code: AuthErrorCode
  declare readonly status: number | undefined
  declare readonly serverCode: string | undefined
  declare readonly retryAfter: number | undefined
  declare readonly answer: unknown

  constructor(code: AuthErrorCode, message: string, options: AuthErrorOptions = {}) {
    super(message, options)
    const { cause, ...details } = options
    Object.assign(this, details, { name: 'AuthError', code })
    Reflect.defineProperty(this, BRAND, { value: true })
  }
}

/** Throws `misconfigured`. */
export function misuse(message: string): never {
  throw new AuthError('misconfigured', message)
}

/**
 * Tells whether a value is an {@link AuthError}, also one from another copy of the kit or another frame, where
 * `instanceof` fails. An error of somebody else that only has the name is none.
 */
export function isAuthError(value: unknown): value is AuthError {
  return (value as Record<symbol, unknown> | null | undefined)?.[BRAND] === true
}
