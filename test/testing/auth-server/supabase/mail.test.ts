import { expect, test } from 'vitest'
import type { MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { read, refusal } from '../auth-client.ts'
import { server } from './supabase-server.ts'

const ada = { email: 'ada@example.test' }
const invalid = (message: string) => [400, 'validation_failed', message]
const challenge = { code_challenge: 'a'.repeat(43) }
const expiredCode = [403, 'otp_expired', 'Token has expired or is invalid']
const expiredLink = [403, 'otp_expired', 'Email link is invalid or has expired']

test.each<[string, unknown]>([
  ['/otp', ada],
  ['/otp', { email: 'somebody@example.test', create_user: true, data: { a: 1 } }],
  ['/otp', { ...ada, create_user: false }],
  ['/magiclink', ada],
  ['/recover', ada],
  ['/recover', { email: 'nobody@example.test' }],
  ['/resend', { ...ada, type: 'signup' }],
  ['/resend', { email: 'new@example.test', type: 'signup' }],
  ['/resend', { ...ada, type: 'email_change' }],
])('1.15: %s with %j is answered with nothing', async (path, body) => {
  const { client } = server()
  const answer = await client.post(path, body)
  expect([answer.status, answer.body]).toEqual([200, {}])
})

test.each<[string, unknown, unknown[], MockAuthOptions?]>([
  ['/otp', { ...ada, phone: '1' }, invalid('Only an email address or phone number should be provided')],
  ['/otp', { ...ada, channel: 'sms' }, invalid('Channel should only be specified with Phone OTP')],
  ['/otp', {}, invalid('One of email or phone must be set')],
  ['/otp', { ...ada, ...challenge }, invalid('PKCE flow requires code_challenge_method and code_challenge')],
  ['/otp', { email: 'x' }, invalid('Unable to validate email address: invalid format')],
  ['/otp', { phone: '+491234567' }, [400, 'phone_provider_disabled', 'Unsupported phone provider']],
  ['/otp', { email: 'nobody@example.test', create_user: false }, [422, 'otp_disabled', 'Signups not allowed for otp']],
  [
    '/otp',
    { email: 'nobody@example.test' },
    [422, 'signup_disabled', 'Signups not allowed for this instance'],
    { signUps: false },
  ],
  ['/otp', ada, [422, 'email_provider_disabled', 'Email logins are disabled'], { emailLogins: false }],
  ['/magiclink', {}, invalid('Password recovery requires an email')],
  ['/recover', {}, invalid('Password recovery requires an email')],
  ['/recover', { email: 'x' }, invalid('Unable to validate email address: invalid format')],
  ['/recover', ada, [400, 'email_provider_disabled', 'Email logins are disabled'], { emailLogins: false }],
  [
    '/resend',
    { type: 'recovery', ...ada },
    invalid('Missing one of these types: signup, email_change, sms, phone_change'),
  ],
  ['/resend', { type: 'refused' }, invalid('Missing one of these types: signup, email_change, sms, phone_change')],
  ['/resend', { type: 'signup' }, invalid('Type provided requires an email address')],
  ['/resend', { type: 'sms' }, invalid('Type provided requires a phone number')],
  [
    '/resend',
    { type: 'email_change', ...ada, phone: '1' },
    invalid('Only an email address or phone number should be provided.'),
  ],
  ['/resend', { type: 'sms', phone: '123' }, [400, 'phone_provider_disabled', 'Phone logins are disabled']],
  ['/resend', { type: 'email_change' }, invalid('Missing email address or phone number')],
  ['/verify', {}, invalid('Verify requires a verification type')],
  ['/verify', { type: 'signup' }, invalid('Verify requires either a token or a token hash')],
  [
    '/verify',
    { type: 'signup', token: '1', token_hash: '2' },
    invalid('Verify requires either a token or a token hash'),
  ],
  [
    '/verify',
    { type: 'signup', token: '1' },
    invalid('Only an email address or phone number should be provided on verify'),
  ],
  ['/verify', { type: 'signup', token_hash: '1', ...ada }, invalid('Only the token_hash and type should be provided')],
  ['/verify', { type: 'sms', token_hash: '1' }, invalid('Invalid email verification type')],
  ['/verify', { type: 'signup', token: '1', email: 'x' }, [422, 'validation_failed', 'Invalid email format']],
  ['/verify', { type: 'sms', token: '1', phone: 'x' }, invalid('Invalid phone number format (E.164 required)')],
  ['/verify', { type: 'sms', token: '1', phone: '+49 123 4567' }, expiredCode],
  ['/verify', { type: 'signup', token: '123456', ...ada }, expiredCode],
  ['/verify', { type: 'magiclink', token_hash: 'x' }, expiredLink],
])('1.15: %s with %j is refused', async (path, body, expected, options = {}) => {
  const { client } = server(options)
  expect(refusal(await client.post(path, body))).toEqual(expected)
})

test('1.15: of each kind a user gets one mail in a minute', async () => {
  const { client, clock } = server()
  await client.post('/recover', ada)
  clock.advance(30_000)
  const message = 'For security purposes, you can only request this after 30 seconds.'
  expect(refusal(await client.post('/recover', ada))).toEqual([429, 'over_email_send_rate_limit', message])
  expect((await client.post('/otp', ada)).status).toBe(429)
  expect((await client.post('/recover', { email: 'grace@example.test' })).status).toBe(200)
  clock.advance(30_000)
  expect((await client.post('/otp', ada)).status).toBe(200)
})

test('1.15: a link for somebody unknown signs them up, without a password', async () => {
  const { client, mock } = server()
  await client.post('/otp', { email: 'max@example.test', data: { a: 1 } })
  expect((await client.signIn('max@example.test', '')).body.code).toBe('invalid_credentials')
  const key = await mock.admin.apiKey('service_role')
  const { users } = (await client.call('GET', '/admin/users', { token: key })).body
  expect(users[0]).toMatchObject({
    email: 'max@example.test',
    user_metadata: { a: 1 },
    recovery_sent_at: expect.any(String),
  })
})

test('1.15: without auto-confirm the mail to somebody unknown asks for confirmation', async () => {
  const { client } = server({ autoConfirm: false })
  expect((await client.post('/otp', { email: 'max@example.test' })).status).toBe(200)
  expect((await client.post('/resend', { email: 'max@example.test', type: 'signup' })).status).toBe(429)
})

test('1.15: a banned user is told so before the code is looked at', async () => {
  const { client, mock } = server()
  mock.admin.ban(ada.email)
  const answer = await client.post('/verify', { type: 'recovery', token: '123456', ...ada })
  expect(refusal(answer)).toEqual([403, 'user_banned', 'User is banned'])
})

test('1.15: a link leads back to the app, which finds in the address what went wrong', async () => {
  const { mock } = server({ siteUrl: 'https://app.example.test/start' })
  const follow = async (query: string) => {
    const response = await mock.fetch(`/auth/v1/verify?${query}`)
    return [response.status, response.headers.get('Location')]
  }
  const error = 'error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired'
  expect(await follow('type=signup&token=x')).toEqual([303, `https://app.example.test/start#${error}&sb=`])
  expect(await follow('type=signup&token=pkce_x')).toEqual([
    303,
    `https://app.example.test/start?${error}#${error}&sb=`,
  ])
  expect(await follow('token=x')).toEqual([400, null])
  expect((await read(await mock.fetch('/auth/v1/verify?type=signup'))).body.error_code).toBe('validation_failed')
})
