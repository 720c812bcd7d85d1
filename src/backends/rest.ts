import { AuthError, misuse } from '../core/errors.ts'
import type { Backend, SignOutScope, TokenAnswer } from '../core/types.ts'
import { failure, type HttpAnswer, refreshFailure, send } from './http.ts'

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
  /** `fetch`'s credentials mode. Default: the browser's, `same-origin`. */
  readonly credentials?: RequestCredentials
  /** Headers for every call, such as an API key. */
  readonly headers?: Record<string, string>
}

/**
 * A backend of plain JSON endpoints, called by raw `fetch`. A refresh is final only when the server says 400, 401 or
 * 403 in something other than HTML; every other failure keeps the session.
 * @throws AuthError `misconfigured` when `baseUrl` is missing.
 */
export function restBackend<User = unknown, Credentials = PasswordCredentials>(
  options: RestBackendOptions<User, Credentials>,
): Backend<User, Credentials> {
  const { baseUrl, paths = {}, fields = {}, bodies, headers, credentials } = options ?? {}
  if (typeof baseUrl !== 'string') misuse("restBackend: no baseUrl. Pass one, for instance '/api'.")
  const { signIn = '/auth/login', refresh = '/auth/refresh-token', signOut = '/auth/logout', user = '/auth/me' } = paths

  const request = (path: string, body?: unknown, bearer?: string | null) => ({
    method: body === undefined ? 'GET' : 'POST',
    url: baseUrl.replace(/\/+$/, '') + path,
    headers: { ...headers, ...(bearer && { Authorization: `Bearer ${bearer}` }) },
    body,
    credentials,
  })
  const toUser = (value: unknown) =>
    value instanceof Object ? (options.toUser ? options.toUser(value) : (value as User)) : null

  /** The tokens of an answer; null when it has none. */
  const readTokens = ({ ok, json }: HttpAnswer): TokenAnswer<User> | null => {
    const accessToken = json[fields.accessToken ?? 'access_token']
    const refreshToken = json[fields.refreshToken ?? 'refresh_token']
    if (!ok || !accessToken || typeof accessToken !== 'string') return null
    return {
      accessToken,
      refreshToken: typeof refreshToken === 'string' ? refreshToken : null,
      expiresIn: Number(json[fields.expiresIn ?? 'expires_in']) || null,
      expiresAt: Number(json[fields.expiresAt ?? 'expires_at']) || null,
      user: toUser(json[fields.user ?? 'user']),
    }
  }

  return Object.freeze<Backend<User, Credentials>>({
    async signIn(input, context) {
      const answer = await send(request(signIn, bodies?.signIn?.(input) ?? input), context)
      const tokens = readTokens(answer)
      if (tokens) return tokens
      const error = failure(answer, 'credentials_rejected')
      if (error.code !== 'invalid_response') throw error
      throw new AuthError(error.code, `The answer to the sign-in has no ${fields.accessToken ?? 'access_token'}.`)
    },
    async refresh({ refreshToken, accessToken }, context) {
      const body = bodies?.refresh?.(refreshToken as string) ?? { refresh_token: refreshToken }
      const answer = await send(request(refresh, body), context)
      const tokens = readTokens(answer)
      return tokens ? { type: 'renewed', answer: tokens } : refreshFailure(answer, [refreshToken, accessToken])
    },
    async signOut({ refreshToken, accessToken }, scope, context) {
      if (!signOut) return
      const body = bodies?.signOut?.(refreshToken, scope) ?? { refresh_token: refreshToken, scope }
      const answer = await send(request(signOut, body, accessToken), context)
      if (!answer.ok) throw failure(answer, 'rejected', [refreshToken, accessToken])
    },
    async getUser(accessToken, context) {
      const answer = user && (await send(request(user, undefined, accessToken), context))
      if (answer && !answer.ok) throw failure(answer, 'rejected', [accessToken])
      return answer ? toUser(answer.json) : null
    },
  })
}
