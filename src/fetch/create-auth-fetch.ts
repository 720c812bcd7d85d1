import { type AuthError, misuse } from '../core/errors.ts'
import { checkOrigins } from '../core/origins.ts'
import type { Auth, Reply } from '../core/types.ts'

export interface AuthFetchOptions {
  /**
   * The origins (scheme, host and port) that may see the access token, besides the page's own. On a server there is no
   * page: name them all.
   * @example ['https://api.example.com']
   */
  readonly origins?: readonly string[]
}

export interface AuthRequestInit extends RequestInit {
  /** Send this request without a token, without waiting for one, and hand its 401 to the caller. */
  readonly skipAuth?: boolean
}

export type AuthFetch = (input: string | URL | Request, init?: AuthRequestInit) => Promise<Response>

interface FetchReply extends Reply {
  readonly response: Response
}

/**
 * Makes a `fetch` that carries the session: attaches the access token, waits for one that is being renewed, and answers
 * a 401 by one shared refresh and one repeat of the request.
 *
 * As `fetch` does, it resolves with any answer, the final 401 included. It rejects with an {@link AuthError} when no
 * token can be had, and with the signal's reason when the request is aborted. It does not attach anything to a request
 * that carries its own `Authorization`, has `skipAuth: true`, or goes to an origin that is not allowed; nor does it
 * repeat a `ReadableStream` body.
 * @throws AuthError `misconfigured` when an origin is not one.
 */
export function createAuthFetch(auth: Pick<Auth, 'exchange'>, options: AuthFetchOptions = {}): AuthFetch {
  if (!auth?.exchange) misuse('createAuthFetch: the first argument must be what createAuth() returned.')
  const origins = ['', ...checkOrigins('createAuthFetch', options.origins ?? [])]

  return async (input, init = {}) => {
    const { skipAuth, ...rest } = init
    const request = typeof input === 'object' && 'clone' in input ? input : null
    const own = new Headers(rest.headers ?? request?.headers)
    const { reply } = await auth.exchange<FetchReply>({
      url: request ? request.url : String(input),
      origins,
      skip: skipAuth || own.has('Authorization'),
      repeatable: !(rest.body instanceof Object && ('getReader' in rest.body || Symbol.asyncIterator in rest.body)),
      signal: rest.signal ?? request?.signal,
      async send({ token, fetch }) {
        const headers = new Headers(own)
        if (token) headers.set('Authorization', `Bearer ${token}`)
        const response = await fetch(request ? request.clone() : input, { ...rest, headers })
        return {
          response,
          status: response.status,
          challenge: response.headers.get('WWW-Authenticate'),
          url: response.url,
        }
      },
      // Its connection may have broken meanwhile.
      discard: ({ response }) => void response.body?.cancel().catch(() => {}),
    })
    return reply.response
  }
}
