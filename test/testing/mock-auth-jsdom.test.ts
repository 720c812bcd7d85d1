// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { createMockAuth } from '../../src/testing/mock-auth/index.ts'
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
