import type { Clock } from '../../../src/core/ports.ts'
import type { MockAuth } from '../../../src/testing/auth-server/index.ts'

/** A clock that moves only when told to. */
export interface ManualClock extends Clock {
  readonly advance: (ms: number) => void
  readonly pending: () => number
  /** The mock server signs in real time; `settle` waits for that. */
  readonly during: <T>(work: Promise<T>) => Promise<T>
  /** Lets every promise that is ready run, by going around the event loop a few times. */
  readonly settle: () => Promise<void>
}

export function manualClock(start: number = Date.parse('2030-01-01T00:00:00Z')): ManualClock {
  let time = start
  const timers = new Map<number, { at: number; run: () => void }>()
  const working = new Set<Promise<unknown>>()
  let serial = 0
  return {
    now: () => time,
    setTimeout: (run, ms) => {
      serial += 1
      timers.set(serial, { at: time + ms, run })
      return serial
    },
    clearTimeout: (timer) => void timers.delete(timer as number),
    advance: (ms) => {
      time += ms
      for (const [timer, { at, run }] of [...timers]) {
        if (at > time) continue
        timers.delete(timer)
        run()
      }
    },
    pending: () => timers.size,
    during: (work) => {
      working.add(work)
      return work.finally(() => working.delete(work))
    },
    settle: async () => {
      for (let round = 0; round < 5 || working.size; round++) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

/** A repeatable source of randomness. */
export function seeded(seed = 1): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  readonly body: any
  readonly headers: Headers
}

export async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = response.headers.get('Content-Type') === 'application/json'
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
}

export interface Call {
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Record<string, string>
}

/** Speaks the Supabase dialect by hand, as a raw HTTP client. */
export interface SupabaseClient {
  /** Sends the version header unless `headers` are given. A string goes out as it is, anything else as JSON. */
  readonly call: (method: string, path: string, call?: Call) => Promise<Answer>
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Answer>
  readonly signUp: (body: unknown) => Promise<Answer>
  readonly signIn: (email?: string, password?: string) => Promise<Answer>
  readonly refresh: (token: string) => Promise<Answer>
  readonly user: (token: string) => Promise<Answer>
  readonly update: (token: string, changes: unknown) => Promise<Answer>
  readonly logout: (token: string, scope?: string) => Promise<Answer>
}

export const version: Record<string, string> = { 'X-Supabase-Api-Version': '2024-01-01' }

export function supabaseClient(mock: MockAuth): SupabaseClient {
  const call: SupabaseClient['call'] = async (method, path, { body, token, headers = version } = {}) =>
    read(
      await mock.fetch(`/auth/v1${path}`, {
        method,
        headers: { ...headers, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    )
  const post: SupabaseClient['post'] = (path, body, headers = version) => call('POST', path, { body, headers })
  return {
    call,
    post,
    signUp: (body) => post('/signup', body),
    signIn: (email = 'ada@example.test', password = 'correct-horse') =>
      post('/token?grant_type=password', { email, password }),
    refresh: (token) => post('/token?grant_type=refresh_token', { refresh_token: token }),
    user: (token) => call('GET', '/user', { token }),
    update: (token, body) => call('PUT', '/user', { token, body }),
    logout: (token, scope) =>
      call('POST', scope === undefined ? '/logout' : `/logout?scope=${scope}`, { token, body: '' }),
  }
}

/** What the cases of a table say about a refusal. */
export function refusal({ status, body }: Answer): unknown[] {
  return [status, body.code, body.message]
}

/** Speaks the REST dialect by hand. */
export async function rest(mock: MockAuth, method: string, path: string, init: RequestInit = {}): Promise<Answer> {
  return read(await mock.fetch(`/api${path}`, { method, ...init }))
}

export async function restLogin(mock: MockAuth): Promise<{ access_token: string; refresh_token: string }> {
  const body = JSON.stringify({ email: 'ada@example.test', password: 'correct-horse' })
  return (await rest(mock, 'POST', '/auth/login', { body })).body
}

export function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { Authorization: `Bearer ${token}` } }
}
