import { type AuthError, isAuthRetryableFetchError, isAuthSessionMissingError } from '@supabase/supabase-js'

/** What the API answers when Supabase refused or failed. Holds no token. */
export interface Refusal {
  readonly status: 401 | 403 | 409 | 422 | 429 | 502 | 503
  readonly body: { readonly detail: string; readonly code?: string }
  readonly headers: Readonly<Record<string, string>>
}

export const challenge = 'Bearer error="invalid_token"'

export function refusal(
  status: Refusal['status'],
  detail: string,
  code?: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return { status, body: code === undefined ? { detail } : { detail, code }, headers }
}

export const unreachable: Refusal = refusal(503, 'The auth server cannot be reached', 'unavailable')

/** Trouble that says nothing about credentials or tokens; null if the error is not of that kind. */
function passingTrouble(error: AuthError, retryAfter: string | null): Refusal | null {
  const { status, code } = error
  if (status === 429) {
    const headers: Record<string, string> = retryAfter === null ? {} : { 'Retry-After': retryAfter }
    return refusal(429, 'Too many requests', code, headers)
  }
  if (status === 409) return refusal(409, 'Somebody else is refreshing this session', code ?? 'conflict')
  if (isAuthRetryableFetchError(error) || status === undefined || status === 408 || status >= 500) {
    const headers: Record<string, string> = retryAfter === null ? {} : { 'Retry-After': retryAfter }
    return { ...unreachable, headers }
  }
  return null
}

/** The project itself is set up wrongly, for instance with a wrong key. Nobody's token is to blame. */
function misconfigured(error: AuthError): Refusal {
  return refusal(502, 'The auth server did not accept the request', error.code)
}

/** The password was right, but there is no session: the address waits for its confirmation. */
export const noSession: Refusal = refusal(403, 'No session was given. Is the email confirmed?', 'no_session')

/** Why a sign-in failed. */
export function signInRefusal(error: AuthError, retryAfter: string | null): Refusal {
  if (error.name === 'AuthInvalidTokenResponseError') return noSession
  const trouble = passingTrouble(error, retryAfter)
  if (trouble) return trouble
  switch (error.code) {
    case 'invalid_credentials':
    case 'validation_failed':
      return refusal(401, 'Invalid email or password')
    case 'email_not_confirmed':
      return refusal(403, 'Email not confirmed', error.code)
    case 'user_banned':
      return refusal(403, 'This account is blocked', error.code)
    case 'email_provider_disabled':
      return refusal(403, 'Signing in with a password is switched off', error.code)
    case 'captcha_failed':
      return refusal(403, 'A captcha is required', error.code)
    default:
      return misconfigured(error)
  }
}

/** Supabase answers 400 for these; each means that the refresh token will never be accepted again. */
const finalCodes: Readonly<Record<string, string>> = {
  refresh_token_not_found: 'This session does not exist any more',
  refresh_token_already_used: 'The refresh token was already used',
  session_expired: 'The session has expired',
  session_not_found: 'This session does not exist any more',
  user_banned: 'This account is blocked',
  user_not_found: 'This account does not exist any more',
  validation_failed: 'The refresh token is not valid',
}

/** Why a refresh failed. Only what is final becomes a 401. */
export function refreshRefusal(error: AuthError, retryAfter: string | null): Refusal {
  const code = isAuthSessionMissingError(error) ? 'session_not_found' : error.code
  const detail = code === undefined ? undefined : finalCodes[code]
  if (detail !== undefined) return refusal(401, detail, code)
  return passingTrouble(error, retryAfter) ?? misconfigured(error)
}

/** Why an access token was not accepted. */
export function bearerRefusal(error: AuthError, retryAfter: string | null): Refusal {
  const code = isAuthSessionMissingError(error) ? 'session_not_found' : error.code
  if (code !== undefined && deadBearerCodes.has(code)) {
    return refusal(401, 'The access token is not valid', code, { 'WWW-Authenticate': challenge })
  }
  return passingTrouble(error, retryAfter) ?? misconfigured(error)
}

const deadBearerCodes: ReadonlySet<string> = new Set([
  'bad_jwt',
  'no_authorization',
  'session_not_found',
  'session_expired',
  'user_not_found',
  'user_banned',
])
