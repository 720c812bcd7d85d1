/** What an answer without tokens means, as errors and outcomes. */
import { AuthError, type AuthErrorCode } from '../core/errors.ts'
import { redact } from '../core/redact.ts'
import type { RefreshOutcome } from '../core/types.ts'
import type { HttpAnswer } from './http.ts'
import { type JudgeOptions, judge, type Verdict } from './judge.ts'

/** How a refresh ends that was answered without tokens. */
export type Failed = Exclude<RefreshOutcome<never>, { readonly type: 'renewed' | 'extended' }>

export interface FailureOptions extends JudgeOptions {
  /** What was sent and must not be shown: tokens, passwords. `secretsOf` finds those of credentials. */
  readonly secrets: readonly unknown[]
  /** What the developer should look at if the request, or its address, seems to be wrong. @example 'Check baseUrl.' */
  readonly advice?: string | undefined
  /** Your own judgement, in place of the rule's. */
  readonly verdict?: Verdict | undefined
}

/** `said`: what the answer to a sign-in says beside its status. Those errors are for people; the rest is for developers. */
function explain(answer: HttpAnswer, refused: AuthErrorCode, options: FailureOptions, said?: { answer: unknown }) {
  const { status, ok, page, retryAfter, call, body, headers } = answer
  const { secrets, advice = '', verdict = judge(answer, options) } = options
  const asked = verdict === 'hint'
  const words = redact(answer.words, secrets)
  let code: AuthErrorCode = 'unavailable'
  if (verdict === 'interaction_required') code = verdict
  else if (verdict === 'rejected' || verdict === 'doubt') code = refused
  else if (asked && !page && ok) code = 'invalid_response'
  else if (asked && !page && said && status > 399) code = refused
  let message = words
  if (!words || /^not found$/i.test(words) || (said ? ok : /e$/.test(code))) {
    message = `${call} answered ${status} (${headers.get('Content-Type') ?? 'no content type'})`
    if (!ok && status < 400) message += ', a redirect'
    if (ok) message += ` ${JSON.stringify(body, (_, value) => (value instanceof Object ? value : '…'))}`
    if (words) message += `: ${words}`
    if (asked) message += `. ${advice}`
  }
  const serverCode = redact(answer.code, secrets)
  const error = new AuthError(code, message as string, { status, serverCode, retryAfter, ...said })
  return { verdict, error }
}

/** The error of a sign-in that was answered without tokens. `refused`: its code when the server said no. */
export function signInFailure(
  answer: HttpAnswer,
  options: FailureOptions,
  refused: AuthErrorCode = 'credentials_rejected',
): AuthError {
  const shown = JSON.stringify(answer.json, (name, value) =>
    /^(access|refresh|id|auth|session)?_?(token|jwt)$/i.test(name) ||
    (typeof value === 'string' && !redact(value, options.secrets))
      ? null
      : value,
  )
  // Who knows dead refresh tokens need not know wrong passwords: only a clear yes counts.
  const sure = (it: HttpAnswer) => options.refused?.(it) || undefined
  return explain(answer, refused, { ...options, refused: sure }, { answer: JSON.parse(shown) }).error
}

/** What a refresh means that was answered without tokens. */
export function refreshFailure(answer: HttpAnswer, options: FailureOptions): Failed {
  const { verdict, error } = explain(answer, 'rejected', options)
  if (verdict === 'doubt') return { type: 'rejected', error, doubt: true }
  if (verdict === 'hint') return { type: 'unavailable', error, hint: true }
  return { type: verdict, error }
}
