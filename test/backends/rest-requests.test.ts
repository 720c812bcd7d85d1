import { type BackendContext, restBackend } from 'keyturn'
import { describe, expect, test, vi } from 'vitest'
import { answering, json } from './server.ts'

type Options = Parameters<typeof restBackend>[0]
const tokens = { accessToken: 'access-1', refreshToken: 'refresh-1' }
const credentials = { email: 'ada@example.test', password: 'correct-horse' }
const pair = { access_token: 'access-2', refresh_token: 'refresh-2' }

/** All four calls, by name. */
async function sent(
  options: Partial<Options>,
  held: { accessToken: string | null; refreshToken: string | null } = tokens,
) {
  const { calls, context } = answering(() => json(pair))
  const backend = restBackend({ baseUrl: '/api', ...options })
  await backend.signIn(credentials, context)
  await backend.refresh(held, context)
  await backend.signOut(held, 'global', context)
  await backend.getUser?.(held.accessToken, context)
  const [signIn, refresh, signOut, user] = calls
  if (!signIn || !refresh || !signOut || !user) return expect.fail('a call is missing')
  return { signIn, refresh, signOut, user }
}
const line = ({ method, url }: { method: string | undefined; url: string }) =>
  `${method} ${url.replace('https://app.example.test', '')}`

describe('paths', () => {
  test('a method before a path', async () => {
    const paths = { signIn: 'PUT /session', refresh: 'PATCH /session', signOut: 'DELETE /session', user: 'POST /me' }
    const { signIn, refresh, signOut, user } = await sent({ paths })
    expect([signIn, refresh, signOut, user].map(line)).toEqual([
      'PUT /api/session',
      'PATCH /api/session',
      'DELETE /api/session',
      'POST /api/me',
    ])
  })
  test('a refresh by GET has no body', async () => {
    const { refresh } = await sent({ paths: { refresh: 'GET /session' } })
    expect([line(refresh), refresh.body]).toEqual(['GET /api/session', null])
    expect(refresh.headers).not.toHaveProperty('content-type')
  })
  test('the user endpoint is asked by GET, whatever its path', async () => {
    expect(line((await sent({ paths: { user: '/users/me' } })).user)).toBe('GET /api/users/me')
  })
  test('a path made of the tokens', async () => {
    const { signOut } = await sent({ paths: { signOut: ({ refreshToken }) => `DELETE /tokens/${refreshToken}` } })
    expect(line(signOut)).toBe('DELETE /api/tokens/refresh-1')
  })
  test('a slash that is missing is put in, so that no path becomes part of the host', async () => {
    for (const path of ['evil.test/x', '@evil.test/x', ':1/x', '//evil.test/x']) {
      const { refresh } = await sent({ baseUrl: 'https://api.example.test', paths: { refresh: path } })
      expect(new URL(refresh.url).origin).toBe('https://api.example.test')
    }
  })
  test('null: signOut tells that the server was not told', async () => {
    const { calls, context } = answering(() => json({}))
    const backend = restBackend({ baseUrl: '/api', paths: { signOut: null } })
    expect(await backend.signOut(tokens, 'local', context)).toBe(false)
    expect(calls).toHaveLength(0)
  })
  test('null for a call that is made all the same: misconfigured, and the message names it', async () => {
    const { calls, context } = answering(() => json({}))
    const backend = restBackend({ baseUrl: '/api', paths: { signIn: null } })
    await expect(backend.signIn(credentials, context)).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining('paths.signIn'),
    })
    expect(calls).toHaveLength(0)
  })
})

describe('bodies', () => {
  test('a form', async () => {
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'refresh-1', client_id: 'app' })
    const { refresh } = await sent({ bodies: { refresh: () => form } })
    expect(refresh.init.body).toBe(form)
    expect(refresh.headers).not.toHaveProperty('content-type')
    // fetch itself adds the type.
    expect(
      new Request('https://x.test', { ...refresh.init, signal: null } as RequestInit).headers.get('content-type'),
    ).toMatch(/x-www-form-urlencoded/)
  })
  test('a form at the sign-out goes without the access token: some servers refuse two kinds of credentials', async () => {
    const token = (refresh: string | null) => new URLSearchParams({ client_id: 'app', token: `${refresh}` })
    expect((await sent({ bodies: { signOut: token } })).signOut.headers).not.toHaveProperty('authorization')
    expect((await sent({ bodies: { signOut: (refresh) => ({ refresh }) } })).signOut.headers).toHaveProperty(
      'authorization',
    )
  })
  test('made of both tokens', async () => {
    const { refresh, signOut } = await sent({
      bodies: {
        refresh: (token, { accessToken }) => ({ token, old: accessToken }),
        signOut: (token, scope, { accessToken }) => ({ token, scope, old: accessToken }),
      },
    })
    expect(refresh.body).toEqual({ token: 'refresh-1', old: 'access-1' })
    expect(signOut.body).toEqual({ token: 'refresh-1', scope: 'global', old: 'access-1' })
  })
  test('nothing', async () => {
    const { refresh } = await sent({ bodies: { refresh: () => undefined } })
    expect(refresh).toMatchObject({ method: 'POST', body: null })
  })
  test('a function that throws: a clear error, and nothing is sent', async () => {
    const { calls, context } = answering(() => json(pair))
    const cause = new Error('mine')
    const throwing = () => {
      throw cause
    }
    const backend = restBackend({ baseUrl: '/api', bodies: { signIn: throwing, refresh: throwing } })
    await expect(backend.signIn(credentials, context)).rejects.toBe(cause)
    await expect(backend.refresh(tokens, context)).rejects.toBe(cause)
    expect(calls).toHaveLength(0)
  })
})

describe('headers', () => {
  test('a function of the call and its tokens', async () => {
    const { signIn, refresh } = await sent({
      headers: (call, { accessToken }) => ({ 'X-Call': call, 'X-Old': accessToken ?? 'none' }),
    })
    expect(signIn.headers).toMatchObject({ 'x-call': 'signIn', 'x-old': 'none' })
    expect(refresh.headers).toMatchObject({ 'x-call': 'refresh', 'x-old': 'access-1' })
  })
  test("Authorization of the app's takes the place of the kit's", async () => {
    const { signOut } = await sent({ headers: { Authorization: 'Basic eDp5' } })
    expect(signOut.headers.authorization).toBe('Basic eDp5')
  })
  test('another scheme', async () => {
    const { signOut, user, signIn } = await sent({ scheme: 'JWT' })
    expect([signOut, user].map(({ headers }) => headers.authorization)).toEqual(['JWT access-1', 'JWT access-1'])
    expect(signIn.headers).not.toHaveProperty('authorization')
  })
})

describe('csrf', () => {
  test('a function gives headers for every call', async () => {
    const calls = await sent({ csrf: async () => ({ 'X-CSRF': 'c-1' }) })
    for (const { headers } of Object.values(calls)) expect(headers['x-csrf']).toBe('c-1')
  })
  test('a cookie of the page is copied into a header', async () => {
    vi.stubGlobal('document', { cookie: 'X-XSRF-TOKEN=no; XSRF-TOKEN=a%3Db; other=1' })
    const { signOut } = await sent({ csrf: { cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' } })
    vi.unstubAllGlobals()
    expect(signOut.headers['x-xsrf-token']).toBe('a=b')
  })
  test('no such cookie, or no page: no header', async () => {
    const { signOut } = await sent({ csrf: { cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' } })
    expect(signOut.headers).not.toHaveProperty('x-xsrf-token')
  })
})

describe('kinds of session', () => {
  const none = { accessToken: null, refreshToken: null }
  test('a refresh cookie: no token in any body, and cookies go along', async () => {
    const { signIn, refresh, signOut, user } = await sent(
      { kind: { access: 'token', refresh: 'cookie' } },
      { accessToken: 'access-1', refreshToken: null },
    )
    expect([refresh.body, signOut.body]).toEqual([null, { scope: 'global' }])
    expect(refresh.headers).not.toHaveProperty('authorization')
    for (const { init } of [signIn, refresh, signOut, user]) expect(init.credentials).toBe('include')
  })
  test('nothing visible: no Authorization at all', async () => {
    const { refresh, signOut, user } = await sent({ kind: { access: 'cookie', refresh: 'cookie' } }, none)
    for (const { headers, init } of [refresh, signOut, user]) {
      expect(headers).not.toHaveProperty('authorization')
      expect(init.credentials).toBe('include')
    }
  })
  test('an access token that renews itself goes with the refresh, as a bearer', async () => {
    const { refresh } = await sent(
      { kind: { access: 'token', refresh: 'access' } },
      { accessToken: 'access-1', refreshToken: null },
    )
    expect(refresh.headers.authorization).toBe('Bearer access-1')
    expect(refresh.body).toBeNull()
    expect(refresh.init.credentials).toBeUndefined()
  })
  test('credentials of the app count more', async () => {
    const { refresh } = await sent({ kind: { access: 'token', refresh: 'cookie' }, credentials: 'same-origin' })
    expect(refresh.init.credentials).toBe('same-origin')
  })
  test('the backend tells its kind and its address', () => {
    const kind = { access: 'cookie', refresh: 'access' } as const
    expect(restBackend({ baseUrl: '/api', kind })).toMatchObject({ kind, baseUrl: '/api' })
    expect(restBackend({ baseUrl: '/api' }).kind).toEqual({ access: 'token', refresh: 'token' })
  })
})

describe('a sign-out', () => {
  const ended = () => new Response(null, { status: 204 })
  const stale = () => json({ message: 'jwt expired' }, 401)
  async function signOut(
    answers: (() => Response)[],
    held: typeof tokens | { accessToken: null; refreshToken: string },
    scope: 'local' | 'others' = 'local',
    options = {},
  ) {
    const { calls, context } = answering(() => (answers.shift() ?? (() => expect.fail('one call too many')))())
    const backend = restBackend({ baseUrl: '/api', ...options })
    const result = await backend.signOut(held, scope, context).catch((error: unknown) => error)
    return { result, calls }
  }
  test('outlives the page', async () => {
    const { calls } = await signOut([ended], tokens)
    expect(calls[0]?.init.keepalive).toBe(true)
  })
  test('goes without a bearer when the access token has expired', async () => {
    const { calls } = await signOut([ended], { accessToken: null, refreshToken: 'refresh-1' })
    expect(calls[0]?.headers).not.toHaveProperty('authorization')
    expect(calls[0]?.body).toEqual({ refresh_token: 'refresh-1', scope: 'local' })
  })
  test('that is answered 401 is sent once more with renewed tokens', async () => {
    const { calls, result } = await signOut([stale, () => json(pair), ended], {
      accessToken: null,
      refreshToken: 'refresh-1',
    })
    expect(result).toBeUndefined()
    expect(calls.map(line)).toEqual(['POST /api/auth/logout', 'POST /api/auth/refresh-token', 'POST /api/auth/logout'])
    expect(calls[2]).toMatchObject({
      headers: { authorization: 'Bearer access-2' },
      body: { refresh_token: 'refresh-2', scope: 'local' },
    })
    for (const { init } of calls) expect(init.keepalive).toBe(true)
  })
  test('keeps the old refresh token where the server does not rotate', async () => {
    const { calls } = await signOut([stale, () => json({ access_token: 'access-2' }), ended], tokens)
    expect(calls[2]?.body).toEqual({ refresh_token: 'refresh-1', scope: 'local' })
  })
  test('is not sent a third time', async () => {
    const { calls, result } = await signOut([stale, () => json(pair), stale], tokens)
    expect(calls).toHaveLength(3)
    expect(result).toMatchObject({ name: 'AuthError', status: 401 })
  })
  test('that cannot be renewed has failed', async () => {
    const { result } = await signOut([stale, () => json({}, 503)], tokens)
    expect(result).toMatchObject({ name: 'AuthError', status: 401 })
  })
  test('of a session that the server does not renew is not confirmed', async () => {
    const { result, calls } = await signOut([stale, () => json({ error: 'invalid_grant' }, 400)], tokens)
    expect(result).toMatchObject({ name: 'AuthError', status: 401 })
    expect(calls).toHaveLength(2)
  })
  test('of a session that cannot be renewed asks for no renewal', async () => {
    const { calls } = await signOut([stale], tokens, 'local', { paths: { refresh: null } })
    expect(calls).toHaveLength(1)
  })
  test('of the other devices spends no refresh token', async () => {
    const { calls, result } = await signOut([stale], tokens, 'others')
    expect(calls).toHaveLength(1)
    expect(result).toMatchObject({ status: 401 })
  })
})

describe('redirects', () => {
  const init = async (baseUrl: string, change: Partial<BackendContext> = {}) => {
    const { calls, context } = answering(() => json(pair), change)
    await restBackend({ baseUrl }).refresh(tokens, context)
    return calls[0]?.init
  }
  test("on the page's own origin none leads away from it", async () => {
    expect(await init('/api')).toMatchObject({ mode: 'same-origin' })
    expect(await init('https://app.example.test/api')).toMatchObject({ mode: 'same-origin' })
  })
  test('elsewhere none is followed', async () => {
    expect(await init('https://api.example.test')).toMatchObject({ redirect: 'manual' })
    expect(await init('https://api.example.test', { pageUrl: null })).toMatchObject({ redirect: 'manual' })
  })
  test('a page sees nothing of a redirect, and the message says what it is', async () => {
    const opaque = Object.defineProperties(new Response(null), { status: { value: 0 }, ok: { value: false } })
    const { context } = answering(() => opaque)
    const outcome = await restBackend({ baseUrl: 'https://api.example.test' }).refresh(tokens, context)
    expect(outcome).toMatchObject({
      type: 'unavailable',
      hint: true,
      error: { message: expect.stringMatching(/redirect/) },
    })
  })
})

describe('a polluted prototype', () => {
  const pollute = async (name: string, value: unknown, run: () => Promise<void>) => {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: false, writable: true })
    try {
      await run()
    } finally {
      delete (Object.prototype as Record<string, unknown>)[name]
    }
  }
  test.each(['paths', 'refresh', 'headers', 'bodies', 'credentials', 'kind', 'scheme', 'fields'])(
    '%s says nothing about a call',
    async (name) => {
      const before = await sent({})
      await pollute(
        name,
        name === 'refresh' ? 'https://evil.test/x' : { refresh: '/evil', Authorization: 'x' },
        async () => {
          const after = await sent({})
          const { signal: _, ...was } = before.refresh.init
          const { signal: __, ...is } = after.refresh.init
          expect({ ...after.refresh, init: is }).toEqual({ ...before.refresh, init: was })
        },
      )
    },
  )
  test('a baseUrl that is not the own one counts as missing', async () => {
    await pollute('baseUrl', 'https://evil.test', async () => {
      expect(() => restBackend({} as never)).toThrow(expect.objectContaining({ code: 'misconfigured' }))
    })
  })
})
