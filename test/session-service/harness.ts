import { createSessionService, fixedKeys, type SessionServiceOptions, type SessionStore } from 'keyturn/session-service'
import { createFakeClock } from 'keyturn/testing'

export const TOKEN = 'caller-token-of-the-tests'
export const KEYS = [{ kid: 'k1', key: 'the signing key of the tests, long enough' }]

export interface Call {
  readonly token?: string | null
  readonly headers?: Record<string, string>
  /** Sent as JSON, a text as it stands. */
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: an answer of unknown shape is what a test looks into
  readonly body: any
}

/** A service on a clock of its own, asked as its callers would. Sessions live 60 s, 300 s in all. */
export function openService(store: SessionStore | undefined, options: Partial<SessionServiceOptions> = {}) {
  const clock = createFakeClock()
  const service = createSessionService({
    keys: fixedKeys(KEYS),
    callers: [TOKEN],
    clock,
    ttl: 60,
    maxLifetime: 300,
    extendFrom: 0,
    ...(store ? { store } : {}),
    ...options,
  })
  const call = async (method: string, path: string, { token = TOKEN, headers = {}, body }: Call = {}) => {
    const init: RequestInit = {
      method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    }
    if (body !== undefined) {
      init.body = typeof body === 'string' ? body : JSON.stringify(body)
      init.headers = { 'content-type': 'application/json', ...init.headers }
    }
    const response = await service.handle(new Request(`http://sessions.test${path}`, init))
    const text = await response.text()
    const isJson = text !== '' && response.headers.get('content-type') === 'application/json'
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    } satisfies Answer
  }
  const post = (path: string, body?: unknown, more: Call = {}) => call('POST', path, { ...more, body })
  return {
    service,
    clock,
    call,
    post,
    now: () => Math.floor(clock.now() / 1000),
    create: async (user_id: string | number, more: Call = {}): Promise<string> =>
      (await post('/session', { user_id }, more)).body.session_id,
    refresh: (session_id: string, more?: Call) => post('/session/refresh', { session_id }, more),
    invalidate: (what: object, more?: Call) => post('/session/invalidate', what, more),
    validate: (id: string, more: Call = {}) =>
      call('GET', '/session/validate', { ...more, headers: { 'x-session-id': id, ...more.headers } }),
    valid: async (id: string): Promise<boolean> =>
      (await call('GET', '/session/validate', { headers: { 'x-session-id': id } })).body.valid,
    list: async (user: string | number) =>
      (await call('GET', `/sessions?user_id=${encodeURIComponent(user)}`)).body.sessions,
    count: async (user: string | number): Promise<number> =>
      (await call('GET', `/sessions/count?user_id=${encodeURIComponent(user)}`)).body.count,
  }
}

export type Service = ReturnType<typeof openService>

/** A store that fails the test as soon as anybody asks it for a session. */
export function storeThatMustNotBeAsked(): SessionStore {
  const refuse = () => Promise.reject(new Error('The store was asked.'))
  return {
    name: 'untouchable',
    create: refuse,
    find: refuse,
    extend: refuse,
    rotate: refuse,
    end: refuse,
    endUser: refuse,
    list: refuse,
    count: refuse,
    removeExpired: refuse,
    open: async () => [],
    check: async () => {},
    close: async () => {},
  }
}
