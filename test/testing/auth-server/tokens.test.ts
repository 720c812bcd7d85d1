import { decodeJwt, jwtVerify, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { read, supabaseClient, version } from './auth-client.ts'
import { secret, server } from './supabase/supabase-server.ts'

test('an address that is not confirmed is refused, but only after the password was right', async () => {
  const { client } = server()
  expect((await client.signIn('new@example.test', 'wrong')).body.code).toBe('invalid_credentials')
  const { status, body } = await client.signIn('new@example.test', 'not-yet-there')
  expect([status, body.code]).toEqual([400, 'email_not_confirmed'])
})

test('the access token is a real signed JWT with the claims of Supabase', async () => {
  const { client, clock } = server()
  const { body } = await client.signIn()
  const { payload, protectedHeader } = await jwtVerify(body.access_token, new TextEncoder().encode(secret), {
    currentDate: new Date(clock.now()),
  })
  expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' })
  expect(payload).toMatchObject({
    iss: 'http://auth.test/auth/v1',
    sub: body.user.id,
    aud: 'authenticated',
    role: 'authenticated',
    aal: 'aal1',
    email: 'ada@example.test',
    phone: '',
    is_anonymous: false,
    amr: [{ method: 'password', timestamp: clock.now() / 1000 }],
  })
})

test('U02: the scheme of the bearer token is matched in any case', async () => {
  const { client, mock } = server()
  const { access_token: token, user } = (await client.signIn()).body
  const answer = await read(await mock.fetch('/auth/v1/user', { headers: { Authorization: `bearer ${token}` } }))
  expect(answer.status).toBe(200)
  expect(answer.body).toEqual(user)
})

test('U03, U05: garbage and a foreign signature are refused with 403', async () => {
  const { client } = server()
  const other = supabaseClient(server({ jwtSecret: 'another-secret-that-is-long-enough-too' }).mock)
  const foreign = (await other.signIn()).body.access_token
  const prefix = 'invalid JWT: unable to parse or verify signature, '
  const garbage = await client.user('garbage')
  expect([garbage.status, garbage.body]).toEqual([
    403,
    { code: 'bad_jwt', message: `${prefix}token is malformed: token contains an invalid number of segments` },
  ])
  const forged = await client.user(foreign)
  expect([forged.status, forged.body]).toEqual([
    403,
    { code: 'bad_jwt', message: `${prefix}token signature is invalid: signature is invalid` },
  ])
})

test('U05: a token signed in another way, or not at all, is refused by the name of its method', async () => {
  const { client } = server()
  const { access_token: token } = (await client.signIn()).body
  const [, payload] = token.split('.')
  for (const [alg, signature] of [
    ['none', ''],
    ['HS512', 'AAAA'],
  ]) {
    const header = Buffer.from(JSON.stringify({ alg, typ: 'JWT' })).toString('base64url')
    const answer = await client.user(`${header}.${payload}.${signature}`)
    expect([answer.status, answer.body.code]).toEqual([403, 'bad_jwt'])
    expect(answer.body.message).toContain(`token signature is invalid: signing method ${alg} is invalid`)
  }
})

test('U06: tokens whose claims do not name a user and a session are refused, each in its way', async () => {
  const { client, clock } = server()
  const { user } = (await client.signIn()).body
  const signed = (claims: Record<string, unknown>): Promise<string> =>
    new SignJWT({ aud: 'authenticated', exp: clock.now() / 1000 + 60, ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(secret))
  const answerTo = async (claims: Record<string, unknown>): Promise<unknown[]> => {
    const { status, body } = await client.user(await signed(claims))
    return [status, body.code ?? body.id, body.message]
  }
  const unknown = '11111111-2222-4333-8444-555555555555'
  const nil = '00000000-0000-0000-0000-000000000000'
  expect(await answerTo({ role: 'anon' })).toEqual([403, 'bad_jwt', 'invalid claim: missing sub claim'])
  expect(await answerTo({ sub: 'ada' })).toEqual([400, 'bad_jwt', 'invalid claim: sub claim must be a UUID'])
  expect((await answerTo({ sub: unknown })).slice(0, 2)).toEqual([403, 'user_not_found'])
  expect((await answerTo({ sub: user.id, session_id: 'x' })).slice(0, 2)).toEqual([403, 'bad_jwt'])
  expect((await answerTo({ sub: user.id, session_id: unknown })).slice(0, 2)).toEqual([403, 'session_not_found'])
  expect((await answerTo({ sub: user.id, session_id: nil })).slice(0, 2)).toEqual([200, user.id])
  expect((await answerTo({ sub: user.id })).slice(0, 2)).toEqual([200, user.id])
  expect((await answerTo({ sub: user.id, aud: [] })).slice(0, 2)).toEqual([400, 'validation_failed'])
})

test('no bearer token at all is the one case of 401', async () => {
  const { mock } = server()
  const { status, body } = await read(await mock.fetch('/auth/v1/user', { headers: version }))
  expect([status, body]).toEqual([
    401,
    { code: 'no_authorization', message: 'This endpoint requires a valid Bearer token' },
  ])
})

test('O02: an unknown scope is refused', async () => {
  const { client } = server()
  const { access_token: token } = (await client.signIn()).body
  const { status, body } = await client.logout(token, 'foo')
  expect([status, body]).toEqual([400, { code: 'validation_failed', message: 'Unsupported logout scope "foo"' }])
})

test('O03: an access token is good until the second it expires, not longer, for signing out too', async () => {
  const { client, clock } = server({ tokenLifetime: 60 })
  const { access_token: token } = (await client.signIn()).body
  clock.advance(59_999)
  expect((await client.user(token)).status).toBe(200)
  clock.advance(1)
  const { status, body } = await client.user(token)
  expect([status, body.code]).toEqual([403, 'bad_jwt'])
  expect(body.message).toMatch(/token has invalid claims: token is expired$/)
  expect((await client.logout(token)).status).toBe(403)
})

test('tokens expired by the operator are refused, and a refresh in the same second gives a good one', async () => {
  const { client, mock } = server()
  const { access_token: token, refresh_token: refreshToken } = (await client.signIn()).body
  mock.admin.expireAccessTokens()
  expect((await client.user(token)).body.code).toBe('bad_jwt')
  const renewed = (await client.refresh(refreshToken)).body.access_token
  expect((await client.user(renewed)).status).toBe(200)
  expect((await client.user(token)).status).toBe(403)
})

test('a server whose clock is ahead issues and checks tokens by its own clock', async () => {
  const { client, clock } = server({ serverSkew: 7_200_000 })
  const { access_token: token, expires_at: at, expires_in: lifetime } = (await client.signIn()).body
  expect(decodeJwt(token).iat).toBe((clock.now() + 7_200_000) / 1000)
  expect(at - lifetime).toBe((clock.now() + 7_200_000) / 1000)
  expect((await client.user(token)).status).toBe(200)
})

test('the lifetime of new tokens can be changed, and the expiry left out of the answers', async () => {
  const { client, mock } = server()
  mock.admin.setTokenLifetime(10)
  expect((await client.signIn()).body.expires_in).toBe(10)
  const silent = (await server({ omitExpiry: true }).client.signIn()).body
  expect(silent).not.toHaveProperty('expires_in')
  expect(silent).not.toHaveProperty('expires_at')
})

test('opaque access tokens are no JWTs, and expire all the same', async () => {
  const { client, clock } = server({ opaqueTokens: true })
  const { access_token: token } = (await client.signIn()).body
  expect(() => decodeJwt(token)).toThrow()
  expect((await client.user(token)).status).toBe(200)
  clock.advance(3_600_000)
  expect((await client.user(token)).status).toBe(403)
})
