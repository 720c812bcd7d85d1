import { decodeJwt } from 'jose'
import { createFakeClock } from 'keyturn/testing'
import { expect, test } from 'vitest'
import { projectFromEnv } from '../../demo/server/env.ts'
import { testApi } from './api-client.ts'

test('signing in gives the tokens of Supabase in the REST contract', async () => {
  const { login } = testApi()
  const { status, body } = await login()
  expect(status).toBe(200)
  expect(Object.keys(body)).toEqual([
    'email',
    'access_token',
    'refresh_token',
    'token_type',
    'expires_in',
    'expires_at',
    'user',
  ])
  expect(body.email).toBe('ada@example.test')
  expect(body.expires_in).toBeGreaterThanOrEqual(3599)
  expect(body.user).toMatchObject({ id: decodeJwt(body.access_token).sub, email: 'ada@example.test' })
  expect(body.user.user_metadata.name).toBe('Ada')
})

test('sessions of two users never mix, however their calls interleave', async () => {
  const { login, refresh, call } = testApi()
  let [ada, grace] = (await Promise.all([login(), login('grace@example.test', 'battery-staple')])).map(
    ({ body }) => body,
  )
  const [adaId, graceId] = [ada.user.id, grace.user.id]
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([refresh(ada.refresh_token), refresh(grace.refresh_token)])
    ;[ada, grace] = answers.map(({ body }) => body)
    expect([ada.user.id, grace.user.id]).toEqual([adaId, graceId])
    const pings = await Promise.all([ada, grace].map(({ access_token: token }) => call('GET', '/ping', { token })))
    expect(pings.map(({ body }) => body.user.id)).toEqual([adaId, graceId])
  }
})

test('a refresh without a token is refused here, whoever signed in last', async () => {
  const { login, call, mock } = testApi()
  await login()
  for (const body of [{}, { refresh_token: '' }, { refresh_token: null }, undefined]) {
    const answer = await call('POST', '/auth/refresh-token', { body })
    expect([answer.status, answer.body.detail]).toEqual([422, 'refresh_token is required'])
  }
  expect(mock.count('refresh')).toBe(0)
  expect((await call('GET', '/ping')).status).toBe(401)
})

test('wrong credentials are a 401 with the detail that the front end shows', async () => {
  const { login } = testApi()
  for (const [email, password] of [
    ['ada@example.test', 'wrong'],
    ['nobody@example.test', 'wrong'],
    ['', ''],
  ]) {
    const { status, body } = await login(email, password)
    expect([status, body]).toEqual([401, { detail: 'Invalid email or password' }])
  }
})

test('an unconfirmed address and a blocked account are a 403 that says so', async () => {
  const { login, mock } = testApi()
  const unconfirmed = await login('new@example.test', 'not-yet-there')
  expect([unconfirmed.status, unconfirmed.body]).toEqual([
    403,
    { detail: 'Email not confirmed', code: 'email_not_confirmed' },
  ])
  mock.admin.ban('ada@example.test')
  expect((await login()).body).toEqual({ detail: 'This account is blocked', code: 'user_banned' })
})

test('a sign-in that gives a user but no session is a 403, not a crash', async () => {
  const user = { id: '11111111-2222-4333-8444-555555555555', email: 'ada@example.test', user_metadata: {} }
  const { login } = testApi({ fetch: async () => Response.json(user) })
  const { status, body } = await login()
  expect([status, body]).toEqual([403, { detail: 'No session was given. Is the email confirmed?', code: 'no_session' }])
})

test('each final refusal of a refresh token, a 400 at Supabase, is a 401 with its code', async () => {
  const clock = createFakeClock({ now: Date.now() })
  const { login, refresh, mock } = testApi({ reuseInterval: 0, clock })
  const refused = async (token: string): Promise<unknown[]> => {
    const { status, body } = await refresh(token)
    expect(body.detail).toEqual(expect.any(String))
    return [status, body.code]
  }
  expect(await refused('made-up')).toEqual([401, 'validation_failed'])
  expect(await refused('aaaaaaaaaaaa')).toEqual([401, 'refresh_token_not_found'])

  const { refresh_token: t1 } = (await login()).body
  const { refresh_token: t2 } = (await refresh(t1)).body
  await refresh(t2)
  clock.jump(1)
  expect(await refused(t1)).toEqual([401, 'refresh_token_already_used'])

  const { refresh_token: t3 } = (await login()).body
  mock.admin.ban('ada@example.test')
  expect(await refused(t3)).toEqual([401, 'user_banned'])
  mock.admin.ban('ada@example.test', false)
  for (const code of ['session_expired', 'session_not_found']) {
    mock.faults.next('refresh', {
      type: 'status',
      status: 400,
      body: { code, message: 'over' },
    })
    expect(await refused(t3)).toEqual([401, code])
  }
})

test('429, with its Retry-After, and 409 are handed on as what they are', async () => {
  const { login, refresh, mock } = testApi()
  const { refresh_token: token } = (await login()).body
  mock.faults.next('refresh', { type: 'status', status: 429, headers: { 'Retry-After': '7' } })
  const limited = await refresh(token)
  expect([limited.status, limited.headers.get('Retry-After')]).toEqual([429, '7'])
  mock.faults.next('refresh', { type: 'status', status: 429 })
  const silent = await refresh(token)
  expect([silent.status, silent.headers.has('Retry-After')]).toEqual([429, false])
  mock.faults.next('refresh', { type: 'status', status: 409 })
  const conflict = await refresh(token)
  expect([conflict.status, conflict.body.code]).toEqual([409, 'conflict'])
  expect((await refresh(token)).status).toBe(200)
})

test('an auth server that fails, is silent, unreachable or replaced by a web page is a 503 in good time', async () => {
  const { login, refresh, call, mock } = testApi({ timeLimit: 60 })
  const { refresh_token: token, access_token: access } = (await login()).body
  const begin = Date.now()
  for (const fault of [
    { type: 'status', status: 503 },
    { type: 'status', status: 500 },
    { type: 'drop' },
    { type: 'hang' },
    { type: 'html', status: 502 },
  ] as const) {
    mock.faults.always('*', fault)
    expect([fault.type, (await refresh(token)).status]).toEqual([fault.type, 503])
    expect([fault.type, (await login()).status]).toEqual([fault.type, 503])
    expect([fault.type, (await call('GET', '/ping', { token: access })).status]).toEqual([fault.type, 503])
    expect([fault.type, (await call('POST', '/auth/logout', { token: access })).status]).toEqual([fault.type, 503])
  }
  expect(Date.now() - begin).toBeLessThan(5000)
  mock.faults.clear()
  expect((await refresh(token)).status).toBe(200)
})

test('a page or broken JSON in place of an answer ends nobody’s session', async () => {
  const { login, refresh, call, mock } = testApi({ timeLimit: 60 })
  const { refresh_token: token, access_token: access } = (await login()).body
  for (const fault of [{ type: 'html' }, { type: 'html', status: 403 }, { type: 'junk' }] as const) {
    mock.faults.always('*', fault)
    expect((await refresh(token)).status).toBeGreaterThanOrEqual(500)
    expect((await call('GET', '/ping', { token: access })).status).toBeGreaterThanOrEqual(500)
  }
})

test('a wrong API key is a fault of the set-up, not of anybody’s token', async () => {
  const { login, refresh, call } = testApi({
    fetch: async () => Response.json({ message: 'Invalid API key' }, { status: 401 }),
  })
  for (const answer of [await login(), await refresh('aaaaaaaaaaaa'), await call('GET', '/ping', { token: 'x' })]) {
    expect([answer.status, answer.body.detail]).toEqual([502, 'The auth server did not accept the request'])
  }
})

test('protected routes ask Supabase, so a session that has ended is refused at once', async () => {
  const { login, call, mock } = testApi()
  const { access_token: token } = (await login()).body
  const { sub, session_id: sessionId } = decodeJwt(token)
  const ping = await call('GET', '/ping', { token })
  expect(ping.body).toMatchObject({ ok: true, user: { id: sub, email: 'ada@example.test' }, sessionId })
  expect((await call('GET', '/auth/me', { token })).body.id).toBe(sub)
  mock.admin.revokeSessions()
  const refused = await call('GET', '/ping', { token })
  expect([refused.status, refused.body.code, refused.headers.get('WWW-Authenticate')]).toEqual([
    401,
    'session_not_found',
    'Bearer error="invalid_token"',
  ])
  expect((await call('GET', '/auth/me', { token: 'garbage' })).body.code).toBe('bad_jwt')
  expect((await call('GET', '/auth/me')).status).toBe(401)
})

test('an expired access token is a 401, and the refreshed one is good', async () => {
  const { login, call, refresh, mock } = testApi()
  const { access_token: token, refresh_token: refreshToken } = (await login()).body
  mock.admin.expireAccessTokens()
  expect((await call('GET', '/projects', { token })).status).toBe(401)
  const renewed = (await refresh(refreshToken)).body.access_token
  expect((await call('GET', '/projects', { token: renewed })).body.projects.length).toBeGreaterThan(0)
  expect((await call('GET', '/activity', { token: renewed })).status).toBe(200)
  expect((await call('GET', '/slow?ms=1', { token: renewed })).body).toEqual({ ok: true, ms: 1 })
})

test('notes belong to the user who wrote them', async () => {
  const { login, call } = testApi()
  const { access_token: ada } = (await login()).body
  const { access_token: grace } = (await login('grace@example.test', 'battery-staple')).body
  const write = (token: string, text: unknown): ReturnType<typeof call> =>
    call('POST', '/notes', { token, body: { text } })
  expect((await write(ada, 'one')).body).toEqual({ note: { id: 1, text: 'one' } })
  expect((await write(ada, 'two')).body.note.id).toBe(2)
  expect((await write(grace, 'own')).body.note.id).toBe(1)
  expect((await write(ada, 5)).status).toBe(422)
  expect((await call('POST', '/notes', { body: { text: 'x' } })).status).toBe(401)
})

test('signing out ends this session only, unless asked otherwise', async () => {
  const { login, call, refresh } = testApi()
  const sessions = [(await login()).body, (await login()).body, (await login()).body, (await login()).body]
  const out = (index: number, query: string, body?: unknown): ReturnType<typeof call> =>
    call('POST', `/auth/logout${query}`, { token: sessions[index].access_token, body })
  expect((await out(0, '')).status).toBe(204)
  expect((await refresh(sessions[0].refresh_token)).status).toBe(401)
  expect((await out(1, '?scope=others')).status).toBe(204)
  expect((await refresh(sessions[2].refresh_token)).status).toBe(401)
  const renewed = await refresh(sessions[1].refresh_token)
  expect(renewed.status).toBe(200)
  expect((await out(1, '', { scope: 'global' })).status).toBe(204)
  expect((await refresh(renewed.body.refresh_token)).status).toBe(401)
  expect((await out(1, '?scope=foo')).status).toBe(422)
})

test('signing out with an expired access token goes by the refresh token', async () => {
  const { login, call, mock } = testApi()
  const { access_token: token, refresh_token: refreshToken } = (await login()).body
  mock.admin.expireAccessTokens()
  expect((await call('POST', '/auth/logout', { token })).status).toBe(401)
  expect((await call('POST', '/auth/logout', { token, body: { refresh_token: refreshToken } })).status).toBe(204)
  expect(mock.admin.sessions()[0]?.live).toBe(false)
  expect((await call('POST', '/auth/logout', { body: { refresh_token: refreshToken } })).status).toBe(204)
  expect((await call('POST', '/auth/logout')).status).toBe(401)
})

test('no answer to a failure holds a token, and nothing is printed', async () => {
  const printed: unknown[] = []
  const original = { ...console }
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    console[method] = (...args) => void printed.push(args)
  try {
    const { login, refresh, call, mock } = testApi({ timeLimit: 30 })
    const { access_token: token, refresh_token: refreshToken } = (await login()).body
    const answers = []
    for (const fault of [
      { type: 'drop' },
      { type: 'hang' },
      { type: 'junk' },
      { type: 'status', status: 400 },
    ] as const) {
      mock.faults.always('*', fault)
      answers.push(await refresh(refreshToken), await call('GET', '/ping', { token }), await login())
    }
    for (const { status, body } of answers) {
      expect(status).toBeGreaterThanOrEqual(400)
      expect(JSON.stringify(body)).not.toContain(refreshToken)
      expect(JSON.stringify(body)).not.toContain(token)
    }
    expect(printed).toEqual([])
  } finally {
    Object.assign(console, original)
  }
})

test('the API starts on Node 20, where there is no native WebSocket', async () => {
  const { login } = testApi()
  expect((await login()).status).toBe(200)
})

test('the project comes from the environment only when both its variables are set', () => {
  expect(projectFromEnv({})).toBeNull()
  expect(projectFromEnv({ SUPABASE_URL: 'https://x.example.test' })).toBeNull()
  expect(projectFromEnv({ SUPABASE_URL: 'https://x.example.test', SUPABASE_ANON_KEY: 'k' })).toEqual({
    supabaseUrl: 'https://x.example.test',
    anonKey: 'k',
  })
})

test('unknown paths are a 404 in JSON', async () => {
  const { call } = testApi()
  expect((await call('GET', '/nowhere')).body).toEqual({ detail: 'Not Found' })
})
