import { type Auth, AuthError, isAuthError } from 'keyturn'
import { type AuthFetch, type AuthFetchOptions, createAuthFetch } from 'keyturn/fetch'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { never, signedIn, unavailable } from '../core/world.ts'
import { json, startApi, unauthorized } from '../http/api-server.ts'
import { claimsOf, latch, rejection, type Stage, setStage } from '../http/stage.ts'

async function open(): Promise<Stage & { readonly authFetch: AuthFetch; readonly url: (path: string) => string }> {
  const stage = await setStage()
  const authFetch = createAuthFetch(stage.auth, { origins: [stage.net.origin] })
  return { ...stage, authFetch, url: (path) => stage.net.origin + path }
}

const times = <T>(count: number, run: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => run(i))

describe('the token', () => {
  test('is attached, beside the headers that the request has', async () => {
    const { authFetch, url, net } = await open()
    const response = await authFetch(url('/a'), { headers: { 'X-App': 'demo' } })
    expect(await response.json()).toEqual({ path: '/a' })
    expect(net.requests[0]?.headers['x-app']).toBe('demo')
    expect(claimsOf(net.requests[0]?.token ?? null).jti).toBe(1)
  })

  test('that has expired is renewed first and never sent', async () => {
    const { authFetch, url, net, server, expireToken } = await open()
    expireToken()
    const answers = await Promise.all(times(20, (i) => authFetch(url(`/${i}`))))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(net.requests.map(({ token }) => claimsOf(token).jti)).toEqual(times(20, () => 2))
    expect(server.refreshes).toHaveLength(1)
  })

  test('keeps hundreds of requests waiting without a word from Node about too many listeners', async () => {
    const { authFetch, url, expireToken } = await open()
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))
    expireToken()
    const answers = await Promise.all(times(200, (i) => authFetch(url(`/${i}`))))
    expect(answers).toHaveLength(200)
    expect(warnings).toEqual([])
  })

  test('that is refused is renewed once for all, and each request is repeated once', async () => {
    const { authFetch, url, net, server, revokeTokens } = await open()
    revokeTokens()
    const answers = await Promise.all(times(20, (i) => authFetch(url(`/${i}`))))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(net.requests).toHaveLength(40)
    expect(server.refreshes).toHaveLength(1)
  })

  test('that was replaced meanwhile leads to a plain repeat', async () => {
    const { authFetch, url, net, server, auth, revokeTokens } = await open()
    const gate = latch()
    const { accepts } = net
    net.route(
      '/late',
      async ({ token }) => {
        if (accepts(token)) return json('ok')
        await gate.wait
        return unauthorized()
      },
      { open: true },
    )
    revokeTokens()
    const late = authFetch(url('/late'))
    await net.arrived(1)
    await auth.refresh()
    gate.open()
    expect((await late).status).toBe(200)
    expect(server.refreshes).toHaveLength(1)
  })
})

describe('the repeated request has the same bytes', () => {
  const cases: Record<string, () => RequestInit> = {
    text: () => ({ method: 'POST', body: '{"a":1}', headers: { 'Content-Type': 'application/json' } }),
    URLSearchParams: () => ({ method: 'PUT', body: new URLSearchParams({ q: 'a b' }) }),
    Blob: () => ({ method: 'POST', body: new Blob([Uint8Array.of(0, 255, 1)], { type: 'image/png' }) }),
    ArrayBuffer: () => ({ method: 'PATCH', body: Uint8Array.of(0, 255, 1).buffer }),
    nothing: () => ({ method: 'DELETE' }),
  }
  const clean = (headers: object) => ({ ...headers, authorization: undefined })

  test.each(Object.entries(cases))('%s', async (_, init) => {
    const { authFetch, url, net, revokeTokens } = await open()
    revokeTokens()
    expect((await authFetch(url('/a'), init())).status).toBe(200)
    const [first, second] = net.requests
    expect(second?.body.equals(first?.body ?? Buffer.of(1))).toBe(true)
    expect(second?.method).toBe(init().method)
    expect(clean(second?.headers ?? {})).toEqual(clean(first?.headers ?? {}))
  })

  test('FormData, but for its boundary', async () => {
    const { authFetch, url, net, revokeTokens } = await open()
    revokeTokens()
    const body = new FormData()
    body.append('file', new Blob(['pixels']), 'a.png')
    expect((await authFetch(url('/a'), { method: 'POST', body })).status).toBe(200)
    const texts = net.requests.map((seen) => {
      const boundary = /boundary=(.+)/.exec(seen.headers['content-type'] ?? '')?.[1] ?? '?'
      return seen.body.toString().replaceAll(boundary, 'BOUNDARY')
    })
    expect(texts[0]).toContain('pixels')
    expect(texts[1]).toBe(texts[0])
  })

  test('a Request with a body, its method and its headers', async () => {
    const { authFetch, url, net, revokeTokens } = await open()
    revokeTokens()
    const request = new Request(url('/a'), { method: 'PUT', body: 'payload', headers: { 'X-App': 'demo' } })
    expect((await authFetch(request)).status).toBe(200)
    expect(net.requests.map(({ method, body, headers }) => [method, body.toString(), headers['x-app']])).toEqual([
      ['PUT', 'payload', 'demo'],
      ['PUT', 'payload', 'demo'],
    ])
  })

  test('a Request with an init beside it, which wins', async () => {
    const { authFetch, url, net, revokeTokens } = await open()
    revokeTokens()
    const request = new Request(url('/a'), { headers: { 'X-App': 'one' } })
    await authFetch(request, { method: 'POST', body: 'two', headers: { 'X-App': 'two' } })
    expect(net.requests.map(({ method, body, headers }) => [method, body.toString(), headers['x-app']])).toEqual([
      ['POST', 'two', 'two'],
      ['POST', 'two', 'two'],
    ])
  })

  test('a URL object', async () => {
    const { authFetch, url, net } = await open()
    expect((await authFetch(new URL(url('/a?b=c')))).status).toBe(200)
    expect(net.requests[0]?.token).not.toBeNull()
  })

  test.each([
    ['ReadableStream', () => new Blob(['once']).stream()],
    [
      'async iterable',
      async function* () {
        yield Buffer.from('once')
      },
    ],
  ])('a body that is a %s is not repeated; its 401 is handed on and the session renewed', async (_, body) => {
    const { authFetch, url, net, server, revokeTokens } = await open()
    revokeTokens()
    const init = { method: 'POST', body: body() as BodyInit, duplex: 'half' }
    const response = await authFetch(url('/a'), init)
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ detail: 'Token expired' })
    expect(net.requests.map(({ body }) => body.toString())).toEqual(['once'])
    expect(server.refreshes).toHaveLength(1)
  })
})

describe('a request that waits', () => {
  test.each(['its init', 'its Request'])('is rejected at once by the signal of %s', async (where) => {
    const { authFetch, url, net, clock, expireToken, holdRefresh } = await open()
    expireToken()
    const hold = holdRefresh()
    const other = authFetch(url('/other'))
    const controller = new AbortController()
    const { signal } = controller
    const request = rejection(
      where === 'its init' ? authFetch(url('/mine'), { signal }) : authFetch(new Request(url('/mine'), { signal })),
    )
    await hold.begun
    controller.abort(new DOMException('never mind', 'AbortError'))
    expect(await request).toMatchObject({ name: 'AbortError', message: 'never mind' })
    hold.release()
    expect((await other).status).toBe(200)
    await clock.flush()
    expect(net.to('/mine')).toHaveLength(0)
  })

  test('is rejected with an AuthError when no token can be had', async () => {
    const { authFetch, url, net, server, clock, expireToken } = await open()
    expireToken()
    server.script.push(...times(9, () => () => unavailable()))
    const request = rejection(authFetch(url('/a')))
    await clock.advance(15_000)
    const error = await request
    expect(isAuthError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'unavailable', status: 503 })
    expect(net.requests).toHaveLength(0)
  })

  test('is rejected in time when the refresh hangs', async () => {
    const { authFetch, url, server, clock, expireToken } = await open()
    expireToken()
    server.script.push(never, never, never)
    const request = rejection(authFetch(url('/a')))
    await clock.advance(15_000)
    expect(await request).toMatchObject({ name: 'AuthError', code: 'unavailable' })
  })

  test('is not sent as somebody else', async () => {
    const { authFetch, url, net, server, auth, clock, expireToken } = await open()
    expireToken()
    server.script.push(never)
    const request = rejection(authFetch(url('/a')))
    await clock.flush()
    server.subject = 'bob'
    await auth.signIn({})
    expect(await request).toMatchObject({ code: 'session_changed' })
    expect(net.requests).toHaveLength(0)
  })
})

describe('a final 401 resolves', () => {
  test('after one refresh, however many ask', async () => {
    const { authFetch, url, net, server, auth } = await open()
    net.route('/always', () => unauthorized(), { open: true })
    const answers = await Promise.all(times(20, () => authFetch(url('/always'))))
    answers.push(await authFetch(url('/always')))
    for (const answer of answers) {
      expect(answer.status).toBe(401)
      expect(await answer.json()).toEqual({ detail: 'Token expired' })
    }
    expect(server.refreshes).toHaveLength(1)
    expect(auth.getState().status).toBe('authenticated')
  })

  test('when the refresh fails', async () => {
    const { authFetch, url, server, clock, revokeTokens } = await open()
    revokeTokens()
    server.script.push(...times(9, () => () => unavailable()))
    const request = authFetch(url('/a'))
    // The answer takes its way back in real time; then the clock may go on.
    await vi.waitFor(() => expect(server.refreshes.length).toBeGreaterThan(0), { timeout: 20_000 })
    await clock.advance(15_000)
    expect((await request).status).toBe(401)
  })

  test('and a 403 or insufficient_scope refreshes nothing', async () => {
    const { authFetch, url, net, server } = await open()
    net.route('/admin', () => json({}, 403))
    net.route('/scope', () => unauthorized({ 'WWW-Authenticate': 'Bearer error="insufficient_scope"' }))
    expect((await authFetch(url('/admin'))).status).toBe(403)
    expect((await authFetch(url('/scope'))).status).toBe(401)
    expect(server.refreshes).toHaveLength(0)
  })
})

test('a 401 that nobody sees is let go', async () => {
  const { authFetch, url, net, revokeTokens } = await open()
  revokeTokens()
  const { accepts } = net
  const freed = latch()
  net.route(
    '/a',
    ({ token }, response) => {
      if (accepts(token)) return json('ok')
      // A body that never ends holds its connection until somebody lets go.
      response.on('close', () => freed.open())
      response.writeHead(401).write('more to come')
      return undefined
    },
    { open: true },
  )
  expect(await (await authFetch(url('/a'))).json()).toBe('ok')
  await freed.wait
})

test('a 401 whose connection broke while the refresh was under way does no harm', async () => {
  const { authFetch, url, net, clock, revokeTokens, holdRefresh } = await open()
  revokeTokens()
  const { accepts } = net
  let destroy = () => {}
  net.route(
    '/a',
    ({ token }, response) => {
      if (accepts(token)) return json('ok')
      response.writeHead(401, { 'Content-Length': '100' }).write('half')
      destroy = () => response.destroy()
      return undefined
    },
    { open: true },
  )
  const hold = holdRefresh()
  const request = authFetch(url('/a'))
  await hold.begun
  destroy()
  await clock.flush()
  hold.release()
  expect(await (await request).json()).toBe('ok')
})

describe('what gets no token', () => {
  test('skipAuth', async () => {
    const { authFetch, url, net, server } = await open()
    const response = await authFetch(url('/a'), { skipAuth: true })
    expect(response.status).toBe(401)
    expect(net.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
    expect(server.refreshes).toHaveLength(0)
  })

  test.each(['init', 'Request'])('a request with an Authorization of its own, in its %s', async (where) => {
    const { authFetch, url, net, server } = await open()
    const init = { headers: { Authorization: 'Bearer of-the-app' } }
    await (where === 'init' ? authFetch(url('/a'), init) : authFetch(new Request(url('/a'), init)))
    expect(net.requests.map(({ token }) => token)).toEqual(['of-the-app'])
    expect(server.refreshes).toHaveLength(0)
  })

  test('requests of nobody', async () => {
    const { authFetch, url, net, auth } = await open()
    await auth.signOut()
    expect((await authFetch(url('/a'))).status).toBe(401)
    expect(net.requests.map(({ token }) => token)).toEqual([null])
  })

  test('another origin that a redirect leads to, and its 401 refreshes nothing', async () => {
    const { authFetch, url, net, server } = await open()
    const other = await startApi()
    onTestFinished(other.close)
    net.route('/go', () => ({ status: 302, headers: { Location: `${other.origin}/there` } }))
    expect((await authFetch(url('/go'))).status).toBe(401)
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
    expect(server.refreshes).toHaveLength(0)
  })
})

describe('origins', () => {
  const probe = async (input: string | URL | Request, options?: AuthFetchOptions) => {
    const carried: boolean[] = []
    const { auth } = await signedIn({
      fetch: async (_, init) => {
        carried.push(new Headers(init?.headers).has('Authorization'))
        return new Response()
      },
    })
    await createAuthFetch(auth, options)(input)
    return carried
  }
  const options = { origins: ['https://api.example.test'] }

  test.each([
    '/items',
    'items',
    'https://app.example.test/items',
    'https://api.example.test/items',
    '//api.example.test/items',
    'HTTPS://API.example.test:443/',
  ])('%j gets the token', async (url) => {
    expect(await probe(url, options)).toEqual([true])
  })

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    ' https://evil.example/',
    'ht\ttps://evil.example/',
    'http://api.example.test/',
    'https://api.example.test:8443/',
    'https://api.example.test@evil.example/',
    'https://api.example.test.evil.example/',
    'https://evil.example\\@api.example.test/',
    'data:text/plain,x',
  ])('%j does not', async (url) => {
    expect(await probe(url, options)).toEqual([false])
  })

  test('of a Request and of a URL object', async () => {
    expect(await probe(new Request('https://api.example.test/x'), options)).toEqual([true])
    expect(await probe(new Request('https://evil.example/x'), options)).toEqual([false])
    expect(await probe(new URL('https://evil.example/x'), options)).toEqual([false])
  })

  test('without options, only the own one', async () => {
    expect(await probe('/x')).toEqual([true])
    expect(await probe('https://api.example.test/x')).toEqual([false])
  })

  test.each(['*', 'api.example.com', 'https://*.example.com', 'ftp://x'])('%j is refused', async (origin) => {
    const { auth } = await signedIn()
    expect(() => createAuthFetch(auth, { origins: [origin] })).toThrow(AuthError)
  })

  test('something else in place of the session is refused', () => {
    expect(() => createAuthFetch({} as Auth)).toThrow(/createAuthFetch: the first argument/)
  })
})
