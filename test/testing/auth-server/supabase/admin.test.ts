import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import type { MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { parseGoDuration } from '../../../../src/testing/auth-server/supabase/go-duration.ts'
import { type Call, refusal } from '../auth-client.ts'
import { server } from './supabase-server.ts'

async function operated(options: MockAuthOptions = {}) {
  const setup = server(options)
  const key = await setup.mock.admin.apiKey('service_role')
  const admin = (method: string, path: string, body?: Call['body']) =>
    setup.client.call(method, `/admin${path}`, { token: key, body })
  const idOf = async (email: string): Promise<string> => {
    const { users } = (await admin('GET', '/users')).body
    return users.find((user: { email: string }) => user.email === email).id
  }
  return { ...setup, key, admin, ada: await idOf('ada@example.test'), idOf }
}

test.each(['HS256', 'ES256', 'none'] as const)('1.17: a service key opens the routes, with %s', async (signing) => {
  const { client, admin, mock, clock } = await operated({ signing })
  expect((await admin('GET', '/users')).status).toBe(200)
  mock.admin.expireAccessTokens()
  clock.advance(9 * 365 * 86_400_000)
  expect((await admin('GET', '/users')).status).toBe(200)
  expect((await client.call('GET', '/admin/users')).status).toBe(401)
})

test('1.17: nobody else is let in', async () => {
  const { client, mock } = await operated()
  const asked = async (token: string) => refusal(await client.call('GET', '/admin/users', { token }))
  const { access_token: token } = (await client.signIn()).body
  expect(await asked(token)).toEqual([403, 'not_admin', 'User not allowed'])
  expect(await asked(await mock.admin.apiKey('anon'))).toEqual([403, 'not_admin', 'User not allowed'])
  expect((await asked('garbage')).slice(0, 2)).toEqual([403, 'bad_jwt'])
})

test('U06: an API key is no user', async () => {
  const { client, key, mock } = await operated()
  const missing = [403, 'bad_jwt', 'invalid claim: missing sub claim']
  expect(refusal(await client.user(key))).toEqual(missing)
  expect(refusal(await client.user(await mock.admin.apiKey('anon')))).toEqual(missing)
})

test('1.17: an operator who is a user is let in as long as the session is good', async () => {
  const { client, admin, ada, clock } = await operated({ sessionTimebox: 60 })
  await admin('PUT', `/users/${ada}`, { role: 'supabase_admin' })
  const { access_token: token } = (await client.signIn()).body
  expect(decodeJwt(token).role).toBe('supabase_admin')
  const asked = () => client.call('GET', '/admin/users', { token })
  expect((await asked()).status).toBe(200)
  clock.advance(60_001)
  expect(refusal(await asked())).toEqual([403, 'session_expired', 'Session is no longer valid'])
  await client.logout(token)
  expect((await asked()).body.code).toBe('session_not_found')
})

test('R28, R29: a banned user can neither refresh nor be asked for, until the ban is lifted', async () => {
  const { client, admin, ada } = await operated()
  const { access_token: access, refresh_token: token } = (await client.signIn()).body
  const banned = await admin('PUT', `/users/${ada}`, { ban_duration: '24h' })
  expect([banned.status, banned.body.banned_until]).toEqual([200, '2030-01-02T00:00:00Z'])
  expect(refusal(await client.refresh(token))).toEqual([400, 'user_banned', 'Invalid Refresh Token: User Banned'])
  expect(refusal(await client.user(access))).toEqual([403, 'user_banned', 'User is banned'])
  expect((await client.logout(access)).body.code).toBe('user_banned')
  const lifted = await admin('PUT', `/users/${ada}`, { ban_duration: 'none' })
  expect(lifted.body).not.toHaveProperty('banned_until')
  expect((await client.refresh(token)).status).toBe(200)
})

test('R28: a ban ends by itself', async () => {
  const { client, clock, mock } = await operated()
  const { refresh_token: token } = (await client.signIn()).body
  mock.admin.ban('ada@example.test', 90)
  clock.advance(89_999)
  expect((await client.refresh(token)).body.code).toBe('user_banned')
  clock.advance(1)
  expect((await client.refresh(token)).status).toBe(200)
  mock.admin.ban('ada@example.test')
  clock.advance(50 * 365 * 86_400_000)
  expect((await client.refresh(token)).body.code).toBe('user_banned')
  mock.admin.ban('ada@example.test', false)
  expect((await client.refresh(token)).status).toBe(200)
})

test.each([
  ['24h', 86_400_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1500],
  ['100ms', 100],
  ['-1h', -3_600_000],
  ['2µs', 0.002],
  ['0', 0],
  ['24', null],
  ['1d', null],
  ['', null],
  ['h', null],
])('the duration %s is %s ms', (text, ms) => {
  expect(parseGoDuration(text)).toBe(ms)
})

test('1.17: users are listed newest first, in pages', async () => {
  const { admin, clock } = await operated()
  clock.advance(1000)
  await admin('POST', '/users', { email: 'max@example.test' })
  const all = await admin('GET', '/users')
  expect(all.body.aud).toBe('authenticated')
  expect(all.body.users.map(({ email }: { email: string }) => email)[0]).toBe('max@example.test')
  expect([all.headers.get('X-Total-Count'), all.headers.get('Link')]).toEqual([
    '4',
    '</admin/users?page=1>; rel="last"',
  ])
  const page = await admin('GET', '/users?per_page=3&page=1')
  expect(page.body.users).toHaveLength(3)
  expect(page.headers.get('Link')).toBe(
    '</admin/users?page=2&per_page=3>; rel="next", </admin/users?page=2&per_page=3>; rel="last"',
  )
  expect((await admin('GET', '/users?per_page=3&page=2')).body.users).toHaveLength(1)
  expect((await admin('GET', '/users?page=x')).body.code).toBe('validation_failed')
})

test('1.17: a user is made, unconfirmed unless said otherwise', async () => {
  const { client, admin } = await operated()
  const made = await admin('POST', '/users', {
    email: 'Max@Example.test',
    password: 'long-enough',
    user_metadata: { a: 1 },
  })
  expect(made.status).toBe(200)
  expect(made.body).toMatchObject({
    email: 'max@example.test',
    user_metadata: { a: 1 },
    app_metadata: { provider: 'email' },
  })
  expect((await client.signIn('max@example.test', 'long-enough')).body.code).toBe('email_not_confirmed')
  const id = '11111111-2222-4333-8444-555555555555'
  const other = {
    id,
    email: 'eva@example.test',
    password: 'long-enough',
    email_confirm: true,
    app_metadata: { role: 'x' },
  }
  expect((await admin('POST', '/users', other)).body).toMatchObject({
    id,
    app_metadata: { role: 'x', provider: 'email' },
  })
  expect((await client.signIn('eva@example.test', 'long-enough')).status).toBe(200)
})

test.each([
  ['POST', '/users', {}, [400, 'validation_failed', 'Cannot create a user without either an email or phone']],
  ['POST', '/users', { email: 'x' }, [400, 'validation_failed', 'Unable to validate email address: invalid format']],
  [
    'POST',
    '/users',
    { email: 'ADA@example.test' },
    [422, 'email_exists', 'A user with this email address has already been registered'],
  ],
  [
    'POST',
    '/users',
    { email: 'b@c.de', ban_duration: 'x' },
    [400, 'validation_failed', 'invalid format for ban duration: time: invalid duration "x"'],
  ],
  [
    'PUT',
    '/users/:ada',
    { email: 'grace@example.test' },
    [422, 'email_exists', 'A user with this email address has already been registered'],
  ],
  ['PUT', '/users/:ada', { password: '1' }, [422, 'weak_password', 'Password should be at least 6 characters.']],
  ['GET', '/users/x', undefined, [404, 'validation_failed', 'user_id must be an UUID']],
  ['GET', '/users/11111111-2222-4333-8444-555555555555', undefined, [404, 'user_not_found', 'User not found']],
  ['DELETE', '/users/x', undefined, [404, 'validation_failed', 'user_id must be an UUID']],
])('1.17: %s %s is refused (%j)', async (method, path, body, expected) => {
  const { admin, ada } = await operated()
  expect(refusal(await admin(method, path.replace(':ada', ada), body))).toEqual(expected)
})

test('1.17: a new password from an operator ends all sessions of the user', async () => {
  const { client, admin, ada, mock } = await operated()
  const { refresh_token: token } = (await client.signIn()).body
  expect((await admin('PUT', `/users/${ada}`, { password: 'another-one' })).status).toBe(200)
  expect((await client.refresh(token)).body.code).toBe('refresh_token_not_found')
  expect(mock.admin.sessions()[0]?.ended?.why).toBe('password_changed')
  expect((await client.signIn('ada@example.test', 'another-one')).status).toBe(200)
})

test('1.17: an operator changes address and data at once', async () => {
  const { client, admin, ada } = await operated()
  const changes = { email: 'Ada@New.test', user_metadata: { a: 1 }, app_metadata: { b: 2 } }
  const { body } = await admin('PUT', `/users/${ada}`, changes)
  expect(body).toMatchObject({ email: 'ada@new.test', user_metadata: { a: 1 }, app_metadata: { b: 2 } })
  expect((await client.signIn('ada@new.test')).status).toBe(200)
  expect((await client.signIn('ada@example.test')).body.code).toBe('invalid_credentials')
})

test.each([false, true])('1.17: a deleted user is gone, and the address is free (soft: %s)', async (soft) => {
  const { client, admin, ada, mock } = await operated()
  const { access_token: access, refresh_token: token } = (await client.signIn()).body
  const deleted = await admin('DELETE', `/users/${ada}`, soft ? { should_soft_delete: true } : undefined)
  expect([deleted.status, deleted.body]).toEqual([200, {}])
  expect((await client.refresh(token)).body.code).toBe('refresh_token_not_found')
  expect((await client.user(access)).body.code).toBe(soft ? 'session_not_found' : 'user_not_found')
  expect(mock.admin.sessions()[0]?.ended?.why).toBe('user_deleted')
  expect((await client.signIn()).body.code).toBe('invalid_credentials')
  expect((await admin('GET', `/users/${ada}`)).status).toBe(soft ? 200 : 404)
  expect((await client.signUp({ email: 'ada@example.test', password: 'long-enough' })).status).toBe(200)
})

test('1.17: nobody has second factors, and nothing was audited', async () => {
  const { admin, ada } = await operated()
  expect((await admin('GET', `/users/${ada}/factors`)).body).toEqual([])
  expect((await admin('GET', '/audit')).body).toEqual([])
})
