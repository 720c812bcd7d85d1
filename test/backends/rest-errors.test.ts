import { inspect } from 'node:util'
import { type AuthErrorCode, restBackend } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { answering, html, json, refresh } from './server.ts'

const backend = restBackend({ baseUrl: '/api' })
const pair = { access_token: 'access-2', refresh_token: 'refresh-2' }
const credentials = { email: 'ada@example.test', password: 'secret' }
const refreshed = (answer: () => Response) => refresh(backend, answering(answer).context)

describe('a sign-in that fails', () => {
  test.each<[string, () => Response, AuthErrorCode, string?]>([
    [
      'A12: 401',
      () => json({ detail: 'Invalid email or password' }, 401),
      'credentials_rejected',
      'Invalid email or password',
    ],
    [
      '400, Supabase',
      () => json({ code: 'invalid_credentials', message: 'Invalid login credentials' }, 400),
      'credentials_rejected',
      'Invalid login credentials',
    ],
    ['403', () => json({ detail: 'Account suspended' }, 403), 'credentials_rejected', 'Account suspended'],
    ['422', () => json({ detail: [{ msg: 'value is not a valid email' }] }, 422), 'credentials_rejected'],
    ['404 with words', () => json({ message: 'No such account' }, 404), 'credentials_rejected', 'No such account'],
    ['409', () => json({ detail: 'Busy' }, 409), 'unavailable', 'Busy'],
    ['429', () => json({ detail: 'Too many attempts' }, 429), 'unavailable', 'Too many attempts'],
    ['500', () => json({ detail: 'Internal Server Error' }, 500), 'unavailable'],
    ['401 with HTML', () => html(401), 'unavailable'],
    ['200 with HTML', () => html(200), 'unavailable'],
    ['200 without a token', () => json({ email: 'ada@example.test' }), 'invalid_response'],
    ['200 with null', () => json(null), 'invalid_response'],
    ['200 with text', () => new Response('OK'), 'invalid_response'],
    ['captcha', () => json({ code: 'captcha_failed', message: 'captcha' }, 400), 'interaction_required'],
  ])('%s', async (_, answer, code, message) => {
    const error = await backend.signIn(credentials, answering(answer).context).catch((reason) => reason)
    expect(error).toMatchObject({ name: 'AuthError', code, ...(message ? { message } : {}) })
  })
})

describe('a sign-out or a question for the user that fails', () => {
  test.each([400, 401, 500, 503])('%i rejects with a typed error', async (status) => {
    const { context } = answering(() => json({ detail: 'no' }, status))
    const tokens = { accessToken: 'access-1', refreshToken: 'refresh-1' }
    await expect(backend.signOut(tokens, 'local', context)).rejects.toMatchObject({ name: 'AuthError', status })
    await expect(backend.getUser?.('access-1', context)).rejects.toMatchObject({ name: 'AuthError', status })
  })
})

describe('no error carries a token', () => {
  const secrets = ['refresh-1', 'access-1', 'access-2', 'refresh-2']
  const deep = (value: unknown) => inspect(value, { depth: 12, showHidden: true })

  test.each<[string, () => Response]>([
    ['echoes it in detail', () => json({ detail: 'refresh-1 is not known, nor access-1; refresh-1!' }, 401)],
    ['echoes it as code', () => json({ code: 'refresh-1', message: 'refresh-1' }, 400)],
    ['echoes it in the older shape', () => json({ error_code: 'refresh-1', msg: 'refresh-1' }, 400)],
    ['echoes it in OAuth words', () => json({ error: 'invalid_grant', error_description: 'refresh-1' }, 400)],
    [
      'breaks off in the middle of the tokens',
      () => new Response('{"access_token":"access-2","refresh_token":"refresh-2', { status: 200 }),
    ],
    ['answers with tokens under an error status', () => json(pair, 503)],
    ['answers with tokens in a list', () => json([pair])],
  ])('a server that %s', async (_, answer) => {
    const outcome = await refreshed(answer)
    expect(outcome.type).not.toBe('renewed')
    for (const secret of secrets) expect(deep(outcome)).not.toContain(secret)
  })

  test('a sign-in whose answer breaks off', async () => {
    const { context } = answering(() => new Response('{"access_token":"access-2","refresh_token":"refresh-2'))
    const error = await backend.signIn(credentials, context).catch((reason) => reason)
    expect(error).toMatchObject({ code: 'invalid_response' })
    for (const secret of secrets) expect(deep(error)).not.toContain(secret)
  })
})
