import type { AuthErrorCode } from './errors.ts'

/**
 * What to do with a 401 that concerns the session: hand it to the caller (with the reason), repeat the request with the
 * current token, or refresh first and judge again.
 */
export type Verdict = 'repeat' | 'refresh' | AuthErrorCode

export interface Judged {
  /** The access token that the request carried, and that of now. */
  readonly used: string
  readonly current: string | null
  /** The session is not the one the request began with. */
  readonly switched: boolean
  /** The request has been repeated, or its token was renewed on its own account. */
  readonly repeated: boolean
  readonly renewed: boolean
  /** The current token is too young, or was refused too recently, for a refresh to help. */
  readonly futile: boolean
  readonly repeatable: boolean
}

export function judge({ used, current, switched, repeated, renewed, futile, repeatable }: Judged): Verdict {
  if (switched) return 'session_changed'
  if (used === current && !repeated && !renewed && !futile) return 'refresh'
  if (used === current || repeated) return 'token_refused'
  return repeatable ? 'repeat' : 'not_repeatable'
}
