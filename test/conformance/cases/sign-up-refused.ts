import { defineCase, type Need } from '../case.ts'
import { isError, isStatus, lacks, same } from '../expect.ts'
import { anonymousOff, emailOff, phone, phoneOff, signUp, signUpOff } from '../needs.ts'
import { newCredentials } from '../target.ts'

const number = '15550101'
const badJson = /^Could not parse request body as JSON: /

interface Refusal {
  readonly code?: string
  readonly status?: number
  readonly message?: string | RegExp
  readonly needs?: readonly Need[]
}

/** A sign-up that differs from a good one by `change` alone. */
const refused = (id: string, title: string, change: object, refusal: Refusal) =>
  defineCase(id, title, refusal.needs ?? [signUp], async ({ post }) => {
    const { status = 400, code = 'validation_failed', message } = refusal
    await isError(post('/signup', { ...newCredentials(), ...change }), status, code, message)
  })
const unreadable = (id: string, title: string, body: string) =>
  defineCase(id, `${title} is bad_json`, [], async ({ post }) => {
    await isError(post('/signup', body), 400, 'bad_json', badJson)
  })

const weak = (version: string | null = '2024-01-01') => ({ body: { password: '12345' }, options: { version } })
const challenge = 'a'.repeat(43)

/** Sign-ups that are refused, and by which check first. */
export const signUpRefused = [
  unreadable('S20a', 'an empty body', ''),
  unreadable('S20b', 'text', 'not json'),
  unreadable('S20c', 'an address that is a number', '{"email":5,"password":"secret-enough"}'),
  unreadable('S20d', 'data that is text', '{"email":"a@b.co","password":"secret-enough","data":"x"}'),
  defineCase('S12', 'neither address nor number: anonymous sign-ins are off', [anonymousOff], async ({ post }) => {
    const message = 'Anonymous sign-ins are disabled'
    await isError(post('/signup', {}), 422, 'anonymous_provider_disabled', message)
  }),
  refused(
    'S11',
    'sign-up switched off',
    {},
    {
      status: 422,
      code: 'signup_disabled',
      message: 'Signups not allowed for this instance',
      needs: [signUpOff],
    },
  ),
  refused('S07a', 'an empty password', { password: '' }, { message: 'Signup requires a valid password' }),
  refused('S07b', 'no password', { password: undefined }, { message: 'Signup requires a valid password' }),
  refused(
    'S06a',
    'a password of 73 bytes',
    { password: 'p'.repeat(73) },
    {
      message: 'Password cannot be longer than 72 characters',
    },
  ),
  refused(
    'S06c',
    'a password of 37 characters and 74 bytes',
    { password: 'é'.repeat(37) },
    {
      message: 'Password cannot be longer than 72 characters',
    },
  ),
  refused('S05a', 'a password of 5 characters', weak().body, {
    status: 422,
    code: 'weak_password',
    message: /Password should be at least \d+ characters\./,
  }),
  defineCase('S05b', 'weak password: the reasons are listed', [signUp], async ({ post }) => {
    const { body } = await isStatus(post('/signup', { ...newCredentials(), ...weak().body }), 422)
    same(body.weak_password?.reasons?.[0], 'length', 'weak_password.reasons[0]')
  }),
  defineCase('S05c', 'weak password, legacy format: the same reasons', [signUp], async ({ post }) => {
    const { body, options } = weak(null)
    const answer = await isStatus(post('/signup', { ...newCredentials(), ...body }, options), 422)
    same(
      [answer.body.code, answer.body.error_code, answer.body.weak_password?.reasons?.[0]],
      [422, 'weak_password', 'length'],
      'code, error_code and reasons[0]',
    )
  }),
  defineCase('S05d', 'weak password: x-sb-error-code only in the legacy format', [signUp], async ({ post }) => {
    const seen = [null, '2024-01-01'].map(async (version) => {
      const { body, options } = weak(version)
      return (await post('/signup', { ...newCredentials(), ...body }, options)).headers.get('x-sb-error-code')
    })
    same(await Promise.all(seen), ['weak_password', null], 'x-sb-error-code, legacy and new')
  }),
  refused(
    'S13',
    'an address and a number',
    { phone: number },
    {
      message: 'Only an email address or phone number should be provided on signup.',
    },
  ),
  refused(
    'S21',
    'a weak password is noticed before a number too many',
    { phone: number, ...weak().body },
    {
      status: 422,
      code: 'weak_password',
    },
  ),
  refused(
    'S14',
    'a number while phones are off',
    { email: undefined, phone: number },
    {
      code: 'phone_provider_disabled',
      message: 'Phone signups are disabled',
      needs: [phoneOff, signUp],
    },
  ),
  refused('S15', 'an unknown channel', { email: undefined, phone: number, channel: 'pigeon' }, {}),
  refused(
    'S28',
    'a number that is none',
    { email: undefined, phone: 'x' },
    {
      message: 'Invalid phone number format (E.164 required)',
      needs: [phone, signUp],
    },
  ),
  refused(
    'S16',
    'a number with a code challenge',
    { email: undefined, phone: number, code_challenge: challenge, code_challenge_method: 's256' },
    { message: 'PKCE not supported for phone signups' },
  ),
  refused(
    'S17a',
    'a code challenge without a method',
    { code_challenge: challenge },
    {
      message: 'PKCE flow requires code_challenge_method and code_challenge',
    },
  ),
  refused(
    'S17b',
    'a method without a code challenge',
    { code_challenge_method: 's256' },
    {
      message: 'PKCE flow requires code_challenge_method and code_challenge',
    },
  ),
  ...[42, 129].map((length) =>
    refused(
      `S18-${length}`,
      `a code challenge of ${length} characters`,
      { code_challenge: 'a'.repeat(length), code_challenge_method: 's256' },
      { message: 'code challenge has to be between 43 and 128 characters' },
    ),
  ),
  refused(
    'S19',
    'a code challenge with another character',
    { code_challenge: `${challenge}!`, code_challenge_method: 's256' },
    {},
  ),
  refused(
    'S24',
    'an address while the e-mail provider is off',
    {},
    {
      code: 'email_provider_disabled',
      message: 'Email signups are disabled',
      needs: [emailOff],
    },
  ),
  ...['x', 'x@', '@example.com', 'a b@example.com', 'a@exa_mple.com', `a@${'b'.repeat(64)}.com`].map((email, index) =>
    refused(
      `S08${'abcdef'.charAt(index)}`,
      `the address ${email.slice(0, 20)}`,
      { email },
      {
        message: 'Unable to validate email address: invalid format',
      },
    ),
  ),
  refused(
    'S10a',
    'an address of more than 255 characters',
    { email: `${'a'.repeat(250)}@example.com` },
    {
      message: 'An email address is too long',
    },
  ),
  defineCase('S25', 'a refused sign-up leaves no account', [signUp], async ({ post, signIn }) => {
    const { email } = newCredentials()
    await isStatus(post('/signup', { email, ...weak().body }), 422)
    const { body } = await isError(signIn({ email, ...weak().body }), 400, 'invalid_credentials')
    lacks(body, ['access_token'], 'body')
  }),
]
