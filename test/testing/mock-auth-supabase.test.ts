import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { read, version } from './auth-client.ts'
import { server } from './supabase-server.ts'

const refreshPath = '/token?grant_type=refresh_token'

test('R16: tokens of two users refreshed in turn stay with their owners', async () => {
  const { client } = server()
  let ada = (await client.signIn()).body
  let grace = (await client.signIn('grace@example.test', 'battery-staple')).body
  const owners = [ada.user.id, grace.user.id]
  for (let round = 0; round < 4; round++) {
    ada = (await client.refresh(ada.refresh_token)).body
    grace = (await client.refresh(grace.refresh_token)).body
    expect([decodeJwt(ada.access_token).sub, decodeJwt(grace.access_token).sub]).toEqual(owners)
  }
})

test('R17, R19: a token of the wrong shape is not valid', async () => {
  const { client } = server()
  for (const body of [
    {},
    { refresh_token: 'AAAAAAAAAAAA' },
    { refresh_token: null },
    { refresh_token: 'a'.repeat(51) },
  ]) {
    const answer = await client.post(refreshPath, body)
    expect(answer.status).toBe(400)
    expect(answer.body).toEqual({ code: 'validation_failed', message: 'Refresh token is not valid' })
  }
})

test('R20: an unknown token is not found', async () => {
  const { client } = server()
  const answer = await client.refresh('aaaaaaaaaaaa')
  expect(answer.status).toBe(400)
  expect(answer.body.code).toBe('refresh_token_not_found')
  expect(answer.body.message).toBe('Invalid Refresh Token: Refresh Token Not Found')
})

test('R22: a body that cannot be read is bad_json', async () => {
  const { client } = server()
  for (const body of ['', 'not json', '{"refresh_token":5}', '[]', '"text"']) {
    const answer = await client.post(refreshPath, body)
    expect([answer.status, answer.body.code]).toEqual([400, 'bad_json'])
    expect(answer.body.message).toMatch(/^Could not parse request body as JSON: /)
  }
  expect((await client.post(refreshPath, '')).body.message).toMatch(/unexpected end of JSON input$/)
})

test('member names are matched in any case and unknown ones ignored, as Go does', async () => {
  const { client } = server()
  const answer = await client.post('/token?grant_type=password', {
    Email: 'Ada@Example.test',
    PASSWORD: 'correct-horse',
    extra: 1,
  })
  expect(answer.status).toBe(200)
})

test('R23: no grant type, or one it does not know, is refused before the body is read', async () => {
  const { client } = server()
  for (const path of ['/token', '/token?grant_type=foo']) {
    const answer = await client.post(path, 'not json')
    expect(answer.status).toBe(400)
    expect(answer.body).toEqual({ code: 'invalid_credentials', message: 'unsupported_grant_type' })
  }
})

test('R25: signing the others out leaves this session', async () => {
  const { client } = server()
  const a = (await client.signIn()).body
  const b = (await client.signIn()).body
  expect((await client.logout(a.access_token, 'others')).status).toBe(204)
  expect((await client.refresh(b.refresh_token)).body.code).toBe('refresh_token_not_found')
  expect((await client.refresh(a.refresh_token)).status).toBe(200)
})

test('R26: signing out without a scope ends all sessions, and their access tokens', async () => {
  const { client } = server()
  const a = (await client.signIn()).body
  const b = (await client.signIn()).body
  const grace = (await client.signIn('grace@example.test', 'battery-staple')).body
  const { status, body } = await client.logout(a.access_token)
  expect([status, body]).toEqual([204, ''])
  for (const { refresh_token: token } of [a, b]) {
    expect((await client.refresh(token)).body.code).toBe('refresh_token_not_found')
  }
  const answer = await client.user(b.access_token)
  expect([answer.status, answer.body.code]).toEqual([403, 'session_not_found'])
  expect((await client.refresh(grace.refresh_token)).status).toBe(200)
})

test('signing out with scope local ends only this session', async () => {
  const { client } = server()
  const a = (await client.signIn()).body
  const b = (await client.signIn()).body
  expect((await client.logout(a.access_token, 'local')).status).toBe(204)
  expect((await client.refresh(a.refresh_token)).status).toBe(400)
  expect((await client.refresh(b.refresh_token)).status).toBe(200)
})

test('R28, R29: a banned user can neither refresh nor be asked for, until the ban is lifted', async () => {
  const { client, mock } = server()
  const { access_token: access, refresh_token: token } = (await client.signIn()).body
  mock.admin.ban('ada@example.test')
  expect((await client.refresh(token)).body.code).toBe('user_banned')
  const user = await client.user(access)
  expect([user.status, user.body.code]).toEqual([403, 'user_banned'])
  expect((await client.signIn('ada@example.test', 'wrong')).body.code).toBe('user_banned')
  mock.admin.ban('ada@example.test', false)
  expect((await client.refresh(token)).status).toBe(200)
})

test('R40: without a version header errors come in the legacy shape', async () => {
  const { client } = server()
  const { status, body, headers } = await client.post(refreshPath, { refresh_token: 'aaaaaaaaaaaa' }, {})
  expect(status).toBe(400)
  expect(body).toEqual({
    code: 400,
    error_code: 'refresh_token_not_found',
    msg: 'Invalid Refresh Token: Refresh Token Not Found',
  })
  expect(headers.get('x-sb-error-code')).toBe('refresh_token_not_found')
  expect(headers.has('X-Supabase-Api-Version')).toBe(false)
})

test('R41: the version header picks the shape by its date', async () => {
  const { client } = server()
  const shape = async (value: string): Promise<unknown[]> => {
    const headers = { 'X-Supabase-Api-Version': value }
    const answer = await client.post(refreshPath, { refresh_token: 'aaaaaaaaaaaa' }, headers)
    return [typeof answer.body.code, answer.headers.get('X-Supabase-Api-Version')]
  }
  expect(await shape('2023-12-31')).toEqual(['number', null])
  expect(await shape('garbage')).toEqual(['number', null])
  expect(await shape('2025-06-01')).toEqual(['string', '2024-01-01'])
})

test('L01: a wrong password and an unknown user are told apart by nothing', async () => {
  const { client } = server()
  const wrong = await client.signIn('ada@example.test', 'wrong')
  const unknown = await client.signIn('nobody@example.test', 'wrong')
  expect(wrong.status).toBe(400)
  expect(wrong.body).toEqual({ code: 'invalid_credentials', message: 'Invalid login credentials' })
  expect([unknown.status, unknown.body]).toEqual([wrong.status, wrong.body])
})

test('L03: e-mail and phone together, and neither, are refused', async () => {
  const { client } = server()
  for (const body of [{ email: 'a@b.c', phone: '1', password: 'x' }, { password: 'x' }]) {
    const answer = await client.post('/token?grant_type=password', body)
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed'])
  }
})

test('L04: signing in says that the password is not weak, by a null', async () => {
  const { client } = server()
  const { status, body } = await client.signIn()
  expect(status).toBe(200)
  expect(body.weak_password).toBeNull()
  expect(Object.keys(body)).toEqual([
    'access_token',
    'token_type',
    'expires_in',
    'expires_at',
    'refresh_token',
    'user',
    'weak_password',
  ])
  expect(body.token_type).toBe('bearer')
})

test('S02, S05, S06, S08, S09: sign-up confirms at once and refuses what it should', async () => {
  const { client } = server()
  const signUp = (email: string, password: string): ReturnType<typeof client.post> =>
    client.post('/signup', { email, password, data: { name: 'Lin', sub: 'x' }, gotrue_meta_security: {} })
  const { status, body } = await signUp('Lin@Example.test', 'long-enough')
  expect(status).toBe(200)
  expect(body.user).toMatchObject({ email: 'lin@example.test', identities: [{ provider: 'email' }] })
  expect(body.user.user_metadata).toEqual({
    name: 'Lin',
    email: 'lin@example.test',
    email_verified: true,
    phone_verified: false,
    sub: body.user.id,
  })
  expect(body).not.toHaveProperty('weak_password')
  expect((await client.signIn('LIN@example.test', 'long-enough')).status).toBe(200)

  const outcome = async (email: string, password: string): Promise<unknown[]> => {
    const answer = await signUp(email, password)
    return [answer.status, answer.body.code, answer.body.weak_password?.reasons]
  }
  expect(await outcome('lin@example.test', 'long-enough')).toEqual([422, 'user_already_exists', undefined])
  expect(await outcome('b@example.test', '12345')).toEqual([422, 'weak_password', ['length']])
  expect(await outcome('b@example.test', 'x'.repeat(73))).toEqual([400, 'validation_failed', undefined])
  expect(await outcome('b@example.test', '')).toEqual([400, 'validation_failed', undefined])
  expect(await outcome('x', 'long-enough')).toEqual([400, 'validation_failed', undefined])
  expect((await client.post('/signup', {})).body.code).toBe('anonymous_provider_disabled')
})

test('G03: unknown paths answer 404 as text, wrong methods 405', async () => {
  const { mock } = server()
  const unknown = await read(await mock.fetch('/auth/v1/nowhere'))
  expect([unknown.status, unknown.body]).toEqual([404, '404 page not found'])
  const wrong = await read(await mock.fetch('/auth/v1/token'))
  expect([wrong.status, wrong.body]).toEqual([405, ''])
})

test('health and settings answer', async () => {
  const { mock } = server()
  expect((await read(await mock.fetch('/auth/v1/health'))).body.name).toBe('GoTrue')
  expect((await read(await mock.fetch('/auth/v1/settings'))).body.external.email).toBe(true)
})

test('C01: a preflight for what supabase-js sends is allowed, anything else is not', async () => {
  const { mock } = server()
  const preflight = async (headers: string): Promise<Response> =>
    mock.handle(
      new Request('http://auth.test/auth/v1/token?grant_type=refresh_token', {
        method: 'OPTIONS',
        headers: {
          Origin: 'http://app.test',
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': headers,
        },
      }),
    )
  const requested = 'apikey,authorization,content-type,x-client-info,x-supabase-api-version'
  const good = await preflight(requested)
  expect(good.status).toBe(204)
  expect(good.headers.get('Access-Control-Allow-Origin')).toBe('*')
  expect(good.headers.get('Access-Control-Allow-Headers')).toBe(requested)
  expect(good.headers.get('Access-Control-Allow-Methods')).toBe('POST')
  for (const headers of ['x-other', 'content-type,apikey', 'Apikey']) {
    const bad = await preflight(headers)
    expect(bad.status).toBe(204)
    expect(bad.headers.has('Access-Control-Allow-Origin')).toBe(false)
  }
})

test('C02: an error names the version header as readable to a browser', async () => {
  const { mock } = server()
  const response = await mock.fetch('/auth/v1/user', { headers: { ...version, Origin: 'http://app.test' } })
  expect(response.headers.get('Access-Control-Expose-Headers')).toContain('X-Supabase-Api-Version')
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
})
