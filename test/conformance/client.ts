import type { ServerFacts } from './facts.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: cases look into bodies of any shape
  readonly body: any
}

export interface Send {
  /** Sent as it is when it is text, as JSON otherwise. */
  readonly body?: unknown
  readonly bearer?: string
  /** Version of the error format; null sends none. Default: 2024-01-01. */
  readonly version?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface Client {
  readonly send: (method: string, path: string, options?: Send) => Promise<Answer>
  readonly get: (path: string, options?: Send) => Promise<Answer>
  readonly post: (path: string, body: unknown, options?: Send) => Promise<Answer>
  readonly put: (path: string, body: unknown, options?: Send) => Promise<Answer>
  readonly refresh: (refreshToken: string, options?: Send) => Promise<Answer>
  readonly signIn: (body: unknown, options?: Send) => Promise<Answer>
  readonly user: (accessToken: string, options?: Send) => Promise<Answer>
  readonly logout: (accessToken: string, scope?: string) => Promise<Answer>
}

/** Speaks HTTP to the server, and nothing else. `pause` is waited for before each request. */
export function createClient(facts: ServerFacts, pause: () => Promise<void> = async () => {}): Client {
  const send: Client['send'] = async (method, path, { body, bearer, version = '2024-01-01', headers } = {}) => {
    await pause()
    const response = await fetch(`${facts.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        apikey: facts.apikey,
        ...(version === null ? {} : { 'X-Supabase-Api-Version': version }),
        ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json;charset=UTF-8' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: parse(text) }
  }
  const post: Client['post'] = (path, body, options) => send('POST', path, { ...options, body })
  return {
    send,
    get: (path, options) => send('GET', path, options),
    post,
    put: (path, body, options) => send('PUT', path, { ...options, body }),
    refresh: (refreshToken, options) =>
      post('/token?grant_type=refresh_token', { refresh_token: refreshToken }, options),
    signIn: (body, options) => post('/token?grant_type=password', body, options),
    user: (accessToken, options) => send('GET', '/user', { ...options, bearer: accessToken }),
    logout: (accessToken, scope) =>
      send('POST', scope === undefined ? '/logout' : `/logout?scope=${scope}`, { bearer: accessToken }),
  }
}

/** Text that is not JSON stays text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
