import type { Auth, Reply } from '../core/types.ts'
import { headerFor, unpackJar } from './jar.ts'
import type { SteamCredentials, SteamUser } from './steam-backend.ts'

export type SteamFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

interface FetchReply extends Reply {
  readonly response: Response
}

const REDIRECTS = [301, 302, 303, 307, 308]
const LONGEST_CHAIN = 10

/**
 * A `fetch` with the session's cookies on it, those of each address's own domain. Redirects are followed step by step, so that
 * each gets its own; one that leads to Steam's sign-in page counts as a 401: the cookies are made anew and the request is
 * repeated once. A redirect that would send a body again, or is more than the tenth, is handed to the caller as it is.
 *
 * What an answer sets (`Set-Cookie`) is not kept. An address of somebody else gets no cookie.
 * @param early renews what ends soon before a request leaves
 */
export function createSteamFetch(
  auth: Pick<Auth<SteamUser, SteamCredentials>, 'exchange'>,
  early: () => Promise<string>,
): SteamFetch {
  return async (input, init = {}) => {
    const request = typeof input === 'object' && 'clone' in input ? input.clone() : null
    const url = request ? request.url : String(input)
    const body = init.body ?? null
    const token = await early()
    const foreign = !headerFor(unpackJar(token) ?? { sessionId: '', cookies: [] }, url)
    const { reply } = await auth.exchange<FetchReply>({
      url,
      origins: [new URL(url).origin],
      skip: foreign,
      repeatable: !(body instanceof Object && ('getReader' in body || Symbol.asyncIterator in body)),
      signal: init.signal === undefined ? request?.signal : init.signal,
      async send({ token, fetch }) {
        const sent = { ...init, headers: init.headers ?? request?.headers ?? {}, redirect: 'manual' } as RequestInit
        const follow = (init.redirect ?? request?.redirect ?? 'follow') === 'follow'
        const { response, refused } = await walk(request ? request.clone() : url, url, sent, token, follow, fetch)
        return { response, status: response.status, url: response.url, expired: refused }
      },
      discard: ({ response }) => void response.body?.cancel().catch(() => {}),
    })
    return reply.response
  }
}

async function walk(
  first: string | Request,
  address: string,
  init: RequestInit,
  token: string | null,
  follow: boolean,
  fetch: typeof globalThis.fetch,
): Promise<{ readonly response: Response; readonly refused: boolean }> {
  let method = (init.method ?? (first instanceof Request ? first.method : 'GET')).toUpperCase()
  let url = address
  let response = await fetch(first, { ...init, headers: dressed(init.headers, url, token) })
  for (let hop = 0; hop < LONGEST_CHAIN; hop++) {
    const target = REDIRECTS.includes(response.status) ? response.headers.get('location') : null
    const next = target !== null && URL.canParse(target, url) ? new URL(target, url) : null
    if (token && next && isSignIn(next)) return { response, refused: true }
    const safe = method === 'GET' || method === 'HEAD'
    if (!follow || !next || (!safe && response.status > 303)) break
    if (!safe) method = 'GET'
    await response.body?.cancel()
    const headers = new Headers(init.headers)
    for (const name of ['content-type', 'content-length']) headers.delete(name)
    if (next.origin !== new URL(url).origin) for (const name of ['authorization', 'cookie']) headers.delete(name)
    url = next.href
    const { body: _, ...rest } = init
    init = { ...rest, method, headers }
    response = await fetch(url, { ...init, headers: dressed(headers, url, token) })
  }
  return { response, refused: response.status === 401 }
}

/** Where Steam leads whoever is not signed in. */
const isSignIn = ({ hostname, pathname }: URL): boolean =>
  /(^|\.)(steamcommunity|steampowered)\.com$/.test(hostname) && /^\/(login|openid\/login)(\/|$)/.test(pathname)

/** The caller's headers, and the cookies of this address. */
function dressed(given: HeadersInit | undefined, url: string, token: string | null): Headers {
  const headers = new Headers(given)
  const jar = unpackJar(token)
  const plain = !url.startsWith('https:')
  const ours = jar && !plain ? headerFor(jar, url) : ''
  if (ours) headers.set('cookie', [headers.get('cookie'), ours].filter(Boolean).join('; '))
  return headers
}
