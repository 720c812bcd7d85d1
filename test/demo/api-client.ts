import { createApi } from '../../demo/server/api.ts'
import { createMockAuth, type MockAuth, type MockAuthOptions } from '../../src/testing/auth-server/index.ts'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  readonly body: any
  readonly headers: Headers
}

export interface TestApi {
  readonly mock: MockAuth
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>
  readonly login: (email?: string, password?: string) => Promise<Answer>
  readonly refresh: (token: string) => Promise<Answer>
}

export interface CallOptions {
  readonly body?: unknown
  readonly token?: string
}

const users = [
  { email: 'ada@example.test', password: 'correct-horse', data: { name: 'Ada' } },
  { email: 'grace@example.test', password: 'battery-staple', data: { name: 'Grace' } },
  { email: 'new@example.test', password: 'not-yet-there', confirmed: false },
]

/** The demo's API in this process, with the mock as its Supabase project. */
export function testApi(
  options: MockAuthOptions & { readonly fetch?: typeof fetch; readonly timeLimit?: number } = {},
): TestApi {
  const { fetch, timeLimit, ...mockOptions } = options
  const mock = createMockAuth({ profile: 'hosted', users, ...mockOptions })
  const api = createApi({ supabaseUrl: mock.origin, anonKey: 'anon', fetch: fetch ?? mock.fetch, timeLimit })
  const call: TestApi['call'] = async (method, path, { body, token } = {}) => {
    const response = await api.fetch(
      new Request(`http://app.test/api${path}`, {
        method,
        headers: {
          'Content-Type': 'application/json',
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers }
  }
  return {
    mock,
    call,
    login: (email = 'ada@example.test', password = 'correct-horse') =>
      call('POST', '/auth/login', { body: { email, password } }),
    refresh: (token) => call('POST', '/auth/refresh-token', { body: { refresh_token: token } }),
  }
}
