/** Pure decisions about one request. */
import { AuthError, type AuthErrorCode } from './errors.ts'
import { otherPerson, type Session } from './session.ts'
import type { AuthState } from './types.ts'

/**
 * What to do with an answer that says that the token is no longer good: hand it to the caller (with the reason), repeat the
 * request with what there is now, or renew first and judge again.
 */
export type Verdict = 'repeat' | 'refresh' | AuthErrorCode

export interface Judged {
  /** The version of the session that the request was sent with, and that of now. */
  readonly used: number
  readonly current: number
  /** The request has been repeated, or the session was renewed on its own account. */
  readonly repeated: boolean
  readonly renewed: boolean
  /** The session is too young, or was refused too recently, for a renewal to help. */
  readonly futile: boolean
  readonly repeatable: boolean
}

export function judge({ used, current, repeated, renewed, futile, repeatable }: Judged): Verdict {
  if (used === current && !repeated && !renewed && !futile) return 'refresh'
  if (used === current || repeated) return 'token_refused'
  return repeatable ? 'repeat' : 'not_repeatable'
}

/** A short fingerprint (djb2). Not a secret, and nothing can be read from it. */
const fingerprint = (text: string): string =>
  ([...text].reduce((hash, char) => (hash * 33) ^ char.charCodeAt(0), 5381) >>> 0).toString(36)

/** Whom a request is for: which session, and whose. It travels with the request, so it holds no secret. */
export const identityOf = ({ id, subject }: Session): string => `${id}.${subject === null ? '' : fingerprint(subject)}`

/**
 * Whether a request that was begun for `identity` may be sent for this session: the same one; or, when the person has signed
 * in again in place, another one of the same known person. Who was not known counts as somebody else.
 */
export function isFor(identity: string, session: Session): boolean {
  const at = identity.lastIndexOf('.')
  const [id, whose] = [identity.slice(0, at), identity.slice(at + 1)]
  // Nobody knew yet whose the session was.
  const unknown = !whose || session.subject === null
  return unknown ? id === session.id : identityOf(session).endsWith(`.${whose}`)
}

/** Whether it is that session still, and of the same person. */
export const isSame = (now: Session | null, then: Session): boolean =>
  now?.id === then.id && !otherPerson(now.subject, then.subject)

/** What an answer is handed out with that a renewal did not cure. */
export const WHY: Partial<Record<AuthErrorCode, string>> = {
  token_refused: 'The server refuses a token that was renewed a moment ago.',
  not_repeatable: 'A stream cannot be sent twice. The session has been renewed: send the request again.',
}

export const BASE_CHANGED = 'The address of this request is no longer what it was: the base of the page has changed.'

/** Why a request that began for somebody is not sent for whoever is, or is not, signed in now. */
export function changedHands(state: AuthState): AuthError {
  const out = state.status === 'unauthenticated'
  const how = out ? `The session has ended (${state.reason})` : 'Somebody signed in or out'
  return (out && state.error) || new AuthError('session_changed', `${how} after this request began.`)
}
