import { AuthError, type Backend, type BackendContext, type RefreshOutcome } from 'keyturn'

export interface Call {
  readonly url: string
  readonly method: string | undefined
  /** Lower-case names. */
  readonly headers: Record<string, string>
  readonly body: unknown
  readonly init: RequestInit
}

export const now: number = Date.UTC(2026, 0, 1)
export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } })
export const html = (status: number): Response =>
  new Response('<html><body>Please sign in to the hotel Wi-Fi</body></html>', {
    status,
    headers: { 'Content-Type': 'text/html; charset=utf-8' },
  })

/** A context whose `fetch` answers as told, and the calls that reached it. */
export function answering(
  answer: () => Response | Promise<Response>,
  change: Partial<BackendContext> = {},
): { calls: Call[]; context: BackendContext } {
  const calls: Call[] = []
  const fetch = async (url: unknown, init: RequestInit = {}) => {
    const { body } = init
    calls.push({
      url: String(url),
      method: init.method,
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof body === 'string' ? JSON.parse(body) : (body ?? null),
      init,
    })
    return answer()
  }
  const context: BackendContext = {
    signal: new AbortController().signal,
    fetch: fetch as typeof globalThis.fetch,
    pageUrl: 'https://app.example.test/deep/page?x=1#y',
    now,
    ...change,
  }
  return { calls, context }
}

/** A refresh, as the engine reads it: what is thrown counts as unavailable. */
export async function refresh(backend: Backend<unknown, never>, context: BackendContext): Promise<RefreshOutcome> {
  try {
    return await backend.refresh({ accessToken: 'access-1', refreshToken: 'refresh-1' }, context)
  } catch (error) {
    const known = error instanceof AuthError
    return { type: 'unavailable', error: known ? error : new AuthError('unavailable', 'thrown', { cause: error }) }
  }
}
