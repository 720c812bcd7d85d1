import { type AuthError, restBackend, type TokenAnswer } from 'keyturn'
import { date, ms } from 'keyturn/backends'
import { describe, expect, test } from 'vitest'
import { answering, html, json, now } from './server.ts'

type Options = Parameters<typeof restBackend>[0]
const credentials = { email: 'ada@example.test', password: 'correct-horse' }
const held = { accessToken: 'access-1', refreshToken: 'refresh-1' }
const signIn = (answer: Response, options: Partial<Options> = {}): Promise<TokenAnswer> =>
  restBackend({ baseUrl: '/api', ...options }).signIn(credentials, answering(() => answer).context)
const refused = (answer: Response, options: Partial<Options> = {}): Promise<AuthError> =>
  signIn(answer, options).then(
    () => expect.fail('it signed in'),
    (error) => error,
  )

describe('fields', () => {
  test('by path', async () => {
    const fields = { accessToken: 'data.access_token', refreshToken: 'data.refresh_token', user: 'included.0.user' }
    const answer = json({ data: { access_token: 'a', refresh_token: 'r' }, included: [{ user: { id: 1 } }] })
    expect(await signIn(answer, { fields })).toMatchObject({ accessToken: 'a', refreshToken: 'r', user: { id: 1 } })
  })
  test('in a header of the answer', async () => {
    const fields = { accessToken: ({ headers }: { headers: Headers }) => headers.get('set-auth-token') }
    expect(await signIn(json({}, 200, { 'set-auth-token': 'a' }), { fields })).toMatchObject({ accessToken: 'a' })
  })
  test('another one at a refresh', async () => {
    const fields = { accessToken: ({ json }: { json: Record<string, unknown> }) => json.token ?? json.refreshedToken }
    const backend = restBackend({ baseUrl: '/api', fields })
    for (const name of ['token', 'refreshedToken'])
      expect(await backend.refresh(held, answering(() => json({ [name]: 'a' })).context)).toMatchObject({
        answer: { accessToken: 'a' },
      })
  })
  test('that leads nowhere finds nothing', async () => {
    expect(await signIn(json({ access_token: 'a' }), { fields: { user: 'data.user.name' } })).toMatchObject({
      user: null,
    })
  })
  test('times in milliseconds and as dates', async () => {
    const fields = { expiresIn: ms('data.expires'), expiresAt: date('data.until') }
    const answer = json({ access_token: 'a', data: { expires: 900_000, until: '2026-01-01T00:15:00Z' } })
    expect(await signIn(answer, { fields })).toMatchObject({ expiresIn: 900, expiresAt: now / 1000 + 900 })
  })
  test('times that are none', async () => {
    const fields = { expiresIn: ms('expires'), expiresAt: date('until') }
    expect(await signIn(json({ access_token: 'a', until: 'soon' }), { fields })).toMatchObject({
      expiresIn: null,
      expiresAt: null,
    })
  })
})

describe('a life of more than a year is told', () => {
  test.each<[string, object]>([
    ['milliseconds for seconds', { expires_in: 86_400_000 }],
    ['milliseconds since 1970', { expires_at: now + 3_600_000 }],
  ])('%s', async (_, times) => {
    const { problem } = await signIn(json({ access_token: 'a', ...times }))
    expect(problem).toMatchObject({ code: 'misconfigured', message: expect.stringMatching(/fields.expires(In|At)/) })
  })
  test('not for a token of 400 days', async () => {
    const { problem } = await signIn(json({ access_token: 'a', expires_in: 400 * 86_400 }))
    expect(problem).toBeUndefined()
  })
})

describe('an access token is visible ASCII', () => {
  test.each(['a\nb', 'a\u0000b', 'a b', 'ä', 'a\u007f'])('%j is none', async (token) => {
    const error = await refused(json({ access_token: token }))
    expect(error.code).toBe('invalid_response')
    expect(`${error.message} ${JSON.stringify(error.answer)}`).not.toContain(token)
  })
})

describe("the app's own code throws", () => {
  const cause = new Error('mine')
  const throwing = () => {
    throw cause
  }
  test('toUser: the tokens are there, nobody is the user, and the error is told', async () => {
    const answer = await signIn(json({ access_token: 'a', refresh_token: 'r', user: {} }), { toUser: throwing })
    expect(answer).toMatchObject({ accessToken: 'a', refreshToken: 'r', problem: { code: 'misconfigured', cause } })
    expect(answer.user ?? null).toBeNull()
  })
  test('fields for a time or the user: the same', async () => {
    for (const name of ['expiresIn', 'expiresAt', 'user'])
      expect(
        await signIn(json({ access_token: 'a', refresh_token: 'r' }), { fields: { [name]: throwing } }),
      ).toMatchObject({
        accessToken: 'a',
        refreshToken: 'r',
        problem: { code: 'misconfigured', cause },
      })
  })
  test('at a refresh: renewed, nothing is lost', async () => {
    const backend = restBackend({ baseUrl: '/api', toUser: throwing })
    const answer = json({ access_token: 'a', refresh_token: 'r', user: { id: 1 } })
    expect(await backend.refresh(held, answering(() => answer).context)).toMatchObject({
      type: 'renewed',
      answer: { accessToken: 'a', refreshToken: 'r', problem: { cause } },
    })
  })
})

describe('the user endpoint', () => {
  const who = (answer: Response, options: Partial<Options> = {}) =>
    restBackend({ baseUrl: '/api', ...options }).getUser?.('access-1', answering(() => answer).context)
  test('its whole body, made by toUser', async () => {
    expect(await who(json({ data: { id: 1 } }), { toUser: (body) => (body as { data: unknown }).data })).toEqual({
      id: 1,
    })
  })
  test('null, a text or nothing is an error that names the address and the option', async () => {
    for (const answer of [json(null), new Response('ada'), new Response(null, { status: 204 })])
      await expect(who(answer)).rejects.toMatchObject({
        code: 'invalid_response',
        message: expect.stringMatching(/^GET https:\/\/app.example.test\/api\/auth\/me .*paths\.user/),
      })
  })
  test('what the app calls refused is refused, also with 200', async () => {
    const gone = ({ body }: { body: unknown }) => (body as { user: unknown }).user === null || undefined
    await expect(who(json({ user: null }), { refused: gone })).rejects.toMatchObject({ code: 'rejected' })
    expect(await who(json({ user: { id: 1 } }), { refused: gone })).toEqual({ user: { id: 1 } })
  })
  test('a page is an error that names the address', async () => {
    await expect(who(html(200))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/GET https:\/\/app.example.test\/api\/auth\/me .* paths.user/),
    })
  })
})

describe('sessions of which scripts see no token', () => {
  const kind = { access: 'cookie', refresh: 'cookie' } as const
  const refreshed = (answer: Response, options: Partial<Options> = {}) =>
    restBackend({ baseUrl: '/api', kind, ...options }).refresh(
      { accessToken: null, refreshToken: null },
      answering(() => answer).context,
    )
  test('any good answer is a renewal, and tells the expiry if it can', async () => {
    for (const answer of [json({ ok: true, expires_in: 900 }), json({ expires_in: 900, access_token: 'a' })])
      expect(await refreshed(answer)).toMatchObject({
        type: 'renewed',
        answer: { accessToken: null, refreshToken: null, expiresIn: 900 },
      })
    for (const answer of [new Response(null, { status: 204 }), new Response('OK')])
      expect(await refreshed(answer)).toMatchObject({ type: 'renewed' })
  })
  test('a sign-in too', async () => {
    expect(await signIn(json({ user: { id: 1 } }), { kind })).toMatchObject({ accessToken: null, user: { id: 1 } })
  })
  test('not a page, nor null, nor what breaks off, nor a refusal', async () => {
    expect(await refreshed(html(200))).toMatchObject({ type: 'unavailable', hint: true })
    expect(await refreshed(json(null))).toMatchObject({ type: 'unavailable', hint: true })
    expect(await refreshed(new Response('{"ok":tr'))).toMatchObject({ type: 'unavailable', hint: true })
    expect(await refreshed(json({ error: 'invalid_grant' }))).toMatchObject({ type: 'rejected' })
    expect(await refreshed(json({}, 401))).toMatchObject({ type: 'rejected' })
  })
  test('not a second factor that is asked for', async () => {
    expect(await refused(json({ code: 'mfa_required' }), { kind })).toMatchObject({ code: 'interaction_required' })
  })
  test('null is the end if the app says so', async () => {
    const over = ({ body }: { body: unknown }) => body === null || undefined
    expect(await refreshed(json(null), { refused: over })).toMatchObject({ type: 'rejected' })
  })
  test('the whole body can be the user', async () => {
    expect(await refreshed(json({ id: 1 }), { fields: { user: ({ body }) => body } })).toMatchObject({
      answer: { user: { id: 1 } },
    })
  })
  test('a refresh token in a body is left alone where the cookie is the one', async () => {
    const backend = restBackend({ baseUrl: '/api', kind: { access: 'token', refresh: 'cookie' } })
    const answer = await backend.signIn(
      credentials,
      answering(() => json({ access_token: 'a', refresh_token: 'r' })).context,
    )
    expect(answer).toMatchObject({ accessToken: 'a', refreshToken: null })
  })
})

describe('an access token that renews itself', () => {
  const backend = restBackend({ baseUrl: '/api', kind: { access: 'token', refresh: 'access' } })
  const renewed = (answer: object) =>
    backend.refresh({ accessToken: 'access-1', refreshToken: null }, answering(() => json(answer)).context)
  test('the same token with a later end is extended', async () => {
    expect(await renewed({ access_token: 'access-1', expires_in: 900 })).toEqual({ type: 'extended', expiresIn: 900 })
    expect(await renewed({ access_token: 'access-1', expires_at: now / 1000 + 900 })).toEqual({
      type: 'extended',
      expiresIn: 900,
    })
  })
  test('another one is renewed', async () => {
    expect(await renewed({ access_token: 'access-2', expires_in: 900 })).toMatchObject({ type: 'renewed' })
  })
})

test('the same access token with another refresh token is renewed: within one second servers hand out equal ones', async () => {
  const backend = restBackend({ baseUrl: '/api' })
  const { context } = answering(() => json({ access_token: 'a', refresh_token: 'r2', expires_in: 900 }))
  expect(await backend.refresh({ accessToken: 'a', refreshToken: 'r1' }, context)).toMatchObject({
    type: 'renewed',
    answer: { accessToken: 'a', refreshToken: 'r2' },
  })
})

describe('a sign-in that is answered by a refresh cookie alone', () => {
  const backend = restBackend({ baseUrl: '/api', kind: { access: 'token', refresh: 'cookie' } })
  test('gets its first access token from a refresh', async () => {
    const answers = [json({ user: { id: 1 } }), json({ access_token: 'a' })]
    const { calls, context } = answering(() => answers.shift() as Response)
    expect(await backend.signIn(credentials, context)).toMatchObject({ accessToken: 'a' })
    expect(calls.map(({ url }) => url.split('/').at(-1))).toEqual(['login', 'refresh-token'])
  })
  test('not before a second factor: the cookie may still be that of somebody else', async () => {
    const { calls, context } = answering(() => json({ ticket: 't' }))
    await expect(backend.signIn(credentials, context)).rejects.toMatchObject({
      code: 'invalid_response',
      answer: { ticket: 't' },
    })
    expect(calls).toHaveLength(1)
  })
})

describe('set up wrongly', () => {
  const outcome = async (answer: Response | TypeError, options: Partial<Options> = {}) =>
    (await restBackend({ baseUrl: '/api', ...options })
      .refresh(held, answering(() => (answer instanceof Response ? answer : Promise.reject(answer))).context)
      .catch((error) => ({ error }))) as { error: AuthError; hint?: boolean }
  test.each<[string, Response, string[]]>([
    [
      'a wrong path',
      json({ detail: 'Not Found' }, 404),
      ['404', 'application/json', 'Not Found', 'paths.refresh', 'baseUrl'],
    ],
    ['a wrong method', json({}, 405), ['405', 'paths.refresh']],
    ['a wrong path that is answered by a page', html(404), ['404', 'text/html', 'paths.refresh']],
    ['a single-page app that answers everything', html(200), ['200', 'text/html', 'paths.refresh']],
    [
      'camel case',
      json({ accessToken: 'a-secret', refreshToken: 'r-secret' }),
      ['200', 'accessToken', 'fields.accessToken'],
    ],
    [
      'tokens below data',
      json({ data: { access_token: 'a-secret' } }),
      ['{"data":{"access_token":"…"}}', 'fields.accessToken'],
    ],
    ['no JSON', new Response('OK'), ['200', 'text/plain', 'fields.accessToken']],
  ])('%s', async (_, answer, parts) => {
    const { error, hint } = await outcome(answer)
    expect(hint).toBe(true)
    expect(error.message).toContain('POST https://app.example.test/api/auth/refresh-token')
    for (const part of parts) expect(error.message).toContain(part)
    expect(error.message).not.toMatch(/[ar]-secret/)
  })
  test('the same at a sign-in', async () => {
    expect((await refused(json({ accessToken: 'a-secret' }))).message).toMatch(
      /^POST https:\/\/app.example.test\/api\/auth\/login answered 200 \(application\/json\) .*"accessToken".*fields.accessToken/,
    )
    expect((await refused(json({ detail: 'Not Found' }, 404))).message).toMatch(
      /api\/auth\/login answered 404.*paths.signIn/,
    )
  })
  test('a query of the address is not shown', async () => {
    const { error } = await outcome(json({}, 503), { paths: { refresh: '/token?key=hidden' } })
    expect(error.message).toContain('https://app.example.test/api/token answered 503')
    expect(error.message).not.toContain('hidden')
  })
  test('no server', async () => {
    const { error } = await outcome(new TypeError('Failed to fetch'))
    expect(error).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('POST https://app.example.test/api'),
    })
    expect(error.message).not.toContain('CORS')
  })
  test.each([
    ['no server', false, /could not be reached: offline, or baseUrl is wrong/],
    [
      'a server that does not allow the page',
      true,
      /can be reached, but did not answer https:\/\/app.example.test \(CORS\)/,
    ],
  ])('%s, of another origin', async (_, there, words) => {
    const asked: RequestInit[] = []
    const fetch = (async (_url: URL, init: RequestInit) => {
      if (init.mode !== 'no-cors') throw new TypeError('Failed to fetch')
      asked.push(init)
      return there ? new Response() : Promise.reject(new TypeError('Failed to fetch'))
    }) as typeof globalThis.fetch
    const { context } = answering(() => json({}), { fetch })
    const { message } = await restBackend({ baseUrl: 'https://api.example.test' })
      .refresh(held, context)
      .catch((error) => error)
    expect(message).toMatch(/^POST https:\/\/api.example.test\/auth\/refresh-token/)
    expect(message).toMatch(words)
    // It takes nothing along.
    expect(asked).toEqual([expect.objectContaining({ method: 'HEAD', credentials: 'omit' })])
    expect(asked[0]).not.toHaveProperty('body')
  })
  test.each(['api.example.test', 'localhost:3000/api', 'ftp://api.example.test', 'htp://x', 'api', 'https:api'])(
    'an address without a scheme: %s',
    (baseUrl) => {
      expect(() => restBackend({ baseUrl })).toThrow(
        expect.objectContaining({ code: 'misconfigured', message: expect.stringMatching(/https:\/\//) }),
      )
    },
  )
})
