import type { CopiedCookie } from '../browser/cookies.ts'
import { misuse } from '../core/errors.ts'
import { checkOrigins } from '../core/origins.ts'
import type { MaybePromise, RequestProof } from '../core/types.ts'
import { own } from './own.ts'

export { copyCookie } from '../browser/cookies.ts'

/** How an API wants to be spoken to. `Answer`: an answer as the HTTP client gives it. */
export interface RequestOptions<Answer> {
  /**
   * The origins (scheme, host and port) that may see the access token.
   * @example ['https://api.example.com']
   */
  readonly origins?: readonly string[]
  /** The header that carries the access token; empty for none. Default: `Authorization`. @example 'X-Access-Token' */
  readonly header?: string
  /** The word before the token. Default: `Bearer` in `Authorization`, none in another `header`. @example 'JWT' */
  readonly scheme?: string
  /**
   * Which statuses mean that the access token is no longer good: the session is renewed and the request repeated. Every
   * other one goes to the caller, and so does an answer that says `insufficient_scope` (RFC 6750 section 3.1). Default:
   * `[401]`. @example [401, 419]
   */
  readonly statuses?: readonly number[]
  /**
   * Looks at each answer to a request that may carry the session, before `statuses` does. true: the access token is no longer
   * good; false: it is; undefined: let `statuses` decide. What it throws goes to the caller of the request.
   * @example graphqlExpired
   */
  readonly expired?: (answer: Answer) => MaybePromise<boolean | undefined>
  /**
   * The header against cross-site request forgery, for sessions in cookies: which cookie of the page to copy into which
   * header, or a function that gives the headers. Sent to allowed origins only. Default: none.
   * @example { cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' }
   */
  readonly csrf?: CopiedCookie | (() => MaybePromise<Readonly<Record<string, string>>>)
  /**
   * Whether an answer is for the person who is signed in; undefined: it does not tell. Asked where scripts see no access token:
   * the browser picks the cookie as it sends, and it may be another person's by then. false: the request fails with
   * `session_changed`. @example ({ headers }, user) => headers.get('X-User') === user.id
   */
  // biome-ignore lint/suspicious/noExplicitAny: the app's own user
  readonly whose?: (answer: Answer, user: any) => boolean | undefined
  /**
   * Proves with each request that carries the token that it is in the right hands; it then decides on the header, and `header`
   * and `scheme` do not count. Default: none. @example backend.proof // of `oauthBackend({ dpop: true })`
   */
  readonly proof?: RequestProof | null
  /**
   * `include`: cookies go along to allowed origins, whatever origin the page is of. What a request says of itself counts
   * more. Default: as without the kit.
   */
  readonly credentials?: 'include' | 'same-origin'
}

const NAMES = /^(origins|header|scheme|statuses|expired|csrf|credentials|proof|whose)$/

/** @throws AuthError `misconfigured` for an option that does not exist, and for an origin that is none. */
export function readOptions<Answer>(
  where: string,
  options?: RequestOptions<Answer>,
): RequestOptions<Answer> & {
  readonly header: string
  /** What carries the token. */
  readonly bearer: (token: string | null) => Readonly<Record<string, string>>
} {
  const given = own(options)
  for (const name in given) if (!NAMES.test(name)) misuse(`${where}: there is no option '${name}'.`)
  const { header = 'Authorization', scheme = given.header ? '' : 'Bearer', origins } = given
  return own({
    ...given,
    ...(origins && { origins: checkOrigins(where, origins) }),
    header,
    bearer: (token) => (token && header ? { [header]: `${scheme} ${token}`.trim() } : {}),
  })
}

/** Whether an answer is one that `statuses` names; undefined where the option is not used. */
export const isAmong = (
  statuses: readonly number[] | undefined,
  status: number,
  challenge: string | null | undefined,
): boolean | undefined => statuses?.includes(status) && !challenge?.includes('insufficient_scope')
