import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { createMockAuth, type MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { bearer, manualClock, read, rest, restLogin, seeded } from '../auth-client.ts'

function server(options: MockAuthOptions = {}) {
  const clock = manualClock()
  return { clock, mock: createMockAuth({ clock, random: seeded(), ...options }) }
}

const refreshWith = (token: string): RequestInit => ({ body: JSON.stringify({ refresh_token: token }) })

test('signing in gives the tokens, the address and the user', async () => {
  const { mock, clock } = server()
  const body = JSON.stringify({ email: 'ada@example.test', password: 'correct-horse' })
  const answer = await rest(mock, 'POST', '/auth/login', { body })
  expect(answer.status).toBe(200)
  expect(answer.body).toEqual({
    email: 'ada@example.test',
    access_token: expect.any(String),
    refresh_token: expect.stringMatching(/^[a-z2-7]{12}$/),
    token_type: 'bearer',
    expires_in: 3600,
    expires_at: clock.now() / 1000 + 3600,
    user: { id: expect.any(String), email: 'ada@example.test', user_metadata: {} },
  })
})

test('a wrong password and an unknown user get 401 with the same detail', async () => {
  const { mock } = server()
  for (const email of ['ada@example.test', 'nobody@example.test']) {
    const { status, body } = await rest(mock, 'POST', '/auth/login', { body: JSON.stringify({ email, password: 'x' }) })
    expect([status, body]).toEqual([401, { detail: 'Invalid email or password' }])
  }
  expect(mock.log.map(({ call, code }) => [call, code])).toEqual([
    ['sign_in', 'invalid_credentials'],
    ['sign_in', 'invalid_credentials'],
  ])
})

test('a refresh gives new tokens and the same user; a spent token gets 401 with its code', async () => {
  const { mock } = server()
  const first = await restLogin(mock)
  const second = await rest(mock, 'POST', '/auth/refresh-token', refreshWith(first.refresh_token))
  expect(second.status).toBe(200)
  expect(second.body.refresh_token).not.toBe(first.refresh_token)
  expect(second.body.user).toEqual((first as unknown as { user: unknown }).user)
  const third = await rest(mock, 'POST', '/auth/refresh-token', refreshWith(first.refresh_token))
  expect([third.status, third.body]).toEqual([
    401,
    { detail: 'Invalid Refresh Token: Already Used', code: 'refresh_token_already_used' },
  ])
  const fourth = await rest(mock, 'POST', '/auth/refresh-token', refreshWith(second.body.refresh_token))
  expect([fourth.status, fourth.body.code]).toEqual([401, 'refresh_token_not_found'])
  expect((await rest(mock, 'POST', '/auth/refresh-token', { body: '{}' })).status).toBe(422)
})

test('signing out works with the access token, and with the refresh token when that has expired', async () => {
  const { mock, clock } = server()
  const first = await restLogin(mock)
  expect((await rest(mock, 'POST', '/auth/logout', bearer(first.access_token))).status).toBe(204)
  const second = await restLogin(mock)
  clock.advance(3_600_000)
  const body = JSON.stringify({ refresh_token: second.refresh_token, scope: 'local' })
  const answer = await rest(mock, 'POST', '/auth/logout', { ...bearer(second.access_token), body })
  expect(answer.status).toBe(204)
  expect(mock.admin.sessions().map(({ live }) => live)).toEqual([false, false])
  expect((await rest(mock, 'POST', '/auth/logout', { body })).status).toBe(401)
})

test('the scope of signing out comes in the body or the query; without one only this session ends', async () => {
  const { mock } = server()
  const live = (): boolean[] => mock.admin.sessions().map((session) => session.live)
  const tokens = [await restLogin(mock), await restLogin(mock), await restLogin(mock), await restLogin(mock)]
  const access = (index: number): string => tokens[index]?.access_token ?? ''
  await rest(mock, 'POST', '/auth/logout', bearer(access(0)))
  expect(live()).toEqual([false, true, true, true])
  await rest(mock, 'POST', '/auth/logout?scope=others', bearer(access(1)))
  expect(live()).toEqual([false, true, false, false])
  await restLogin(mock)
  await rest(mock, 'POST', '/auth/logout', { ...bearer(access(1)), body: '{"scope":"global"}' })
  expect(live()).toEqual([false, false, false, false, false])
  const last = await restLogin(mock)
  expect((await rest(mock, 'POST', '/auth/logout?scope=foo', bearer(last.access_token))).status).toBe(422)
})

test('the user can be asked for; without a good token that is a 401 with a challenge', async () => {
  const { mock, clock } = server()
  const { access_token: token } = await restLogin(mock)
  expect((await rest(mock, 'GET', '/auth/me', bearer(token))).body.email).toBe('ada@example.test')
  clock.advance(3_600_000)
  for (const init of [{}, bearer('garbage'), bearer(token)]) {
    const { status, headers } = await rest(mock, 'GET', '/auth/me', init)
    expect([status, headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
  }
})

test('echo tells a signed-in client what it sent, text and bytes', async () => {
  const { mock } = server()
  const { access_token: token } = await restLogin(mock)
  const bytes = new Uint8Array([0, 255, 254, 10])
  const headers = { ...bearer(token).headers, 'X-Own': 'yes' }
  const answer = await rest(mock, 'PUT', '/echo/deep?a=1&b=%20', { headers, body: bytes })
  expect(answer.body).toMatchObject({
    method: 'PUT',
    path: '/api/echo/deep',
    query: { a: '1', b: ' ' },
    search: '?a=1&b=%20',
    headers: { 'x-own': 'yes', authorization: `Bearer ${token}` },
    body: null,
    bodyBase64: 'AP/+Cg==',
    userId: decodeJwt(token).sub,
    sessionId: decodeJwt(token).session_id,
  })
  expect((await rest(mock, 'POST', '/echo', { headers, body: 'grüße' })).body.body).toBe('grüße')
  expect((await rest(mock, 'GET', '/echo', {})).status).toBe(401)
})

test('the other test routes: always 401, forbidden, public, unknown', async () => {
  const { mock } = server()
  const { access_token: token } = await restLogin(mock)
  const always = await rest(mock, 'GET', '/always-401', bearer(token))
  expect([always.status, always.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
  const forbidden = await rest(mock, 'GET', '/forbidden', bearer(token))
  expect([forbidden.status, forbidden.headers.get('WWW-Authenticate')]).toEqual([
    403,
    'Bearer error="insufficient_scope"',
  ])
  expect((await rest(mock, 'GET', '/public')).body).toEqual({ authorization: false })
  expect((await rest(mock, 'GET', '/public', bearer(token))).body).toEqual({ authorization: true })
  expect((await rest(mock, 'GET', '/nowhere')).status).toBe(404)
  expect((await rest(mock, 'GET', '/auth/login')).status).toBe(405)
})

test('the path prefix is an option', async () => {
  const { mock } = server({ restBase: '/v2/backend/' })
  expect(mock.restBase).toBe('/v2/backend')
  expect((await mock.fetch('/v2/backend/public')).status).toBe(200)
  expect((await mock.fetch('/api/public')).status).toBe(404)
})

test('both dialects speak about the same sessions', async () => {
  const { mock } = server()
  const { refresh_token: token, access_token: access } = await restLogin(mock)
  const response = await mock.fetch('/auth/v1/token?grant_type=refresh_token', {
    method: 'POST',
    body: JSON.stringify({ refresh_token: token }),
  })
  expect(response.status).toBe(200)
  expect((await read(await mock.fetch('/auth/v1/user', bearer(access)))).status).toBe(200)
  expect((await rest(mock, 'POST', '/auth/refresh-token', refreshWith(token))).status).toBe(401)
})

test('a page of another origin may ask for everything', async () => {
  const { mock } = server()
  const preflight = await mock.handle(
    new Request('http://auth.test/api/echo', {
      method: 'OPTIONS',
      headers: {
        Origin: 'http://app.test',
        'Access-Control-Request-Method': 'PUT',
        'Access-Control-Request-Headers': 'authorization,x-own',
      },
    }),
  )
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('Access-Control-Allow-Headers')).toBe('authorization,x-own')
  expect(preflight.headers.get('Access-Control-Allow-Methods')).toContain('PUT')
  const answer = await rest(mock, 'GET', '/echo', { headers: { Origin: 'http://app.test' } })
  expect(answer.headers.get('Access-Control-Expose-Headers')).toContain('WWW-Authenticate')
  expect(mock.count('preflight')).toBe(1)
})

test('the admin can end one session or all, and knows what is live', async () => {
  const { mock } = server()
  const first = await restLogin(mock)
  const second = await restLogin(mock)
  const [a, b] = mock.admin.sessions()
  expect(a).toMatchObject({ email: 'ada@example.test', live: true, tokensIssued: 1, refreshedAt: null })
  expect(mock.admin.currentRefreshToken(a?.id ?? '')).toBe(first.refresh_token)
  mock.admin.revokeSession(a?.id ?? '')
  expect([mock.admin.isLive(a?.id ?? ''), mock.admin.isLive(b?.id ?? '')]).toEqual([false, true])
  expect((await rest(mock, 'GET', '/auth/me', bearer(first.access_token))).status).toBe(401)
  mock.admin.revokeSessions()
  expect((await rest(mock, 'POST', '/auth/refresh-token', refreshWith(second.refresh_token))).status).toBe(401)
  expect(mock.admin.isLive('no such session')).toBe(false)
})

test('the log tells who presented what, and what became of it', async () => {
  const { mock, clock } = server()
  const { access_token: access, refresh_token: token } = await restLogin(mock)
  clock.advance(500)
  await rest(mock, 'POST', '/auth/refresh-token', refreshWith(token))
  await rest(mock, 'GET', '/echo', bearer(access))
  const [session] = mock.admin.sessions()
  const who = { userId: session?.userId, sessionId: session?.id }
  expect(mock.log).toEqual([
    expect.objectContaining({ call: 'sign_in', status: 200, bearer: null, verdict: null, ...who }),
    expect.objectContaining({
      at: clock.now(),
      call: 'refresh',
      method: 'POST',
      path: '/api/auth/refresh-token',
      status: 200,
      fault: null,
      refreshToken: token,
      verdict: 'rotated',
      code: null,
      ...who,
    }),
    expect.objectContaining({ call: 'api', path: '/api/echo', bearer: access, ...who }),
  ])
  expect([mock.count('refresh'), mock.count('api'), mock.count('sign_out')]).toEqual([1, 1, 0])
})

test('the log forgets its oldest entries at its limit, but goes on counting', async () => {
  const { mock } = server({ logLimit: 3 })
  for (let count = 0; count < 5; count++) await rest(mock, 'GET', '/public')
  expect(mock.log).toHaveLength(3)
  expect(mock.count('api')).toBe(5)
})
