import { expect, test } from 'vitest'
import type { MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { refusal } from '../auth-client.ts'
import { server } from './supabase-server.ts'

const email = 'ada@example.test'
const password = 'correct-horse'
const wrong = [400, 'invalid_credentials', 'Invalid login credentials']

test.each<[string, string, MockAuthOptions, unknown, unknown[]]>([
  [
    'L03',
    'both addresses',
    {},
    { email, phone: '1', password },
    [400, 'validation_failed', 'Only an email address or phone number should be provided on login.'],
  ],
  ['L03', 'neither', {}, { password }, [400, 'validation_failed', 'missing email or phone']],
  ['', 'phone', {}, { phone: '1', password }, [422, 'phone_provider_disabled', 'Phone logins are disabled']],
  [
    '',
    'e-mail off',
    { emailLogins: false },
    { email, password },
    [422, 'email_provider_disabled', 'Email logins are disabled'],
  ],
  ['L01', 'unknown user', {}, { email: 'nobody@example.test', password }, wrong],
  ['L01', 'wrong password', {}, { email, password: 'wrong' }, wrong],
  ['', 'no password', {}, { email }, wrong],
  ['', 'not confirmed, and a wrong password', {}, { email: 'new@example.test', password: 'wrong' }, wrong],
  [
    '',
    'not confirmed',
    {},
    { email: 'new@example.test', password: 'not-yet-there' },
    [400, 'email_not_confirmed', 'Email not confirmed'],
  ],
])('1.6 %s: signing in is refused (%s)', async (_case, _name, options, body, expected) => {
  const { client } = server(options)
  expect(refusal(await client.post('/token?grant_type=password', body))).toEqual(expected)
})

test('1.6: whether a user is banned is looked at before the password', async () => {
  const { client, mock } = server()
  mock.admin.ban(email)
  expect(refusal(await client.signIn(email, 'wrong'))).toEqual([400, 'user_banned', 'User is banned'])
})

test('1.6: a user without a password cannot sign in with none', async () => {
  const { client } = server({ users: [{ email, password: '' }] })
  expect(refusal(await client.signIn(email, ''))).toEqual(wrong)
})

test('L04, 1.2: the answer has its members in order, and says that the password is not weak by a null', async () => {
  const { client } = server()
  const { status, body } = await client.signIn()
  expect(status).toBe(200)
  expect(Object.keys(body)).toEqual([
    'access_token',
    'token_type',
    'expires_in',
    'expires_at',
    'refresh_token',
    'user',
    'weak_password',
  ])
  expect([body.token_type, body.expires_in, body.weak_password]).toEqual(['bearer', 3600, null])
})

test('1.2: a password that would not be taken any more is let in, and called weak', async () => {
  const { client } = server({ passwordPolicy: { minLength: 20 } })
  const { status, body } = await client.signIn()
  expect([status, body.weak_password]).toEqual([
    200,
    { message: 'Password should be at least 20 characters.', reasons: ['length'] },
  ])
})

test('1.6: signing in is noted in the user', async () => {
  const { client, clock } = server()
  await client.signIn()
  clock.advance(1500)
  expect((await client.signIn()).body.user.last_sign_in_at).toBe('2030-01-01T00:00:01.5Z')
})

test('member names are matched in any case and unknown ones ignored, as Go does', async () => {
  const { client } = server()
  const body = { Email: 'Ada@Example.test', PASSWORD: password, extra: 1 }
  expect((await client.post('/token?grant_type=password', body)).status).toBe(200)
})

test.each(['/token', '/token?grant_type=foo', '/token?grant_type='])(
  'R23: %s is refused before the body is read',
  async (path) => {
    const { client } = server()
    expect(refusal(await client.post(path, 'not json'))).toEqual([400, 'invalid_credentials', 'unsupported_grant_type'])
  },
)

test('0.2: a form names the grant and leaves nothing of the body', async () => {
  const { client } = server()
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const { body } = await client.post('/token', 'grant_type=refresh_token&refresh_token=aaaaaaaaaaaa', headers)
  expect(body).toMatchObject({ error_code: 'bad_json', msg: expect.stringMatching(/unexpected end of JSON input$/) })
})

const verifier = 'v'.repeat(50)
test.each([
  ['pkce', {}, [400, 'validation_failed', 'invalid request: both auth code and code verifier should be non-empty']],
  [
    'pkce',
    { auth_code: 'x', code_verifier: verifier },
    [404, 'flow_state_not_found', 'invalid flow state, no valid flow state found'],
  ],
  [
    'id_token',
    { id_token: 'x', provider: 'google' },
    [400, 'provider_disabled', 'Provider (issuer "https://accounts.google.com") is not enabled'],
  ],
  [
    'id_token',
    { id_token: 'x', client_id: 'x', issuer: 'https://elsewhere.test' },
    [400, 'validation_failed', 'Custom OIDC provider "" not allowed'],
  ],
  ['web3', {}, [422, 'web3_provider_disabled', 'Web3 provider is disabled']],
])('1.8, 1.9: the grant %s is switched off (%j)', async (grant, body, expected) => {
  const { client } = server()
  expect(refusal(await client.post(`/token?grant_type=${grant}`, body))).toEqual(expected)
})

test.each([
  [{}, 'id_token required'],
  [{ id_token: 'x' }, 'provider or client_id and issuer required'],
])('0.4, 1.9: an id_token grant of the wrong form has the shape of an OAuth error (%j)', async (body, description) => {
  const { client } = server()
  const answer = await client.post('/token?grant_type=id_token', body)
  expect([answer.status, answer.body]).toEqual([400, { error: 'invalid request', error_description: description }])
  expect(answer.headers.get('X-Supabase-Api-Version')).toBe('2024-01-01')
  expect(answer.headers.has('x-sb-error-code')).toBe(false)
})

test('R16: tokens of two users refreshed in turn stay with their owners', async () => {
  const { client } = server()
  const owners = await Promise.all([client.signIn(), client.signIn('grace@example.test', 'battery-staple')])
  const tokens = owners.map(({ body }) => body.refresh_token)
  for (let round = 0; round < 4; round++) {
    for (const [index, owner] of owners.entries()) {
      const { body } = await client.refresh(tokens[index])
      expect(body.user.id).toBe(owner.body.user.id)
      tokens[index] = body.refresh_token
    }
  }
})
