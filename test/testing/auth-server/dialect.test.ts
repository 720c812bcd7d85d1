import { expect, test } from 'vitest'
import { createMockAuth, type MockDialect } from '../../../src/testing/auth-server/index.ts'

const ADA = { email: 'ada@example.test', password: 'correct-horse' }

/** A call to a mock that speaks a dialect; its status and its body. */
function open(rest: MockDialect) {
  const mock = createMockAuth({ rest, restBase: '/v2', signing: 'none' })
  const call = async (method: string, path: string, body?: BodyInit | object, token?: string) => {
    const plain = body === undefined || typeof body === 'string' || body instanceof URLSearchParams
    const response = await mock.fetch(`${mock.origin}/v2${path}`, {
      method,
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      ...(body === undefined ? {} : { body: plain ? (body as BodyInit) : JSON.stringify(body) }),
    })
    const text = await response.text()
    // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
    return { status: response.status, body: (text ? JSON.parse(text) : null) as any }
  }
  return { mock, call }
}

test('paths with methods, fields in depth, bodies of another shape: sign-in, refresh, user, sign-out', async () => {
  const { mock, call } = open({
    paths: { signIn: '/session', refresh: 'PUT /session', signOut: 'DELETE /session', user: '/whoami' },
    fields: { accessToken: 'data.jwt', refreshToken: 'data.next.token', expiresIn: 'data.ttl', user: 'person' },
    bodies: {
      signIn: ({ email, password }: typeof ADA) => ({ who: { mail: email }, word: password }),
      refresh: (token: string) => ({ a: { b: token } }),
      signOut: (token: string | null) => ({ end: token }),
    },
    user: ({ email }) => ({ mail: email }),
  })
  const first = await call('POST', '/session', { who: { mail: ADA.email }, word: ADA.password })
  expect(first.body).toMatchObject({ data: { ttl: 3600 }, person: { mail: ADA.email } })
  const second = await call('PUT', '/session', { a: { b: first.body.data.next.token } })
  expect(second.status).toBe(200)
  expect(second.body.data.next.token).not.toBe(first.body.data.next.token)
  expect((await call('GET', '/whoami', undefined, second.body.data.jwt)).body).toEqual({ mail: ADA.email })
  expect((await call('DELETE', '/session', { end: second.body.data.next.token })).status).toBe(204)
  expect(mock.admin.sessions()[0]?.ended?.why).toBe('signed_out')
  expect(mock.log.map((entry) => entry.call)).toEqual(['sign_in', 'refresh', 'user', 'sign_out'])
})

test('forms are read, and an answer that no path describes is made by the app', async () => {
  const { call } = open({
    bodies: { refresh: (token: string) => new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }) },
    answer: ({ accessToken, refreshToken }) => [accessToken, refreshToken],
  })
  const { body } = await call('POST', '/auth/login', ADA)
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: body[1] })
  const renewed = await call('POST', '/auth/refresh-token', form)
  expect(renewed.status).toBe(200)
  expect(renewed.body).toHaveLength(2)
})

test('a call that the server does not have, and every other path, are not its own', () => {
  const { mock } = open({ paths: { user: null } })
  const owns = (method: string, path: string) => mock.owns({ method, url: `${mock.origin}/v2${path}` })
  expect(owns('POST', '/auth/login')).toBe(true)
  expect(owns('GET', '/auth/login')).toBe(false)
  expect(owns('GET', '/auth/me')).toBe(false)
  expect(owns('GET', '/public')).toBe(false)
})

test.each([
  ['a path', { paths: { refresh: () => '/x' } }, 'rest.paths.refresh must be a text'],
  [
    'a body that hides what it was given',
    { bodies: { refresh: (token: string) => ({ t: btoa(token) }) } },
    'rest.bodies',
  ],
] as const)('%s that cannot be read backwards is told', (_, rest, words) => {
  expect(() => open(rest as MockDialect)).toThrow(words)
})

test('a field that cannot be read backwards is told when it is needed', async () => {
  const { call } = open({ fields: { accessToken: () => '' } })
  await expect(call('POST', '/auth/login', ADA)).rejects.toThrow('Give rest.answer')
})
