import { AuthError } from '../core/errors.ts'
import type { Backend, SessionTokens, SignOutScope, TokenAnswer } from '../core/types.ts'
import { failure, type HttpAnswer, type HttpRequest, refreshFailure, send } from './http.ts'

export interface PasswordCredentials {
  readonly email: string
  readonly password: string
}

export interface RestBackendOptions<User = unknown, Credentials = PasswordCredentials> {
  /** Where the endpoints are: `/api`, or `https://api.example.com`. Relative ones are resolved against the page. */
  readonly baseUrl: string
  /**
   * Paths below `baseUrl`. Defaults: `/auth/login`, `/auth/refresh-token`, `/auth/logout`, `/auth/me`. null for
   * `signOut` or `user`: the server has no such endpoint.
   */
  readonly paths?: {
    readonly signIn?: string
    readonly refresh?: string
    readonly signOut?: string | null
    readonly user?: string | null
  }
  /** Names of the members of a token answer. Defaults: `access_token`, `refresh_token`, `expires_in`, `expires_at`, `user`. */
  readonly fields?: {
    readonly accessToken?: string
    readonly refreshToken?: string
    readonly expiresIn?: string
    readonly expiresAt?: string
    readonly user?: string
  }
  /** JSON bodies. Defaults: the credentials as they are; `{ refresh_token }`; `{ refresh_token, scope }`. */
  readonly bodies?: {
    readonly signIn?: (credentials: Credentials) => unknown
    readonly refresh?: (refreshToken: string) => unknown
    readonly signOut?: (refreshToken: string | null, scope: SignOutScope) => unknown
  }
  /** Makes the app's user from the answer's `user` member, or from the body of the user endpoint. Default: as it came. */
  readonly toUser?: (user: unknown) => User
  /** Headers for every call, such as an API key. */
  readonly headers?: Record<string, string>
  /** `fetch`'s credentials mode. Default: the browser's, `same-origin`. */
  readonly credentials?: RequestCredentials
}

/**
 * A backend of plain JSON endpoints, called by raw `fetch`. A refresh is final only when the server says 400, 401 or
 * 403 in something other than HTML; every other failure keeps the session.
 * @throws AuthError `misconfigured` when `baseUrl` is missing.
 */
export function restBackend<User = unknown, Credentials = PasswordCredentials>(
  options: RestBackendOptions<User, Credentials>,
): Backend<User, Credentials> {
  const { baseUrl, bodies = {}, headers, credentials } = options ?? {}
  const toUser = options?.toUser ?? ((user: unknown) => user as User)
  if (typeof baseUrl !== 'string')
    throw new AuthError('misconfigured', "restBackend: baseUrl is missing; pass for instance '/api'.")
  const paths = {
    signIn: '/auth/login',
    refresh: '/auth/refresh-token',
    signOut: '/auth/logout',
    user: '/auth/me',
    ...options.paths,
  }
  const fields = {
    accessToken: 'access_token',
    refreshToken: 'refresh_token',
    expiresIn: 'expires_in',
    expiresAt: 'expires_at',
    user: 'user',
    ...options.fields,
  }

  const request = (path: string, body?: unknown, bearer?: string | null): HttpRequest => ({
    method: body === undefined ? 'GET' : 'POST',
    url: baseUrl.replace(/\/+$/, '') + path,
    headers: { ...headers, ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}) },
    body,
    credentials,
  })

  /** The tokens of an answer; null when it has none. */
  const readTokens = ({ ok, json }: HttpAnswer): TokenAnswer<User> | null => {
    const accessToken = json?.[fields.accessToken]
    if (!ok || !json || typeof accessToken !== 'string' || !accessToken) return null
    const refreshToken = json[fields.refreshToken]
    const user = json[fields.user]
    return {
      accessToken,
      refreshToken: typeof refreshToken === 'string' ? refreshToken : null,
      expiresIn: number(json[fields.expiresIn]),
      expiresAt: number(json[fields.expiresAt]),
      user: user instanceof Object ? toUser(user) : null,
    }
  }

  return Object.freeze<Backend<User, Credentials>>({
    async signIn(input, context) {
      const body = (bodies.signIn ?? ((value) => value))(input)
      const answer = await send(request(paths.signIn, body), context)
      const tokens = readTokens(answer)
      if (tokens) return tokens
      if (answer.ok && answer.json)
        throw new AuthError('invalid_response', `The answer to the sign-in has no ${fields.accessToken}.`)
      throw failure(answer, 'credentials_rejected', [])
    },
    async refresh({ refreshToken, accessToken }, context) {
      const body = (bodies.refresh ?? ((refresh_token) => ({ refresh_token })))(refreshToken)
      const answer = await send(request(paths.refresh, body), context)
      const tokens = readTokens(answer)
      return tokens ? { type: 'renewed', answer: tokens } : refreshFailure(answer, [refreshToken, accessToken])
    },
    async signOut({ refreshToken, accessToken }: SessionTokens, scope, context) {
      if (!paths.signOut) return
      const build = bodies.signOut ?? ((refresh_token, scope) => ({ refresh_token, scope }))
      const answer = await send(request(paths.signOut, build(refreshToken, scope), accessToken), context)
      if (!answer.ok) throw failure(answer, 'rejected', [refreshToken, accessToken])
    },
    ...(paths.user
      ? {
          async getUser(accessToken, context) {
            const answer = await send(request(paths.user as string, undefined, accessToken), context)
            if (!answer.ok || !answer.json) throw failure(answer, 'rejected', [accessToken])
            return toUser(answer.json)
          },
        }
      : {}),
  } satisfies Backend<User, Credentials>)
}

const number = (value: unknown): number | null => {
  const result = typeof value === 'string' && value ? Number(value) : value
  return typeof result === 'number' && Number.isFinite(result) ? result : null
}
