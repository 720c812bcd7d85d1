/** The request policy: pure decisions about one request, the same for every HTTP client. */
import type { AuthErrorCode } from './errors.ts'

export interface Answered {
  readonly status: number
  /** `WWW-Authenticate`, where it can be read. */
  readonly challenge: string | null
  /** The answer came from an origin that may see the token, also after redirects. */
  readonly ours: boolean
  /** The access token that the request carried. */
  readonly used: string | null
  /** The access token of now. */
  readonly current: string | null
  /** The session is the one the request began with. */
  readonly sameSession: boolean
  /** It is the second answer: the request has been repeated. */
  readonly repeated: boolean
  /** The request's token was renewed on its own account. */
  readonly renewed: boolean
  /** The current token is too young, or was refused too recently, for a refresh to help. */
  readonly futile: boolean
  readonly repeatable: boolean
}

/**
 * What to do with an answer: hand it to the caller (for a 401 with the reason), repeat the request with the current
 * token, or refresh first and ask again.
 */
export type Verdict = 'deliver' | 'repeat' | 'refresh' | { readonly deliver: AuthErrorCode }

export function judge(answer: Answered): Verdict {
  // A 403, or insufficient_scope (RFC 6750 section 3.1), means "not allowed": a new token would change nothing.
  if (answer.status !== 401 || !answer.used || !answer.ours) return 'deliver'
  if (answer.challenge?.includes('insufficient_scope')) return 'deliver'
  if (!answer.sameSession) return { deliver: 'session_changed' }
  if (answer.used === answer.current) {
    if (answer.repeated || answer.renewed || answer.futile) return { deliver: 'token_refused' }
    return 'refresh'
  }
  if (!answer.repeatable) return { deliver: 'not_repeatable' }
  return answer.repeated ? { deliver: 'token_refused' } : 'repeat'
}
