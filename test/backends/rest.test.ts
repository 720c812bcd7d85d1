import { restBackend } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, jwt } from '../core/world.ts'
import { answering, json } from './server.ts'

const backend = restBackend({ baseUrl: '/api' })
const tokens = { accessToken: 'access-1', refreshToken: 'refresh-1' }
const pair = { access_token: 'access-2', refresh_token: 'refresh-2' }
const credentials = { email: 'ada@example.test', password: 'secret' }

describe('what is sent', () => {
  test('a sign-in: POST /auth/login with the credentials, and no token', async () => {
    const { calls, context } = answering(() => json(pair))
    await backend.signIn(credentials, context)
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({
      url: 'https://app.example.test/api/auth/login',
      method: 'POST',
      body: credentials,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
    })
    expect(calls[0]?.headers).not.toHaveProperty('authorization')
  })

  test('a refresh: POST /auth/refresh-token with { refresh_token }, and no access token', async () => {
    const { calls, context } = answering(() => json(pair))
    await backend.refresh(tokens, context)
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({
      url: 'https://app.example.test/api/auth/refresh-token',
      method: 'POST',
      body: { refresh_token: 'refresh-1' },
      headers: { 'content-type': 'application/json' },
    })
    expect(Object.keys(calls[0]?.body as object)).toEqual(['refresh_token'])
    expect(calls[0]?.headers).not.toHaveProperty('authorization')
  })

  test.each(['local', 'global', 'others'] as const)(
    'a sign-out: POST /auth/logout, scope %s, with the token',
    async (scope) => {
      const { calls, context } = answering(() => new Response(null, { status: 204 }))
      await backend.signOut(tokens, scope, context)
      expect(calls[0]).toMatchObject({
        url: 'https://app.example.test/api/auth/logout',
        method: 'POST',
        body: { refresh_token: 'refresh-1', scope },
        headers: { authorization: 'Bearer access-1' },
      })
    },
  )

  test('a sign-out without an access token sends no empty bearer', async () => {
    const { calls, context } = answering(() => new Response(null, { status: 204 }))
    await backend.signOut({ accessToken: null, refreshToken: 'refresh-1' }, 'local', context)
    expect(calls[0]?.headers).not.toHaveProperty('authorization')
  })

  test('the user: GET /auth/me with the token, and no body', async () => {
    const { calls, context } = answering(() => json({ id: 1 }))
    expect(await backend.getUser?.('access-1', context)).toEqual({ id: 1 })
    expect(calls[0]).toMatchObject({
      url: 'https://app.example.test/api/auth/me',
      method: 'GET',
      body: null,
      headers: { authorization: 'Bearer access-1' },
    })
  })

  test('every call carries the signal of the time limit, and no cached answer is taken', async () => {
    const { calls, context } = answering(() => json(pair))
    await backend.signIn(credentials, context)
    await backend.refresh(tokens, context)
    await backend.signOut(tokens, 'local', context)
    await backend.getUser?.('access-1', context)
    expect(calls).toHaveLength(4)
    for (const { init } of calls) {
      expect(init.signal).toBe(context.signal)
      expect(init.cache).toBe('no-store')
      expect(init.credentials).toBeUndefined()
    }
  })
})

describe('options', () => {
  const sent = async (options: Partial<Parameters<typeof restBackend>[0]>, pageUrl?: null) => {
    const { calls, context } = answering(() => json(pair), pageUrl === null ? { pageUrl } : {})
    const custom = restBackend({ baseUrl: '/api', ...options })
    await custom.signIn(credentials, context)
    await custom.refresh(tokens, context)
    await custom.signOut(tokens, 'global', context)
    await custom.getUser?.('access-1', context)
    return calls
  }

  test.each([
    ['/api', 'https://app.example.test/api'],
    ['/api/', 'https://app.example.test/api'],
    ['/', 'https://app.example.test'],
    ['', 'https://app.example.test'],
    ['https://api.example.test/v1', 'https://api.example.test/v1'],
    ['https://api.example.test/v1///', 'https://api.example.test/v1'],
    ['https://api.example.test:8443', 'https://api.example.test:8443'],
  ])('baseUrl %j', async (baseUrl, expected) => {
    const calls = await sent({ baseUrl })
    const paths = ['/auth/login', '/auth/refresh-token', '/auth/logout', '/auth/me']
    expect(calls.map(({ url }) => url)).toEqual(paths.map((path) => expected + path))
  })

  test('an absolute baseUrl needs no page', async () => {
    const calls = await sent({ baseUrl: 'https://api.example.test' }, null)
    expect(calls).toHaveLength(4)
  })

  test('a relative baseUrl without a page: misconfigured, and the message says what to do', async () => {
    const error = await sent({}, null).catch((reason) => reason)
    expect(error).toMatchObject({ name: 'AuthError', code: 'misconfigured' })
    expect(error.message).toMatch(/absolute baseUrl/)
  })

  test.each([undefined, null, {}, { baseUrl: undefined }, { baseUrl: null }, { baseUrl: 7 }])(
    'no baseUrl (%j): misconfigured, told at once',
    (options) => {
      expect(() => restBackend(options as never)).toThrow(
        expect.objectContaining({ code: 'misconfigured', message: expect.stringContaining('baseUrl') }),
      )
    },
  )

  test('paths', async () => {
    const calls = await sent({ paths: { signIn: '/in', refresh: '/more', signOut: '/out', user: '/who' } })
    expect(calls.map(({ url }) => url.replace('https://app.example.test/api', ''))).toEqual([
      '/in',
      '/more',
      '/out',
      '/who',
    ])
  })

  test('paths null: no such endpoint, no call', async () => {
    const calls = await sent({ paths: { signOut: null, user: null } })
    expect(calls).toHaveLength(2)
  })

  test('a path that is left undefined keeps its default', async () => {
    const calls = await sent({ paths: { signIn: undefined } as never })
    expect(calls[0]?.url).toBe('https://app.example.test/api/auth/login')
  })

  test('bodies', async () => {
    const calls = await sent({
      bodies: {
        signIn: (input) => ({ user: input }),
        refresh: (token) => ({ rt: token }),
        signOut: (token, scope) => ({ rt: token, all: scope === 'global' }),
      },
    })
    expect(calls.slice(0, 3).map(({ body }) => body)).toEqual([
      { user: credentials },
      { rt: 'refresh-1' },
      { rt: 'refresh-1', all: true },
    ])
  })

  test('headers go with every call, and do not replace its bearer', async () => {
    const calls = await sent({ headers: { apikey: 'public-key' } })
    for (const { headers } of calls) expect(headers.apikey).toBe('public-key')
    expect(calls[2]?.headers.authorization).toBe('Bearer access-1')
  })

  test('credentials', async () => {
    for (const { init } of await sent({ credentials: 'include' })) expect(init.credentials).toBe('include')
    for (const { init } of await sent({})) expect(init.credentials).toBeUndefined()
  })

  test('toUser makes the user of answers and of the user endpoint, and never gets nothing', async () => {
    const seen: unknown[] = []
    await sent({
      toUser(user) {
        seen.push(user)
        return user
      },
    })
    expect(seen.length).toBeGreaterThan(0)
    for (const user of seen) expect(user).toBeInstanceOf(Object)
  })

  test('fields', async () => {
    const custom = restBackend({
      baseUrl: '/api',
      fields: { accessToken: 'at', refreshToken: 'rt', expiresIn: 'in', expiresAt: 'until', user: 'who' },
    })
    const { context } = answering(() => json({ at: 'a', rt: 'r', in: 60, until: 1_800_000_000, who: { name: 'Ada' } }))
    expect(await custom.signIn(credentials, context)).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      expiresIn: 60,
      expiresAt: 1_800_000_000,
      user: { name: 'Ada' },
    })
  })
})

describe('with the engine', () => {
  test('paths.user null: the claims of the token tell who the user is', async () => {
    const { calls, context } = answering(() => json({ access_token: jwt({ sub: 'ada' }), refresh_token: 'r' }))
    const bare = restBackend({ baseUrl: '/api', paths: { user: null } })
    const { auth } = createWorld({ fetch: context.fetch }).open({ backend: bare as never })
    expect(await auth.signIn(credentials)).toEqual({ sub: 'ada' })
    expect(calls).toHaveLength(1)
  })

  test('the network fails: unavailable, and nobody is signed in', async () => {
    const { auth } = createWorld().open({ backend: backend as never })
    await expect(auth.signIn(credentials)).rejects.toMatchObject({ name: 'AuthError', code: 'unavailable' })
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'none' })
  })

  test('a wrong password: the own words of the server, no refresh, and no sign-out', async () => {
    const { calls, context } = answering(() => json({ detail: 'Invalid email or password' }, 401))
    const { auth, names } = createWorld({ fetch: context.fetch }).open({ backend: backend as never })
    await expect(auth.signIn(credentials)).rejects.toMatchObject({
      code: 'credentials_rejected',
      message: 'Invalid email or password',
      status: 401,
    })
    expect(calls.map(({ url }) => url)).toEqual(['https://app.example.test/api/auth/login'])
    expect(names()).toEqual([])
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'none' })
  })
})
