import { inspect } from 'node:util'
import { type AuthError, restBackend } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { answering, html, json } from './server.ts'

const credentials = { email: 'ada@example.test', password: 'correct-horse' }
const backend = restBackend({ baseUrl: '/api' })
const failed = async (answer: Response, by = backend, given = credentials): Promise<AuthError> =>
  by.signIn(given, answering(() => answer).context).then(
    () => expect.fail('it signed in'),
    (error) => error,
  )
const text = (status: number, body: string, type = 'text/html') =>
  new Response(body, { status, headers: { 'Content-Type': type } })

describe('a refused sign-in shows the words of the server', () => {
  const words = 'Invalid email or password'
  test.each<[string, Response]>([
    ['Express, text as HTML', text(401, words)],
    ['plain text', text(400, `${words}\n`, 'text/plain')],
    ['message', json({ message: words }, 401)],
    ['error', json({ error: words }, 401)],
    [
      'error.message, Strapi',
      json({ data: null, error: { status: 400, name: 'ValidationError', message: words } }, 400),
    ],
    ['errors[0].message, Directus', json({ errors: [{ message: words, extensions: { code: 'X' } }] }, 401)],
    ['errors[].msg, express-validator', json({ errors: [{ type: 'field', msg: words, path: 'email' }] }, 400)],
    ['errors as texts', json({ errors: [words] }, 422)],
    ['errors by field, Laravel', json({ errors: { email: [words] } }, 422)],
    ['non_field_errors, Django REST framework', json({ non_field_errors: [words] }, 400)],
    ['a field, Django REST framework', json({ email: [words] }, 400)],
    ['detail, FastAPI', json({ detail: words }, 401)],
    ['detail[0].msg, FastAPI', json({ detail: [{ loc: ['body', 'email'], msg: words }] }, 422)],
    ['detail, problem+json', json({ type: 'about:blank', title: 'Unauthorized', detail: words }, 401)],
    ['title, problem+json', json({ title: words, status: 401 }, 401)],
    ['error_description, OAuth', json({ error: 'invalid_grant', error_description: words }, 400)],
    ['message in a list, NestJS', json({ statusCode: 400, message: [words], error: 'Bad Request' }, 400)],
    ['Supabase', json({ code: 400, error_code: 'invalid_credentials', msg: words }, 400)],
    ['GraphQL with 401', json({ errors: [{ message: words, locations: [{ line: 1 }] }] }, 401)],
    ['404', json({ message: words }, 404)],
  ])('%s', async (_, answer) => {
    const { status } = answer
    const error = await failed(answer)
    expect({ code: error.code, message: error.message.trim(), status: error.status }).toEqual({
      code: 'credentials_rejected',
      message: words,
      status,
    })
  })

  test('also when it has too much to do', async () => {
    for (const status of [429, 500, 503])
      expect(await failed(json({ message: 'Too many attempts' }, status))).toMatchObject({
        code: 'unavailable',
        message: 'Too many attempts',
      })
  })

  test('as the app reads them', async () => {
    const own = restBackend({ baseUrl: '/api', words: ({ json }) => json.fehler as string })
    expect(await failed(json({ fehler: 'Falsches Passwort', message: 'E17' }, 401), own)).toMatchObject({
      message: 'Falsches Passwort',
    })
  })

  test('for a server that refuses with 200, if the app says so', async () => {
    const own = restBackend({
      baseUrl: '/api',
      refused: ({ json }) => typeof json.code === 'number' && json.code > 40000,
    })
    expect(await failed(json({ code: 40101, msg: 'Wrong password' }), own)).toMatchObject({
      code: 'credentials_rejected',
    })
  })

  test('an app that only knows dead refresh tokens does not turn a wrong password into something else', async () => {
    const own = restBackend({ baseUrl: '/api', refused: ({ json }) => json.code === 'token_dead' })
    expect(await failed(json({ code: 'wrong' }, 401), own)).toMatchObject({ code: 'credentials_rejected' })
  })

  test('an HTML page is none', async () => {
    expect(await failed(html(401))).toMatchObject({ code: 'unavailable' })
  })

  test('a page, markup, or what goes on for ever is not shown', async () => {
    for (const body of ['<h1>Nope</h1>', 'x'.repeat(400), '{"detail": "cut o', `at ${'A'.repeat(60)}`])
      expect((await failed(text(401, body, 'text/plain'))).message).toBe(
        'POST https://app.example.test/api/auth/login answered 401 (text/plain)',
      )
  })
})

describe('what the answer says is within reach, without tokens', () => {
  test('a ticket for the second factor', async () => {
    const body = { mfa_required: true, ticket: 't-1', mfa_token: 'm-1', factors: [{ id: 1, type: 'totp' }] }
    expect((await failed(json(body, 403))).answer).toEqual(body)
    expect((await failed(json(body))).answer).toEqual(body)
  })
  test('no token and no password', async () => {
    const tokens = { accessToken: 'a-1', refresh_token: 'r-1', nested: { token: 't-1', id_token: 'i-1', jwt: 'j-1' } }
    const { answer } = await failed(json({ ...tokens, given: 'correct-horse', hint: 'no' }, 403))
    expect(answer).toMatchObject({ hint: 'no' })
    expect(JSON.stringify(answer)).not.toMatch(/[arijt]-1|correct/)
  })
  test('nothing for a refresh', async () => {
    const { context } = answering(() => json({ ticket: 1 }, 401))
    const outcome = await backend.refresh({ accessToken: null, refreshToken: 'r' }, context)
    expect((outcome as { error: AuthError }).error).not.toHaveProperty('answer')
  })
})

describe('no error holds a secret that the server repeats', () => {
  const deep = (value: unknown) => inspect(value, { depth: 12, showHidden: true })
  const token = 'tok_a+b/c=d_0123456789_0123456789'
  const tokens = { accessToken: 'acc_a+b/c=d_0123456789_0123456789', refreshToken: token }
  test.each<[string, (secret: string) => unknown]>([
    ['whole', (secret) => ({ message: `unknown: ${secret}` })],
    ['a long piece', (secret) => ({ message: `unknown: ${secret.slice(4, 20)}…` })],
    ['percent-encoded', (secret) => ({ message: `unknown: ${encodeURIComponent(secret)}` })],
    ['as its code', (secret) => ({ code: secret, message: 'no' })],
  ])('%s', async (_, body) => {
    for (const secret of [tokens.accessToken, tokens.refreshToken])
      for (const status of [200, 400, 401, 403, 409, 429, 503]) {
        const { context } = answering(() => json(body(secret), status))
        const outcome = await backend.refresh(tokens, context)
        const problem = await backend.signOut(tokens, 'others', context).catch((error) => error)
        const shown = deep([outcome, problem])
        expect(shown).not.toContain(secret.slice(4, 18))
        expect(shown).not.toContain(encodeURIComponent(secret).slice(4, 18))
      }
  })
  test('a password in the words of a refused sign-in', async () => {
    for (const body of [{ message: 'correct-horse is wrong' }, { fields: ['correct-horse'], error: 'correct-horse' }]) {
      const error = await failed(json(body, 401))
      expect(deep(error)).not.toContain('correct-horse')
      expect(error.message).toBe('POST https://app.example.test/api/auth/login answered 401 (application/json)')
    }
  })
  test('a password deep in the credentials', async () => {
    const own = restBackend<unknown, { user: { kennwort: string } }>({ baseUrl: '/api' })
    const { context } = answering(() => json({ detail: 'hunter22 stimmt nicht' }, 401))
    const error = await own.signIn({ user: { kennwort: 'hunter22' } }, context).catch((reason) => reason)
    expect(deep(error)).not.toContain('hunter22')
  })
  test('the address may be repeated', async () => {
    expect(await failed(json({ message: 'ada@example.test is locked' }, 403))).toMatchObject({
      message: 'ada@example.test is locked',
    })
  })
})
