import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import type { MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { refusal } from '../auth-client.ts'
import { server } from './supabase-server.ts'

async function signedIn(options: MockAuthOptions = {}) {
  const setup = server(options)
  const { access_token: token, refresh_token: refreshToken, user } = (await setup.client.signIn()).body
  return { ...setup, token: String(token), refreshToken: String(refreshToken), user }
}

async function anonymous(options: MockAuthOptions = {}) {
  const setup = server({ anonymousSignIns: true, ...options })
  const { access_token: token, refresh_token: refreshToken, user } = (await setup.client.signUp({})).body
  return { ...setup, token: String(token), refreshToken: String(refreshToken), user }
}

const invalid = (message: string) => [400, 'validation_failed', message]

test.each<[string, MockAuthOptions, unknown, unknown[]]>([
  ['e-mail', {}, { email: 'x' }, invalid('Unable to validate email address: invalid format')],
  ['phone', {}, { phone: 'x' }, invalid('Invalid phone number format (E.164 required)')],
  [
    'channel',
    {},
    { phone: '123', channel: 'pigeon' },
    invalid("Invalid channel, supported values are 'sms' or 'whatsapp'"),
  ],
  ['weak', {}, { password: '12345' }, [422, 'weak_password', 'Password should be at least 6 characters.']],
  ['empty', {}, { password: '' }, [422, 'weak_password', 'Password should be at least 6 characters.']],
  ['too long', {}, { password: 'x'.repeat(73) }, invalid('Password cannot be longer than 72 characters')],
  [
    'U11',
    {},
    { app_metadata: { role: 'admin' } },
    [403, 'not_admin', 'Updating app_metadata requires admin privileges'],
  ],
  [
    'weak before app_metadata',
    {},
    { password: '1', app_metadata: {} },
    [422, 'weak_password', 'Password should be at least 6 characters.'],
  ],
  [
    'taken',
    {},
    { email: 'GRACE@example.test' },
    [422, 'email_exists', 'A user with this email address has already been registered'],
  ],
  [
    'U08',
    {},
    { password: 'correct-horse' },
    [422, 'same_password', 'New password should be different from the old password.'],
  ],
  [
    'no current password',
    { requireCurrentPassword: true },
    { password: 'another-one' },
    [400, 'current_password_required', 'Current password required when setting new password.'],
  ],
  [
    'wrong current password',
    { requireCurrentPassword: true },
    { password: 'another-one', current_password: 'x' },
    [400, 'current_password_invalid', 'Current password required when setting new password.'],
  ],
  ['no SMS', {}, { phone: '+4912345678' }, [500, 'unexpected_failure', 'Unable to get SMS provider']],
])('1.11: a change is refused (%s)', async (_name, options, changes, expected) => {
  const { client, token, user } = await signedIn(options)
  expect(refusal(await client.update(token, changes))).toEqual(expected)
  expect((await client.user(token)).body).toEqual(user)
})

test('1.11: a body that cannot be read is bad_json', async () => {
  const { client, token } = await signedIn()
  expect((await client.update(token, 'x')).body.code).toBe('bad_json')
})

test('U09: data is merged into what is there, and null removes a member', async () => {
  const { client, token } = await signedIn()
  const metadata = async (changes: unknown) => (await client.update(token, { data: changes })).body.user_metadata
  const before = (await client.user(token)).body.user_metadata
  expect(await metadata({ a: 1, z: { y: 1, b: null } })).toEqual({ ...before, a: 1, z: { y: 1, b: null } })
  expect(Object.keys(await metadata({ b: 2 }))).toEqual(['a', 'b', ...Object.keys(before), 'z'])
  expect(await metadata({ a: null, b: null, z: null })).toEqual(before)
  expect((await metadata({ sub: 'me' })).sub).toBe('me')
})

test('R37: the next refresh shows the changed data, in the JWT too', async () => {
  const { client, token, refreshToken } = await signedIn()
  await client.update(token, { data: { a: 1 } })
  const { body } = await client.refresh(refreshToken)
  expect(decodeJwt(body.access_token)).toMatchObject({ user_metadata: { a: 1 } })
  expect(body.user.user_metadata.a).toBe(1)
})

test('1.11: a new password ends the other sessions, and keeps this one', async () => {
  const { client, token, refreshToken, mock } = await signedIn()
  const other = (await client.signIn()).body
  const grace = (await client.signIn('grace@example.test', 'battery-staple')).body
  const answer = await client.update(token, { password: 'another-one' })
  expect(answer.status).toBe(200)
  expect(answer.body).not.toHaveProperty('access_token')
  expect((await client.refresh(other.refresh_token)).body.code).toBe('refresh_token_not_found')
  expect((await client.user(other.access_token)).body.code).toBe('session_not_found')
  expect((await client.refresh(refreshToken)).status).toBe(200)
  expect((await client.refresh(grace.refresh_token)).status).toBe(200)
  expect(mock.admin.sessions()[1]?.ended?.why).toBe('password_changed')
  expect((await client.signIn()).body.code).toBe('invalid_credentials')
  expect((await client.signIn('ada@example.test', 'another-one')).status).toBe(200)
})

test('1.11: with the current password beside it a new one is taken', async () => {
  const { client, token } = await signedIn({ requireCurrentPassword: true })
  expect((await client.update(token, { password: 'another-one', current_password: 'correct-horse' })).status).toBe(200)
})

test('1.11: a new address waits for its confirmation, even with auto-confirm', async () => {
  const { client, token, clock } = await signedIn()
  clock.advance(1000)
  const { status, body } = await client.update(token, { email: 'Ada@New.test' })
  expect([status, body.email, body.new_email]).toEqual([200, 'ada@example.test', 'ada@new.test'])
  expect(body.email_change_sent_at).toBe('2030-01-01T00:00:01Z')
  expect((await client.signIn('ada@new.test')).body.code).toBe('invalid_credentials')
  const soon = await client.update(token, { email: 'ada@newer.test', data: { a: 1 } })
  expect(refusal(soon).slice(0, 2)).toEqual([429, 'over_email_send_rate_limit'])
  expect((await client.user(token)).body.user_metadata).not.toHaveProperty('a')
})

test("1.11: one's own address is no change", async () => {
  const { client, token } = await signedIn()
  const { status, body } = await client.update(token, { email: 'ADA@example.test' })
  expect(status).toBe(200)
  expect(body).not.toHaveProperty('new_email')
})

test('U12: an anonymous user who gives an address has an account from then on', async () => {
  const { client, token, refreshToken, user } = await anonymous()
  const { status, body } = await client.update(token, { email: 'Max@Example.test', password: 'long-enough' })
  expect(status).toBe(200)
  expect(body).toMatchObject({ id: user.id, is_anonymous: false, email: 'max@example.test' })
  expect(body.identities).toHaveLength(1)
  expect(body.identities[0]).toMatchObject({ provider: 'email', identity_data: { email_verified: true } })
  const refreshed = (await client.refresh(refreshToken)).body
  expect(decodeJwt(refreshed.access_token)).toMatchObject({ is_anonymous: false, email: 'max@example.test' })
  expect((await client.signIn('max@example.test', 'long-enough')).body.user.id).toBe(user.id)
})

test('U12: without auto-confirm the address of an anonymous user waits, too', async () => {
  const { client, token } = await anonymous({ autoConfirm: false })
  const { body } = await client.update(token, { email: 'max@example.test' })
  expect(body).toMatchObject({ is_anonymous: true, email: '', new_email: 'max@example.test', identities: [] })
})

test('1.11: an anonymous user cannot have a password alone', async () => {
  const { client, token } = await anonymous()
  const message = 'Updating password of an anonymous user without an email or phone is not allowed'
  expect(refusal(await client.update(token, { password: 'long-enough' }))).toEqual([422, 'validation_failed', message])
})

const day = 86_400_000

test('1.11: in a session of more than 24 hours a new password needs a code, which is good once', async () => {
  const { client, refreshToken, clock, mock } = await signedIn({ requireReauthentication: true })
  clock.advance(day)
  let session = (await client.refresh(refreshToken)).body
  const change = (changes: unknown) => client.update(session.access_token, changes)
  expect((await change({ password: 'second-one' })).status).toBe(200)
  clock.advance(1)
  session = (await client.refresh(session.refresh_token)).body
  const needed = [400, 'reauthentication_needed', 'Password update requires reauthentication']
  const notValid = [422, 'reauthentication_not_valid', 'Nonce has expired or is invalid']
  expect(refusal(await change({ password: 'third-one' }))).toEqual(needed)
  expect(refusal(await change({ password: 'third-one', nonce: '123456' }))).toEqual(notValid)

  const asked = await client.call('GET', '/reauthenticate', { token: session.access_token })
  expect([asked.status, asked.body]).toEqual([200, {}])
  const nonce = mock.admin.reauthenticationCode('ada@example.test')
  expect(nonce).toMatch(/^\d{6}$/)
  expect(refusal(await change({ password: 'third-one', nonce: 'x' }))).toEqual(notValid)
  expect((await change({ password: 'third-one', nonce })).status).toBe(200)
  expect(mock.admin.reauthenticationCode('ada@example.test')).toBeNull()
  expect(refusal(await change({ password: 'fourth-one', nonce }))).toEqual(notValid)
})

test('1.11: a code is spent, even if the new password is refused after it', async () => {
  const { client, refreshToken, clock, mock } = await signedIn({ requireReauthentication: true })
  clock.advance(day + 1)
  const { access_token: token } = (await client.refresh(refreshToken)).body
  await client.call('GET', '/reauthenticate', { token })
  const nonce = mock.admin.reauthenticationCode('ada@example.test')
  const codeOf = async (password: string) => (await client.update(token, { password, nonce })).body.code
  expect(await codeOf('correct-horse')).toBe('same_password')
  expect(await codeOf('another-one')).toBe('reauthentication_not_valid')
})

test('1.11: a code is good for 24 hours', async () => {
  const { client, refreshToken, clock, mock } = await signedIn({
    requireReauthentication: true,
    tokenLifetime: 3 * 86_400,
  })
  clock.advance(day + 1)
  const session = (await client.refresh(refreshToken)).body
  await client.call('GET', '/reauthenticate', { token: session.access_token })
  const nonce = mock.admin.reauthenticationCode('ada@example.test')
  clock.advance(day + 1)
  const { body } = await client.update(session.access_token, { password: 'another-one', nonce })
  expect(body.code).toBe('reauthentication_not_valid')
})

test('1.15: a code is not sent twice in a minute, nor to somebody without an address', async () => {
  const { client, token } = await signedIn()
  await client.call('GET', '/reauthenticate', { token })
  expect((await client.call('GET', '/reauthenticate', { token })).body.code).toBe('over_email_send_rate_limit')
  const nobody = await anonymous()
  const message = 'Reauthentication requires the user to have an email or a phone number'
  expect(refusal(await nobody.client.call('GET', '/reauthenticate', { token: nobody.token }))).toEqual(invalid(message))
})

test('1.11: the audience asked for must be that of the token', async () => {
  const { client, token } = await signedIn()
  const status = async (audience: string) =>
    (await client.call('GET', '/user', { token, headers: { 'X-JWT-AUD': audience } })).status
  expect([await status('authenticated'), await status('other')]).toEqual([200, 400])
})

test('R25, O01: signing the others out leaves this session', async () => {
  const { client, token, refreshToken } = await signedIn()
  const b = (await client.signIn()).body
  const { status, body } = await client.logout(token, 'others')
  expect([status, body]).toEqual([204, ''])
  expect((await client.refresh(b.refresh_token)).body.code).toBe('refresh_token_not_found')
  expect((await client.refresh(refreshToken)).status).toBe(200)
})

test.each([undefined, 'global'])(
  'R26: signing out with scope %s ends all sessions of the user, and their access tokens',
  async (scope) => {
    const { client, token, refreshToken } = await signedIn()
    const b = (await client.signIn()).body
    const grace = (await client.signIn('grace@example.test', 'battery-staple')).body
    expect((await client.logout(token, scope)).status).toBe(204)
    for (const spent of [refreshToken, b.refresh_token]) {
      expect((await client.refresh(spent)).body.code).toBe('refresh_token_not_found')
    }
    expect(refusal(await client.user(b.access_token)).slice(0, 2)).toEqual([403, 'session_not_found'])
    expect((await client.refresh(grace.refresh_token)).status).toBe(200)
  },
)

test('1.10: signing out with scope local ends only this session', async () => {
  const { client, token, refreshToken } = await signedIn()
  const b = (await client.signIn()).body
  expect((await client.logout(token, 'local')).status).toBe(204)
  expect((await client.refresh(refreshToken)).status).toBe(400)
  expect((await client.refresh(b.refresh_token)).status).toBe(200)
})

test('O02: an unknown scope is refused', async () => {
  const { client, token } = await signedIn()
  expect(refusal(await client.logout(token, 'foo'))).toEqual(invalid('Unsupported logout scope "foo"'))
})
