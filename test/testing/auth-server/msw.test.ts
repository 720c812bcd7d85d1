import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { expect, test } from 'vitest'
import { createMockAuth, mswHandlers } from '../../../src/testing/auth-server/index.ts'

const origin = 'https://backend.example.test'

test('msw serves the mock to a real fetch, network errors included', async () => {
  const mock = createMockAuth()
  const server = setupServer(...mswHandlers(http, mock, origin, HttpResponse))
  server.listen({ onUnhandledRequest: 'error' })
  try {
    const login = await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      body: JSON.stringify({ email: 'ada@example.test', password: 'correct-horse' }),
    })
    const { access_token: token } = (await login.json()) as { access_token: string }
    const headers = { Authorization: `Bearer ${token}` }
    expect((await fetch(`${origin}/api/echo?a=1`, { headers })).status).toBe(200)
    expect((await fetch(`${origin}/auth/v1/user`, { headers })).status).toBe(200)

    mock.faults.next('api', { type: 'drop' })
    await expect(fetch(`${origin}/api/public`)).rejects.toThrow(TypeError)
    mock.faults.next('api', { type: 'hang' })
    await expect(fetch(`${origin}/api/public`, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    expect(mock.count('api')).toBe(2)
  } finally {
    server.close()
  }
})

test.each(['before', 'after'])(
  'paths below the same prefix are the app’s, whose handlers stand %s the mock’s',
  async (where) => {
    const mock = createMockAuth({ rest: { paths: { signIn: '/session' } } })
    const notes = http.get(`${origin}/api/notes`, async ({ request }) => {
      const { user, refusal } = await mock.authenticate(request)
      return user ? HttpResponse.json([user.email]) : refusal
    })
    const own = mswHandlers(http, mock, origin, HttpResponse)
    const server = setupServer(...(where === 'before' ? [notes, ...own] : [...own, notes]))
    server.listen({ onUnhandledRequest: 'error' })
    try {
      expect((await fetch(`${origin}/api/notes`)).status).toBe(401)
      const body = JSON.stringify({ email: 'ada@example.test', password: 'correct-horse' })
      const login = await fetch(`${origin}/api/session`, { method: 'POST', body })
      const { access_token: token } = (await login.json()) as { access_token: string }
      const answer = await fetch(`${origin}/api/notes`, { headers: { Authorization: `Bearer ${token}` } })
      expect(await answer.json()).toEqual(['ada@example.test'])
      expect(mock.log.map(({ call, status }) => [call, status])).toEqual([
        ['api', 401],
        ['sign_in', 200],
        ['api', 200],
      ])
      mock.reset()
      expect(mock.log).toEqual([])
      expect((await fetch(`${origin}/api/notes`, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(401)
    } finally {
      server.close()
    }
  },
)

test('without msw its network error is the global one', () => {
  const paths: string[] = []
  const all = (path: string): string => {
    paths.push(path)
    return path
  }
  mswHandlers({ all }, createMockAuth({ restBase: '/v2' }), origin)
  expect(paths).toEqual([`${origin}/auth/v1/*`, `${origin}/v2/*`])
})
