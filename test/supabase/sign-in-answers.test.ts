import type { AuthError } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { answering, html, json } from '../backends/server.ts'
import { rejection } from '../http/stage.ts'
import { backend, oauth, shapes, tokens, user } from './project.ts'

type Answer = () => Response | Promise<Response>

describe('what a sign-in without tokens means', () => {
  const signUp = { signUp: { email: 'ada@example.test', password: 'correct-horse' } }
  const signIn = (answer: Answer, credentials: Parameters<typeof backend.signIn>[0] = signUp) =>
    rejection<AuthError>(backend.signIn(credentials, answering(answer).context))

  test.each([
    ['invalid_credentials', 400],
    ['user_banned', 400],
    ['weak_password', 422],
    ['user_already_exists', 422],
    ['signup_disabled', 422],
    ['anonymous_provider_disabled', 422],
    ['validation_failed', 400],
  ])('%s is refused credentials', async (code, status) => {
    for (const [, answer] of shapes(code, status, 'The words of the server.'))
      expect(await signIn(answer)).toMatchObject({
        code: 'credentials_rejected',
        serverCode: code,
        status,
        message: 'The words of the server.',
      })
  })

  test('before v2.164.0 too', async () => {
    const error = await signIn(oauth('invalid_grant', 'Invalid login credentials'))
    expect(error).toMatchObject({ code: 'credentials_rejected', message: 'Invalid login credentials' })
  })

  test.each([
    ['over_request_rate_limit', 429],
    ['over_email_send_rate_limit', 429],
    ['request_timeout', 504],
    ['unexpected_failure', 500],
  ])('%s is passing trouble', async (code, status) => {
    for (const [, answer] of shapes(code, status)) expect(await signIn(answer)).toMatchObject({ code: 'unavailable' })
  })

  test('a captcha that is asked for is for the person', async () => {
    for (const [, answer] of shapes('captcha_failed'))
      expect(await signIn(answer)).toMatchObject({ code: 'interaction_required', serverCode: 'captcha_failed' })
  })

  test('a key that the gateway does not know is a mistake in the setup', async () => {
    for (const words of ['No API key found in request', 'Invalid API key'])
      expect(await signIn(() => json({ message: words }, 401))).toMatchObject({ code: 'misconfigured', message: words })
  })

  test('a sign-up that must be confirmed first: a typed error with the user, for e-mail and for phone', async () => {
    const fresh = { ...user, confirmation_sent_at: '2026-01-01T00:00:00Z' }
    const error = await signIn(() => json(fresh))
    expect(error).toMatchObject({ code: 'interaction_required', serverCode: 'email_not_confirmed', status: 200 })
    expect(error.cause).toEqual(fresh)
    const phone = { signUp: { phone: '+4912345', password: 'correct-horse' } }
    expect(await signIn(() => json(fresh), phone)).toMatchObject({ serverCode: 'phone_not_confirmed' })
  })

  test.each(['email_not_confirmed', 'phone_not_confirmed'])(
    'a sign-in before that fails in the same way: %s',
    async (code) => {
      const credentials = { email: 'ada@example.test', password: 'correct-horse' }
      for (const [, answer] of shapes(code, 400, 'Not confirmed'))
        expect(await signIn(answer, credentials)).toMatchObject({ code: 'interaction_required', serverCode: code })
      const old = await signIn(oauth('invalid_grant', 'Email not confirmed'), credentials)
      expect(old).toMatchObject({ code: 'interaction_required', message: 'Email not confirmed' })
    },
  )

  test('an error that names the user is no sign-up that waits', async () => {
    expect(await signIn(() => json({ ...user, message: 'no' }, 500))).toMatchObject({
      code: 'unavailable',
      message: 'no',
    })
  })

  test.each<[string, () => Response]>([
    ['an empty object', () => json({})],
    ['an empty token', () => json({ ...tokens, access_token: '' })],
    ['a number as token', () => json({ ...tokens, access_token: 7 })],
  ])('200 with %s is an answer that cannot be used', async (_, answer) => {
    expect(await signIn(answer)).toMatchObject({ code: 'invalid_response' })
  })

  test("a captive portal's page is passing trouble", async () => {
    for (const status of [200, 401, 403])
      expect(await signIn(() => html(status))).toMatchObject({ code: 'unavailable' })
  })
})
