import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import type { MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { refusal } from '../auth-client.ts'
import { server } from './supabase-server.ts'

const password = 'long-enough'
const lin = { email: 'Lin@Example.test', password, data: { name: 'Lin', sub: 'x' }, gotrue_meta_security: {} }
const challenge = 'a'.repeat(43)

const invalid = (message: string) => [400, 'validation_failed', message]
const weak = (message: string) => [422, 'weak_password', message]

test.each<[string, string, MockAuthOptions, unknown, unknown[]]>([
  ['', 'no address', {}, { password }, [422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled']],
  ['S11', 'sign-ups off', { signUps: false }, lin, [422, 'signup_disabled', 'Signups not allowed for this instance']],
  [
    '',
    'anonymously with sign-ups off',
    { signUps: false, anonymousSignIns: true },
    {},
    [422, 'signup_disabled', 'Signups not allowed for this instance'],
  ],
  ['', 'no password', {}, { email: 'b@example.test' }, invalid('Signup requires a valid password')],
  [
    'S06',
    '73 bytes',
    {},
    { ...lin, password: 'x'.repeat(73) },
    invalid('Password cannot be longer than 72 characters'),
  ],
  [
    'S06',
    '37 characters of two bytes',
    {},
    { ...lin, password: 'é'.repeat(37) },
    invalid('Password cannot be longer than 72 characters'),
  ],
  ['S05', 'short', {}, { ...lin, password: '12345' }, weak('Password should be at least 6 characters.')],
  [
    '',
    'shorter than asked',
    { passwordPolicy: { minLength: 12 } },
    lin,
    weak('Password should be at least 12 characters.'),
  ],
  [
    '',
    'a minimum below 6',
    { passwordPolicy: { minLength: 1 } },
    { ...lin, password: '12345' },
    weak('Password should be at least 6 characters.'),
  ],
  [
    '',
    'both addresses',
    {},
    { ...lin, phone: '+4912345678' },
    invalid('Only an email address or phone number should be provided on signup.'),
  ],
  [
    '',
    'a weak password before both addresses',
    {},
    { ...lin, phone: '1', password: '1' },
    weak('Password should be at least 6 characters.'),
  ],
  [
    '',
    'channel',
    {},
    { phone: '1', password, channel: 'pigeon' },
    invalid("Invalid channel, supported values are 'sms' or 'whatsapp'"),
  ],
  [
    '',
    'phone with a challenge',
    {},
    { phone: '1', password, code_challenge: challenge },
    invalid('PKCE not supported for phone signups'),
  ],
  [
    '',
    'challenge without method',
    {},
    { ...lin, code_challenge: challenge },
    invalid('PKCE flow requires code_challenge_method and code_challenge'),
  ],
  [
    '',
    'method without challenge',
    {},
    { ...lin, code_challenge_method: 's256' },
    invalid('PKCE flow requires code_challenge_method and code_challenge'),
  ],
  [
    '',
    'challenge too short',
    {},
    { ...lin, code_challenge: 'a'.repeat(42), code_challenge_method: 's256' },
    invalid('code challenge has to be between 43 and 128 characters'),
  ],
  [
    '',
    'challenge too long',
    {},
    { ...lin, code_challenge: 'a'.repeat(129), code_challenge_method: 's256' },
    invalid('code challenge has to be between 43 and 128 characters'),
  ],
  [
    '',
    'challenge of other characters',
    {},
    { ...lin, code_challenge: '+'.repeat(43), code_challenge_method: 's256' },
    invalid('code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes'),
  ],
  ['', 'phone', {}, { phone: '+4912345678', password }, [400, 'phone_provider_disabled', 'Phone signups are disabled']],
  ['', 'e-mail off', { emailLogins: false }, lin, [400, 'email_provider_disabled', 'Email signups are disabled']],
  [
    '',
    'e-mail off before syntax',
    { emailLogins: false },
    { ...lin, email: 'x' },
    [400, 'email_provider_disabled', 'Email signups are disabled'],
  ],
  ['S08', 'syntax', {}, { ...lin, email: 'x' }, invalid('Unable to validate email address: invalid format')],
  [
    '',
    'syntax of the host',
    {},
    { ...lin, email: 'a@-b.test' },
    invalid('Unable to validate email address: invalid format'),
  ],
  ['', '256 characters', {}, { ...lin, email: `${'a'.repeat(251)}@b.co` }, invalid('An email address is too long')],
  ['S02', 'taken', {}, { ...lin, email: 'ADA@example.test' }, [422, 'user_already_exists', 'User already registered']],
])('1.5 %s: a sign-up is refused (%s)', async (_case, _name, options, body, expected) => {
  const { client } = server(options)
  expect(refusal(await client.signUp(body))).toEqual(expected)
})

test('1.5: all that is wrong with a password is told at once', async () => {
  const { client } = server({ passwordPolicy: { minLength: 8, required: ['abc', '0123'], leaked: ['xyz'] } })
  const { body } = await client.signUp({ ...lin, password: 'xyz' })
  expect(body.weak_password).toEqual({ reasons: ['length', 'characters', 'pwned'] })
  expect(body.message).toBe(
    'Password should be at least 8 characters. ' +
      'Password should contain at least one character of each: abc, 0123. ' +
      'Password is known to be weak and easy to guess, please choose a different one.',
  )
  expect((await client.signUp({ ...lin, password: 'xyz-xyz-a-0' })).status).toBe(200)
})

test("S01, S09: the address is kept in lower case, and the server's own words win over the caller's", async () => {
  const { client } = server()
  const { status, body, headers } = await client.signUp(lin)
  expect(status).toBe(200)
  expect(body).not.toHaveProperty('weak_password')
  expect(body.user.email).toBe('lin@example.test')
  expect(Object.entries(body.user.user_metadata)).toEqual([
    ['email', 'lin@example.test'],
    ['email_verified', true],
    ['name', 'Lin'],
    ['phone_verified', false],
    ['sub', body.user.id],
  ])
  expect(body.user.app_metadata).toEqual({ provider: 'email', providers: ['email'] })
  expect(headers.get('sb-auth-refresh-token-prefix')).toBe(body.refresh_token.slice(0, 5))
  expect(decodeJwt(body.access_token)).toMatchObject({ amr: [{ method: 'password' }], is_anonymous: false })
  expect((await client.signIn('LIN@example.TEST', password)).status).toBe(200)
})

test('1.3: the answer to a sign-up differs from the user that is read later, in two places', async () => {
  const { client } = server()
  const { body } = await client.signUp(lin)
  const later = (await client.user(body.access_token)).body
  expect(body.user).not.toHaveProperty('confirmed_at')
  expect(body.user.identities[0].identity_data.email_verified).toBe(true)
  expect(later.confirmed_at).toBe(later.email_confirmed_at)
  expect(later.identities[0].identity_data.email_verified).toBe(false)
  expect(later.identities[0]).toMatchObject({ provider: 'email', id: later.id, user_id: later.id, email: later.email })
})

test.each(['a@localhost', "!#$%&'*+/=?^_{|}~-.`@b.co", `a@${'b'.repeat(63)}.co`])(
  '1.5: the address %s will do',
  async (email) => {
    const { client } = server()
    expect((await client.signUp({ email, password })).status).toBe(200)
  },
)

const unconfirmed = () => server({ autoConfirm: false })

test('S03: without auto-confirm there is a user but no session, and no signing in before it is confirmed', async () => {
  const { client, mock } = unconfirmed()
  const { status, body } = await client.signUp(lin)
  expect(status).toBe(200)
  expect(body).not.toHaveProperty('access_token')
  expect(body).toMatchObject({
    email: 'lin@example.test',
    role: 'authenticated',
    user_metadata: { email_verified: false },
  })
  expect(body.confirmation_sent_at).toBe(body.created_at)
  expect(body).not.toHaveProperty('email_confirmed_at')
  expect(body.identities).toHaveLength(1)
  expect(refusal(await client.signIn('lin@example.test', password))).toEqual([
    400,
    'email_not_confirmed',
    'Email not confirmed',
  ])
  mock.admin.confirm('lin@example.test')
  const { user } = (await client.signIn('lin@example.test', password)).body
  expect(user).toMatchObject({ confirmed_at: expect.any(String), user_metadata: { email_verified: true } })
})

test('1.5: without auto-confirm an address that is taken gets a user that is made up', async () => {
  const { client } = unconfirmed()
  const { user } = (await client.signIn()).body
  const { status, body } = await client.signUp({ ...lin, email: 'ada@example.test' })
  expect(status).toBe(200)
  expect(body).toMatchObject({ email: 'ada@example.test', role: '', identities: [], user_metadata: lin.data })
  expect(body.id).not.toBe(user.id)
  expect(body).not.toHaveProperty('last_sign_in_at')
  expect(body).not.toHaveProperty('confirmed_at')
})

test('1.5: without auto-confirm an address that waits for confirmation gets another mail, and its password stays', async () => {
  const { client, clock, mock } = unconfirmed()
  const first = (await client.signUp(lin)).body
  clock.advance(59_001)
  const tooEarly = 'For security purposes, you can only request this after 0 seconds.'
  expect(refusal(await client.signUp(lin))).toEqual([429, 'over_email_send_rate_limit', tooEarly])
  clock.advance(999)
  const second = await client.signUp({ ...lin, password: 'another-one' })
  expect(second.body.id).toBe(first.id)
  expect(second.body.confirmation_sent_at).not.toBe(first.confirmation_sent_at)
  mock.admin.confirm('lin@example.test')
  expect((await client.signIn('lin@example.test', 'another-one')).body.code).toBe('invalid_credentials')
  expect((await client.signIn('lin@example.test', password)).status).toBe(200)
})

test('1.5: without auto-confirm no more than 30 mails go out in an hour', async () => {
  const { client, clock } = unconfirmed()
  const signUp = (number: number) => client.signUp({ email: `user-${number}@example.test`, password })
  for (let number = 0; number < 30; number++) expect((await signUp(number)).status).toBe(200)
  expect(refusal(await signUp(30))).toEqual([429, 'over_email_send_rate_limit', 'email rate limit exceeded'])
  clock.advance(120_000)
  expect((await signUp(30)).body.email).toBe('user-30@example.test')
})

test('R38: somebody without an account gets a session, and keeps being nobody in particular', async () => {
  const { client } = server({ anonymousSignIns: true })
  const { status, body } = await client.signUp({ data: { colour: 'blue' }, gotrue_meta_security: {} })
  expect(status).toBe(200)
  expect(body.user).toMatchObject({
    is_anonymous: true,
    email: '',
    phone: '',
    identities: [],
    app_metadata: {},
    user_metadata: { colour: 'blue' },
  })
  const refreshed = await client.refresh(body.refresh_token)
  expect(refreshed.status).toBe(200)
  const claims = decodeJwt(refreshed.body.access_token)
  expect(claims).toMatchObject({ is_anonymous: true, email: '', amr: [{ method: 'anonymous' }], sub: body.user.id })
})

test('two people without an account are two', async () => {
  const { client } = server({ anonymousSignIns: true })
  expect((await client.signUp({})).body.user.id).not.toBe((await client.signUp({})).body.user.id)
})
