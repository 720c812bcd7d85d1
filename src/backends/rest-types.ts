import type { CopiedCookie } from '../browser/cookies.ts'
import type { MaybePromise, SessionKind, SignOutScope } from '../core/types.ts'
import type { HttpAnswer } from './http.ts'
import type { JudgeOptions } from './judge.ts'

export interface PasswordCredentials {
  readonly email: string
  readonly password: string
}

/** The calls that a backend of endpoints makes. */
export type RestCall = 'signIn' | 'refresh' | 'signOut' | 'user'

/** Tokens as a call finds them: null where there is none, or scripts see none. */
export interface CallTokens {
  readonly accessToken: string | null
  readonly refreshToken: string | null
}

/**
 * A path below `baseUrl`, with a method before it if it is not the usual one: `'DELETE /session'`. A function makes it from
 * the tokens.
 */
export type RestPath = string | ((tokens: CallTokens) => string)

/**
 * Where in an answer something is: a path such as `data.access_token`, or a function of the answer (`body`, `headers`,
 * `status`). `keyturn/backend` has functions for times: `ms('data.expires')`, `date('session.expiresAt')`.
 */
export type RestField = string | ((answer: HttpAnswer) => unknown)

export interface RestBackendOptions<User = unknown, Credentials = PasswordCredentials> {
  /** Where the endpoints are: `/api`, or `https://api.example.com`. Relative ones are resolved against the page. */
  readonly baseUrl: string
  /**
   * What scripts see of a session. Default: both tokens. With a cookie in it, calls carry `credentials: 'include'`, and no
   * refresh token is in their bodies. With `refresh: 'access'` the refresh carries the access token as a bearer.
   * @example { access: 'token', refresh: 'cookie' } // HttpOnly refresh cookie, access token in the answer
   */
  readonly kind?: SessionKind
  /**
   * Defaults: `POST /auth/login`, `POST /auth/refresh-token`, `POST /auth/logout`, `GET /auth/me`. null: the server has no
   * such endpoint.
   * @example { refresh: '/auth/refresh', signOut: 'DELETE /auth/session', user: null }
   */
  readonly paths?: {
    readonly signIn?: RestPath | null
    readonly refresh?: RestPath | null
    readonly signOut?: RestPath | null
    readonly user?: RestPath | null
  }
  /**
   * Where things are in an answer. Defaults: `access_token`, `refresh_token`, `expires_in` (s from now), `expires_at` (s since
   * 1970), `user`.
   * @example { accessToken: 'data.access_token', expiresIn: ms('data.expires') }
   * @example { accessToken: ({ headers }) => headers.get('set-auth-token') }
   */
  readonly fields?: {
    readonly accessToken?: RestField
    readonly refreshToken?: RestField
    readonly expiresIn?: RestField
    readonly expiresAt?: RestField
    readonly user?: RestField
  }
  /**
   * What is sent: `URLSearchParams` as a form, everything else as JSON, undefined for nothing. Defaults: the credentials as
   * they are; `{ refresh_token }`; `{ refresh_token, scope }`, without the token where scripts see none. Nothing is sent with GET.
   * A form at the sign-out goes without the access token (RFC 7009 section 2.1).
   * @example { refresh: (token) => new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }) }
   */
  readonly bodies?: {
    readonly signIn?: (credentials: Credentials) => unknown
    readonly refresh?: (refreshToken: string, tokens: CallTokens) => unknown
    readonly signOut?: (refreshToken: string | null, scope: SignOutScope, tokens: CallTokens) => unknown
  }
  /** The word before the access token in `Authorization`. Default: `Bearer`. @example 'JWT' */
  readonly scheme?: string
  /**
   * Headers for every call, such as an API key. A function makes them from the tokens; `Authorization` takes the place of the
   * kit's own.
   * @example (call, { accessToken }) => (call === 'refresh' ? { 'X-Old-Token': accessToken ?? '' } : {})
   */
  readonly headers?:
    | Readonly<Record<string, string>>
    | ((call: RestCall, tokens: CallTokens) => Readonly<Record<string, string>>)
  /**
   * The header against cross-site request forgery, for sessions in cookies: which cookie of the page to copy into which
   * header, or a function that gives the headers. It goes with every call. Default: none.
   * @example { cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' }
   */
  readonly csrf?: CopiedCookie | (() => MaybePromise<Readonly<Record<string, string>>>)
  /** `fetch`'s credentials mode. Default: the browser's, `same-origin`; with a cookie in `kind`, `include`. */
  readonly credentials?: RequestCredentials
  /**
   * Whether an answer says that the session is over, before the kit's own rule: true, it is; false, it is not; undefined, the
   * rule decides. Asked for every answer to a refresh and of the user endpoint, good ones included. For a sign-in, true
   * means that it is refused.
   * @example ({ body }) => body === null || undefined
   */
  readonly refused?: JudgeOptions['refused']
  /**
   * The server's words in an answer that is no success. Default: `detail`, `msg`, `message`, `error_description`, `error` or
   * `title`, however deep, or the text of the body.
   * @example ({ json }) => (json.errorText as string)
   */
  readonly words?: (answer: HttpAnswer) => string | undefined
  /** Makes the app's user from what `fields.user` found, or from the body of the user endpoint. Default: as it came. */
  readonly toUser?: (user: unknown) => User
}
