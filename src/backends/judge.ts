/** What a refused refresh means. The rule is a table: see docs/back-ends.md. */
import type { HttpAnswer } from './http.ts'

/** What an app knows of its server's refusals. */
export interface JudgeOptions {
  /** Asked before the rule. true: the session is over; false: it is not; undefined: the rule decides. */
  readonly refused?: ((answer: HttpAnswer) => boolean | undefined) | undefined
  /** The refresh token is in an HttpOnly cookie: a server that misses it says that it is gone. */
  readonly cookie?: boolean | undefined
}

/**
 * - `rejected`: the session is over.
 * - `doubt`: it probably is. To be believed when the answer comes three times alike.
 * - `hint`: the answer says nothing about the session. The request was wrong, or its address.
 * - `unavailable`: ask again later.
 * - `conflict`: somebody else is renewing the session right now.
 * - `interaction_required`: the person must do something first.
 */
export type Verdict = 'rejected' | 'doubt' | 'hint' | 'unavailable' | 'conflict' | 'interaction_required'

const BUSY = /conflict|limit|timeout|temporar|server_error|slow_down|unexpected/
const INTERACTION = /interaction|login_required|captcha|mfa|insufficient_|step_up/i
/** Beside these even a word about the session says nothing: "CSRF token missing, session not found". */
const MISASKED =
  /[cx]srf|dpop|invalid_(client|scope)|unauthorized_client|unsupported|grant.?type|variable|should not|\bin (the )?(request|body|header)/i
const MALFORMED = /invalid_request|validat|required|missing|must |should |expected|no[t ].*provided|blank|empty/i
const GONE =
  /invalid_grant|user_banned|unauthenticated|(refresh.?token|session)[^.;,]{0,40}?(invalid|expired|revoked|unknown|n[o't]+.?(be )?(found|valid|active|exist|in )|(already|been|re).?use|blacklist|no longer|(?<![a-z])ended|terminated|gone|timed?.?out)|(invalid|expired|revoked|unknown|wrong|find|no.(such|active|valid)).?(refresh.?token|session)|no.session|(log|sign).?in again/i

/** Judges an answer to a refresh that has no tokens. Pure. */
export function judge(answer: HttpAnswer, { refused, cookie }: JudgeOptions = {}): Verdict {
  const { status, page, code = '', words } = answer
  const told = refused?.(answer)
  if (told !== undefined) return told ? 'rejected' : 'unavailable'
  if (status === 409) return 'conflict'
  if (INTERACTION.test(code)) return 'interaction_required'
  if (/408|42[1569]|431|451|^5/.test(`${status}`) || BUSY.test(code)) return 'unavailable'
  // Without addresses: "Route /auth/refresh-token not found" is no word about a token.
  const all = `${code} ${words}`.replace(/\S*\/\S*/g, '')
  if (page || MISASKED.test(all)) return 'hint'
  if (GONE.test(all)) return 'rejected'
  if (status === 401) return 'rejected'
  if (!cookie && MALFORMED.test(all)) return 'hint'
  return /400|403|41[09]|422|498/.test(`${status}`) ? 'doubt' : 'hint'
}
