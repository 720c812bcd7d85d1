import { misuse } from '../core/errors.ts'
import type { Auth, Reply } from '../core/types.ts'
import { copyCookie, isAmong, type RequestOptions, readOptions } from '../requests/options.ts'
import { own } from '../requests/own.ts'
import { reportBare } from '../requests/report-bare.ts'

/** As {@link RequestOptions}; `origins` besides the page's own. On a server there is no page: name them all. */
export type AuthFetchOptions = RequestOptions<Response>

export interface AuthRequestInit extends RequestInit {
  /** Send this request without a token, without waiting for one, and hand its 401 to the caller. */
  readonly skipAuth?: boolean
}

export type AuthFetch = (input: string | URL | Request, init?: AuthRequestInit | null) => Promise<Response>

interface FetchReply extends Reply {
  readonly response: Response
}

/**
 * Makes a `fetch` that carries the session: attaches the access token, waits for one that is being renewed, and answers
 * a 401 by one shared refresh and one repeat of the request.
 *
 * As `fetch` does, it resolves with any answer, the final 401 included. It rejects with an {@link AuthError} when no
 * token can be had, and with the signal's reason when the request is aborted. It does not attach anything to a request
 * that carries that header already (`Authorization`), has `skipAuth: true`, or goes to an origin that is not allowed; nor does it
 * repeat a `ReadableStream` body.
 *
 * One call is one request of one person. Whoever sends it again by another call sends it for whoever is signed in then;
 * so let a library that retries on its own leave an {@link AuthError} `session_changed` alone.
 * @throws AuthError `misconfigured` when an option is not known, or an origin is not one.
 */
export function createAuthFetch(
  auth: Pick<Auth, 'exchange' | 'getState' | 'report'>,
  options?: AuthFetchOptions,
): AuthFetch {
  const name = 'createAuthFetch'
  if (!auth?.exchange) misuse(`${name}: the first argument must be what createAuth() returned.`)
  const {
    header,
    credentials,
    bearer,
    csrf,
    expired,
    statuses,
    proof,
    whose,
    origins = [],
  } = readOptions(name, options)

  return async (input, init) => {
    const { skipAuth, ...rest } = own(init)
    // Copied now: what the caller does with them later is not what was asked for.
    const request = typeof input === 'object' && 'clone' in input ? input.clone() : null
    const given = new Headers(rest.headers ?? request?.headers)
    const skip = skipAuth || (!!header && given.has(header))
    const { method = request?.method ?? 'GET' } = rest
    const repeatable = !(rest.body instanceof Object && ('getReader' in rest.body || Symbol.asyncIterator in rest.body))
    const { reply } = await auth.exchange<FetchReply>({
      url: request ? request.url : String(input),
      origins: ['', ...origins],
      skip,
      repeatable,
      signal: rest.signal === undefined ? request?.signal : rest.signal,
      async send({ token, url, allowed, fetch }) {
        const trusted = allowed && !skip
        const headers = new Headers(given)
        const proven = trusted && token && proof
        const session = {
          ...(proven ? await proven.sign(token, method.toUpperCase(), url) : bearer(token)),
          ...(trusted && csrf && (await (csrf instanceof Function ? csrf() : copyCookie(csrf)))),
        }
        for (const [key, value] of Object.entries(session)) headers.set(key, value)
        const send = () =>
          fetch(request ? request.clone() : url, {
            __proto__: null,
            ...(trusted && credentials && { credentials }),
            ...rest,
            headers,
          } as RequestInit)
        let response = await send()
        if (proven && (await proven.learn(url, response.status, (name) => response.headers.get(name))) && repeatable) {
          for (const [key, value] of Object.entries(await proven.sign(token, method.toUpperCase(), url)))
            headers.set(key, value)
          response = await send()
        }
        const { status } = response
        const challenge = response.headers.get('WWW-Authenticate')
        if (!allowed && !skip) reportBare(auth, status, url)
        return {
          response,
          status,
          challenge,
          url: response.url,
          own: trusted ? whose?.(response, auth.getState().user) : undefined,
          expired: trusted ? ((await expired?.(response)) ?? isAmong(statuses, status, challenge)) : undefined,
        }
      },
      // Its connection may have broken meanwhile.
      discard: ({ response }) => void response.body?.cancel().catch(() => {}),
    })
    return reply.response
  }
}
