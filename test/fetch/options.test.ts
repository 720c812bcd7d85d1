import { type AuthFetchOptions, type AuthRequestInit, createAuthFetch, graphqlExpired } from 'keyturn/fetch'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Sending } from '../../src/core/types.ts'
import { json } from '../http/api-server.ts'
import { fakeEngine } from '../http/fake-engine.ts'
import { setStage } from '../http/stage.ts'

type Call = [input: RequestInfo | URL, init: RequestInit]

/** Calls authFetch once, and gives what `fetch` was called with. */
async function sent(
  options: AuthFetchOptions = {},
  input: string | URL | Request = '/a',
  init?: AuthRequestInit | null,
  sending: Partial<Sending> = {},
) {
  const calls: Call[] = []
  const fetch = async (...args: unknown[]) => {
    calls.push(args as Call)
    return new Response('', { status: 200 })
  }
  const engine = fakeEngine({ fetch: fetch as typeof globalThis.fetch, ...sending })
  await createAuthFetch(engine, options)(input, init)
  const [[target, given] = ['', {}] as Call] = calls
  return { target, init: given, headers: Object.fromEntries(new Headers(given.headers)), engine }
}

describe('what carries the token', () => {
  test.each<[AuthFetchOptions, Record<string, string>]>([
    [{}, { authorization: 'Bearer secret-token' }],
    [{ scheme: 'JWT' }, { authorization: 'JWT secret-token' }],
    [{ header: 'X-Access-Token' }, { 'x-access-token': 'secret-token' }],
    [{ header: 'X-Access-Token', scheme: 'Token' }, { 'x-access-token': 'Token secret-token' }],
    [{ header: '' }, {}],
  ])('%j', async (options, headers) => {
    expect((await sent(options)).headers).toEqual(headers)
  })

  test('nothing where scripts see no token', async () => {
    expect((await sent({}, '/a', {}, { token: null })).headers).toEqual({})
  })

  test('a request that has that header already is left alone', async () => {
    const options = { header: 'X-Access-Token' }
    const { engine } = await sent(options, '/a', { headers: { 'x-access-token': 'own' } })
    expect(engine.exchanges[0]?.skip).toBe(true)
    const other = await sent(options, '/a', { headers: { Authorization: 'Basic x' } })
    expect(other.engine.exchanges[0]?.skip).toBeFalsy()
  })
})

test('whose: an answer that is for another person is told as such, on allowed origins only', async () => {
  const owns: unknown[] = []
  const ask = async (sending: Partial<Sending>) => {
    const engine = fakeEngine({ fetch: async () => new Response('', { headers: { 'X-User': 'bob' } }), ...sending })
    const options = {
      whose: ({ headers }: Response, user: { id: string } | null) => headers.get('X-User') === user?.id,
    }
    const exchange: typeof engine.exchange = (given) =>
      engine.exchange({
        ...given,
        send: async (it) => {
          const reply = await given.send(it)
          owns.push(reply.own)
          return reply
        },
      })
    const getState = () => ({ status: 'authenticated', user: { id: 'ada' }, problem: null }) as const
    await createAuthFetch({ ...engine, exchange, getState }, options)('/a')
  }
  await ask({})
  await ask({ allowed: false })
  expect(owns).toEqual([false, undefined])
})

describe('an address is resolved once', () => {
  test('what is sent is what the engine resolved, and nothing else', async () => {
    const url = 'https://api.test/resolved'
    expect((await sent({}, '/a', {}, { url })).target).toBe(url)
    expect((await sent({}, new URL('https://api.test/a'), {}, { url })).target).toBe(url)
  })

  test('a URL object that the caller changes while the request waits', async () => {
    const { auth, net, expireToken, holdRefresh } = await setStage()
    const authFetch = createAuthFetch(auth, { origins: [net.origin] })
    expireToken()
    const hold = holdRefresh()
    const url = new URL(`${net.origin}/a`)
    const answer = authFetch(url)
    await hold.begun
    url.href = 'http://evil.test/'
    hold.release()
    expect(await (await answer).json()).toEqual({ path: '/a' })
  })

  test('a Request that the caller sends or reads while it waits', async () => {
    const { auth, net, expireToken, holdRefresh } = await setStage()
    const authFetch = createAuthFetch(auth, { origins: [net.origin] })
    expireToken()
    const hold = holdRefresh()
    const request = new Request(`${net.origin}/a`, { method: 'POST', body: 'payload' })
    const answer = authFetch(request)
    await hold.begun
    expect(await request.text()).toBe('payload')
    hold.release()
    expect((await answer).status).toBe(200)
    expect(net.requests.map(({ body }) => body.toString())).toEqual(['payload'])
  })

  test('an init that the caller changes while it waits', async () => {
    const { auth, net, expireToken, holdRefresh } = await setStage()
    const authFetch = createAuthFetch(auth, { origins: [net.origin] })
    expireToken()
    const hold = holdRefresh()
    const init = { method: 'POST', body: 'one', headers: { 'X-App': 'one' } }
    const answer = authFetch(`${net.origin}/a`, init)
    await hold.begun
    Object.assign(init, { method: 'PUT', body: 'two' })
    init.headers['X-App'] = 'two'
    hold.release()
    await answer
    expect(net.requests.map(({ method, body, headers }) => [method, body.toString(), headers['x-app']])).toEqual([
      ['POST', 'one', 'one'],
    ])
  })
})

describe('which answers mean that the token is no longer good', () => {
  const answering = async (options: AuthFetchOptions, first: { status?: number; body?: string; headers?: object }) => {
    const stage = await setStage()
    const { accepts } = stage.net
    const headers = { 'Content-Type': 'application/json', ...first.headers }
    const route = ({ token }: { token: string | null }) => (accepts(token) ? json('ok') : { ...first, headers })
    stage.net.route('/a', route, { open: true })
    stage.revokeTokens()
    const response = await createAuthFetch(stage.auth, { origins: [stage.net.origin], ...options })(
      `${stage.net.origin}/a`,
    )
    return [response.status, await response.text(), stage.server.refreshes.length]
  }
  const refused = JSON.stringify({ data: null, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })

  test('statuses that the app names', async () => {
    expect(await answering({ statuses: [401, 419] }, { status: 419 })).toEqual([200, '"ok"', 1])
    expect(await answering({}, { status: 419, body: 'no' })).toEqual([419, 'no', 0])
    expect(await answering({ statuses: [419] }, { status: 401, body: 'no' })).toEqual([401, 'no', 0])
  })

  test('insufficient_scope never', async () => {
    const headers = { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' }
    expect(await answering({ statuses: [401, 403] }, { status: 403, body: 'no', headers })).toEqual([403, 'no', 0])
  })

  test('a function decides', async () => {
    expect(await answering({ expired: ({ status }) => status === 418 }, { status: 418 })).toEqual([200, '"ok"', 1])
    expect(await answering({ expired: () => false }, { status: 401, body: 'no' })).toEqual([401, 'no', 0])
    expect(await answering({ expired: async () => undefined }, { status: 401 })).toEqual([200, '"ok"', 1])
  })

  test('graphqlExpired: UNAUTHENTICATED in a 200, and the caller can read what is left alone', async () => {
    expect(await answering({ expired: graphqlExpired }, { body: refused })).toEqual([200, '"ok"', 1])
    const done = JSON.stringify({ ...JSON.parse(refused), data: { pay: true } })
    expect(await answering({ expired: graphqlExpired }, { body: done })).toEqual([200, done, 0])
  })

  test('graphqlExpired does not read an answer that is no JSON, such as an event stream', async () => {
    const headers = { 'Content-Type': 'text/event-stream' }
    expect(await answering({ expired: graphqlExpired }, { body: refused, headers })).toEqual([200, refused, 0])
    const broken = { body: '{"errors":', headers: {} }
    expect(await answering({ expired: graphqlExpired }, broken)).toEqual([200, broken.body, 0])
  })
})

describe('cookies', () => {
  const page = (cookie: string) => {
    Object.assign(globalThis, { document: { cookie } })
    onTestFinished(() => void Reflect.deleteProperty(globalThis, 'document'))
  }
  const csrf = { cookie: 'XSRF', header: 'X-CSRF' }

  test('`csrf` copies a cookie of exactly that name, decoded', async () => {
    page('NOT-XSRF=no; XSRF2=no; XSRF=a%20b%3D%3D; other=1')
    expect((await sent({ csrf }, '/a', {}, { token: null })).headers).toEqual({ 'x-csrf': 'a b==' })
  })

  test('without such a cookie, or a page, there is no header', async () => {
    expect((await sent({ csrf })).headers).not.toHaveProperty('x-csrf')
    page('XSRF2=no')
    expect((await sent({ csrf })).headers).not.toHaveProperty('x-csrf')
  })

  test('`csrf` by function, at once or later', async () => {
    expect((await sent({ csrf: () => ({ 'X-CSRF': 'now' }) })).headers).toMatchObject({ 'x-csrf': 'now' })
    expect((await sent({ csrf: async () => ({ 'X-CSRF': 'later' }) })).headers).toMatchObject({ 'x-csrf': 'later' })
  })

  test('neither goes to an origin that is not allowed, nor along with `skipAuth`', async () => {
    page('XSRF=a')
    const options = { csrf, credentials: 'include' } as const
    for (const { headers, init } of [
      await sent(options, '/a', {}, { allowed: false, token: null }),
      await sent(options, '/a', { skipAuth: true }, { token: null }),
    ]) {
      expect(headers).toEqual({})
      expect(init.credentials).toBeUndefined()
    }
  })

  test('`credentials` are the request’s own where it has any', async () => {
    const options = { credentials: 'include' } as const
    expect((await sent(options)).init.credentials).toBe('include')
    expect((await sent(options, '/a', { credentials: 'omit' })).init.credentials).toBe('omit')
    expect((await sent(options, new Request('https://api.test/a'))).init.credentials).toBe('include')
  })
})

describe('unchecked input', () => {
  test.each(['origin', 'skipAuth', 'baseURL'])('an unknown option, %s, is refused', (name) => {
    const options = { [name]: [] } as AuthFetchOptions
    expect(() => createAuthFetch(fakeEngine(), options)).toThrow(`createAuthFetch: there is no option '${name}'`)
  })

  test('authFetch(url, null) is authFetch(url), as with fetch', async () => {
    expect((await sent({}, '/a', null)).headers).toEqual({ authorization: 'Bearer secret-token' })
  })

  test('a signal of null in the init takes away that of the Request, as with fetch', async () => {
    const request = new Request('https://api.test/a', { signal: AbortSignal.abort() })
    const { engine } = await sent({}, request, { signal: null })
    expect(engine.exchanges[0]?.signal).toBeNull()
  })
})

describe('a polluted Object.prototype decides nothing', () => {
  const bad = Object.prototype as unknown as Record<string, unknown>
  afterEach(() => {
    for (const name of ['origins', 'header', 'scheme', 'skipAuth', 'credentials', 'method']) delete bad[name]
  })

  test.each<[string, unknown]>([
    ['origins', ['https://evil.test']],
    ['header', 'X-Leak'],
    ['scheme', 'Leak'],
    ['skipAuth', true],
    ['credentials', 'include'],
    ['method', 'DELETE'],
  ])('%s', async (name, value) => {
    bad[name] = value
    const { headers, init, engine } = await sent()
    delete bad[name]
    expect(headers).toEqual({ authorization: 'Bearer secret-token' })
    expect(engine.exchanges[0]).toMatchObject({ origins: [''] })
    expect(engine.exchanges[0]?.skip).toBeFalsy()
    expect([init.credentials, init.method]).toEqual([undefined, undefined])
  })
})

test('a 401 because `origins` leaves the address out is reported', async () => {
  const fetch = async () => new Response('', { status: 401 })
  const sending = { fetch, allowed: false, token: null, url: 'https://api.test/a?secret=1' }
  const { engine } = await sent({}, '/a', {}, sending)
  expect(engine.reported.map(({ code, message }) => [code, message])).toEqual([
    ['misconfigured', expect.stringMatching(/^https:\/\/api\.test answered 401.*`origins`/)],
  ])
  expect((await sent({}, '/a', { skipAuth: true }, sending)).engine.reported).toEqual([])
})
