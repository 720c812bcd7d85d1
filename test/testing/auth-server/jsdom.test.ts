// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { createMockAuth } from '../../../src/testing/auth-server/index.ts'
import { bearer, restLogin } from './auth-client.ts'

test('the mock works among the globals of jsdom, abort signals included', async () => {
  const mock = createMockAuth()
  const { access_token: token } = await restLogin(mock)
  const { signal } = new AbortController()
  const response = await mock.fetch('/api/echo', { method: 'POST', body: 'text', ...bearer(token), signal })
  expect(response.status).toBe(200)
  mock.faults.next('api', { type: 'hang' })
  await expect(mock.fetch('/api/public', { signal: AbortSignal.timeout(5) })).rejects.toBeDefined()
})

test.each(['HS256', 'ES256', 'none'] as const)(
  'refresh tokens of version 2 and %s work among them, too',
  async (signing) => {
    const mock = createMockAuth({ profile: 'v2', signing })
    const { access_token: token, refresh_token: refreshToken } = await restLogin(mock)
    expect(refreshToken).toHaveLength(51)
    expect((await mock.fetch('/api/auth/me', bearer(token))).status).toBe(200)
    const [header, payload, signature] = token.split('.')
    const altered = `${header}.${payload}.${signature?.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}x`
    expect((await mock.fetch('/api/auth/me', bearer(altered))).status).toBe(401)
    const body = JSON.stringify({ refresh_token: refreshToken })
    expect((await mock.fetch('/api/auth/refresh-token', { method: 'POST', body })).status).toBe(200)
  },
)
