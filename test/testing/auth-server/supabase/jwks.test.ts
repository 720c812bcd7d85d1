import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  decodeProtectedHeader,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from 'jose'
import { expect, test } from 'vitest'
import { createMockAuth } from '../../../../src/testing/auth-server/index.ts'
import { manualClock, refusal, seeded, supabaseClient } from '../auth-client.ts'
import { secret, server } from './supabase-server.ts'

const prefix = 'invalid JWT: unable to parse or verify signature, '

test('G01, 1.14: with HS256 no key is public, and the answer may be kept for ten minutes', async () => {
  const { client } = server()
  const { status, body, headers } = await client.call('GET', '/.well-known/jwks.json')
  expect([status, body, headers.get('Cache-Control')]).toEqual([200, { keys: [] }, 'public, max-age=600'])
})

test('G02: with ES256 the JWT names its key, which is public and verifies it', async () => {
  const { client, clock, mock } = server({ signing: 'ES256' })
  const { access_token: token } = (await client.signIn()).body
  const { body } = await client.call('GET', '/.well-known/jwks.json')
  expect(body.keys).toEqual([
    {
      kty: 'EC',
      crv: 'P-256',
      alg: 'ES256',
      use: 'sig',
      key_ops: ['verify'],
      kid: expect.any(String),
      x: expect.any(String),
      y: expect.any(String),
    },
  ])
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', kid: body.keys[0].kid, typ: 'JWT' })
  const currentDate = new Date(clock.now())
  expect((await jwtVerify(token, createLocalJWKSet(body), { currentDate })).payload.aud).toBe('authenticated')

  const address = new URL('http://auth.test/auth/v1/.well-known/jwks.json')
  const remote = createRemoteJWKSet(address, { [customFetch]: mock.fetch })
  await expect(jwtVerify(token, remote, { currentDate })).resolves.toBeDefined()
  expect(mock.count('jwks')).toBe(2)
})

test('G02: with ES256 other methods and other keys are refused, each by its name', async () => {
  const { client, clock } = server({ signing: 'ES256' })
  const { user } = (await client.signIn()).body
  const other = await server({ signing: 'ES256', random: seeded(2) }).client.signIn()
  const claims = { sub: user.id, aud: 'authenticated', exp: clock.now() / 1000 + 60 }
  const hs256 = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret))
  const reason = async (token: string) => String(refusal(await client.user(token))[2]).slice(prefix.length)
  expect(await reason(hs256)).toBe('token signature is invalid: signing method HS256 is invalid')
  const { kid } = decodeProtectedHeader(other.body.access_token)
  const unknown = 'token is unverifiable: error while executing keyfunc: unrecognized JWT kid'
  expect(await reason(other.body.access_token)).toBe(`${unknown} ${kid} for algorithm ES256`)
  const { privateKey } = await generateKeyPair('ES256')
  const nameless = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
  expect(await reason(nameless)).toBe(`${unknown} <nil> for algorithm ES256`)
})

test('an ES256 server keeps its key', async () => {
  const { client } = server({ signing: 'ES256' })
  const keys = async () => (await client.call('GET', '/.well-known/jwks.json')).body
  expect(await keys()).toEqual(await keys())
})

test('unsecured tokens are JWTs without a signature, and nobody else can make one', async () => {
  const { client, clock, mock } = server({ signing: 'none' })
  const { access_token: token, expires_at: expiry } = (await client.signIn()).body
  const [header = '', payload, signature] = token.split('.')
  expect(JSON.parse(atob(header))).toEqual({ alg: 'none', typ: 'JWT' })
  expect([signature, decodeJwt(token).exp]).toEqual(['', expiry])
  expect((await client.user(token)).status).toBe(200)
  expect(refusal(await client.user(`${header}.${payload}x.`))[2]).toBe(
    `${prefix}token signature is invalid: signature is invalid`,
  )
  expect((await client.user('garbage')).body.message).toMatch(/an invalid number of segments$/)
  mock.admin.expireAccessTokens()
  expect((await client.user(token)).body.message).toMatch(/token is expired$/)
  const again = (await client.signIn()).body.access_token
  clock.advance(3_600_000)
  expect((await client.user(again)).body.message).toMatch(/token is expired$/)
})

test('unsecured tokens carry any text', async () => {
  const { client } = server({
    signing: 'none',
    users: [{ email: 'ü@example.test', password: 'correct-horse', data: { n: '旗' } }],
  })
  const { access_token: token } = (await client.signIn('ü@example.test')).body
  expect(decodeJwt(token)).toMatchObject({ email: 'ü@example.test', user_metadata: { n: '旗' } })
})

test('2.1: the claims come in the order of Supabase Auth', async () => {
  const { client } = server()
  const claims = decodeJwt((await client.signIn()).body.access_token)
  expect(Object.keys(claims)).toEqual(
    'iss sub aud exp iat email phone app_metadata user_metadata role aal amr session_id is_anonymous'.split(' '),
  )
})

test('2.1: two refreshes within a second give the same JWT', async () => {
  const { client } = server()
  const { access_token: access, refresh_token: token } = (await client.signIn()).body
  expect((await client.refresh(token)).body.access_token).toBe(access)
})

test('no answer to a token takes more than microtasks with unsecured tokens', async () => {
  for (const profile of ['strict', 'hosted', 'v2'] as const) {
    const mock = createMockAuth({ profile, signing: 'none', clock: manualClock(), random: seeded() })
    const client = supabaseClient(mock)
    const rounds = async () => {
      let { access_token: access, refresh_token: token } = (await client.signIn()).body
      for (let count = 0; count < 5; count++) token = (await client.refresh(token)).body.refresh_token
      await client.user(access)
      await client.logout(access)
      return 'done'
    }
    // The first request of a process loads modules of Node.
    await rounds()
    const task = new Promise((resolve) => setImmediate(resolve, 'a task came first'))
    expect(await Promise.race([rounds(), task])).toBe('done')
  }
})

test('1.1: the discovery document is there, the one of the OAuth server is not', async () => {
  const { client } = server()
  expect((await client.call('GET', '/.well-known/openid-configuration')).body).toMatchObject({
    issuer: 'http://auth.test/auth/v1',
    jwks_uri: 'http://auth.test/auth/v1/.well-known/jwks.json',
  })
  expect((await client.call('GET', '/.well-known/oauth-authorization-server')).body.code).toBe('feature_disabled')
})
