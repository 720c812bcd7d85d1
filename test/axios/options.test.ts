import axios, { AxiosError, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'
import { type AttachAuthOptions, attachAuth, graphqlExpired } from 'keyturn/axios'
import { afterEach, describe, expect, test } from 'vitest'
import { json, unauthorized } from '../http/api-server.ts'
import { fakeEngine } from '../http/fake-engine.ts'
import { setStage } from '../http/stage.ts'
import { createClient, failureOf } from './client.ts'

const ok = (config: InternalAxiosRequestConfig) => ({ data: '', status: 200, statusText: 'OK', headers: {}, config })

async function sent(options: AttachAuthOptions, request: AxiosRequestConfig = {}, sending = {}) {
  const seen: InternalAxiosRequestConfig[] = []
  const engine = fakeEngine(sending)
  const client = axios.create({
    baseURL: 'https://api.test',
    adapter: async (config) => {
      seen.push(config)
      return ok(config)
    },
  })
  attachAuth(client, engine, options)
  const { config } = await client.request({ url: '/a', ...request })
  const [first] = seen
  return { headers: { ...first?.headers }, config, sent: first, exchange: engine.exchanges[0] }
}

test('whose: an answer that is for another person is told as such, on allowed origins only', async () => {
  const owns: unknown[] = []
  for (const allowed of [true, false]) {
    const engine = fakeEngine({ allowed })
    const client = axios.create({ baseURL: 'https://api.test', adapter: async (config) => ok(config) })
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
    attachAuth(
      client,
      { ...engine, exchange, getState },
      { whose: ({ status }, { id }) => status === 200 && id === 'bob' },
    )
    await client.get('/a')
  }
  expect(owns).toEqual([false, undefined])
})

describe('what carries the token', () => {
  test.each<[AttachAuthOptions, string, string]>([
    [{}, 'Authorization', 'Bearer secret-token'],
    [{ scheme: 'JWT' }, 'Authorization', 'JWT secret-token'],
    [{ scheme: '' }, 'Authorization', 'secret-token'],
    [{ header: 'X-Access-Token' }, 'X-Access-Token', 'secret-token'],
    [{ header: 'X-Access-Token', scheme: 'Token' }, 'X-Access-Token', 'Token secret-token'],
  ])('%j', async (options, name, value) => {
    const { headers } = await sent(options)
    const carriers = Object.entries(headers).filter(([, text]) => String(text).includes('secret-token'))
    expect(carriers).toEqual([[name, value]])
  })

  test('nothing with an empty header, and nothing where scripts see no token', async () => {
    for (const { headers } of [await sent({ header: '' }), await sent({}, {}, { token: null })])
      expect(headers).toEqual({ Accept: 'application/json, text/plain, */*' })
  })

  test('a request that has that header already is left alone; another one is not', async () => {
    const options = { header: 'X-Access-Token' }
    expect((await sent(options, { headers: { 'x-access-token': 'own' } })).exchange?.skip).toBe(true)
    expect((await sent(options, { headers: { Authorization: 'Basic x' } })).exchange?.skip).toBeFalsy()
    expect((await sent({}, { headers: { authorization: 'Basic x' } })).exchange?.skip).toBe(true)
  })

  test('the app sees no token in another header either', async () => {
    const { config } = await sent({ header: 'X-Access-Token' })
    expect(config.headers.has('X-Access-Token')).toBe(false)
  })
})

describe('which answers mean that the token is no longer good', () => {
  const answering = async (options: AttachAuthOptions, status: number, headers = {}) => {
    const stage = await setStage()
    const { accepts } = stage.net
    stage.net.route('/a', ({ token }) => (accepts(token) ? json('ok') : { status, headers, body: '{}' }), {
      open: true,
    })
    const client = createClient(stage, 'http', { validateStatus: () => true }, options)
    stage.revokeTokens()
    const { status: end } = await client.get('/a')
    return [end, stage.server.refreshes.length]
  }

  test.each([403, 419, 440, 498])('a %i, where the app says so, and only there', async (status) => {
    expect(await answering({ statuses: [401, status] }, status)).toEqual([200, 1])
    expect(await answering({}, status)).toEqual([status, 0])
  })

  test('a 401 does not, where the app leaves it out', async () => {
    expect(await answering({ statuses: [419] }, 401)).toEqual([401, 0])
  })

  test('insufficient_scope never does, whatever its status', async () => {
    const headers = { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' }
    expect(await answering({ statuses: [401, 403] }, 403, headers)).toEqual([403, 0])
  })

  test('a function decides, and leaves to `statuses` what it does not know', async () => {
    const told = (verdict: boolean | undefined) => ({ expired: () => verdict })
    expect(await answering(told(true), 200)).toEqual([200, 1])
    expect(await answering(told(false), 401)).toEqual([401, 0])
    expect(await answering(told(undefined), 401)).toEqual([200, 1])
    expect(await answering({ ...told(undefined), statuses: [419] }, 419)).toEqual([200, 1])
    expect(await answering({ expired: async ({ status }) => status === 418 }, 418)).toEqual([200, 1])
  })

  test('what that function throws goes to the caller, and harms no session', async () => {
    const stage = await setStage()
    const fault = new Error('of the app')
    const expired = () => {
      throw fault
    }
    const client = createClient(stage, 'http', {}, { expired })
    expect(await failureOf(client.get('/a'))).toBe(fault)
    expect(stage.auth.getState().status).toBe('authenticated')
  })

  test('it does not see the answers of other origins, nor those to bare requests', async () => {
    const seen: string[] = []
    const stage = await setStage()
    const expired = ({ config }: { config: { url?: string } }) => void seen.push(String(config.url))
    const client = createClient(stage, 'http', { validateStatus: null }, { expired: expired as () => undefined })
    await client.get('/mine')
    await client.get('/bare', { skipAuth: true })
    await client.get(stage.net.origin.replace('127.0.0.1', 'localhost')).catch(() => {})
    expect(seen).toEqual(['/mine'])
  })
})

describe('graphqlExpired', () => {
  const unauthenticated = { message: 'Log in.', extensions: { code: 'UNAUTHENTICATED' } }
  const ask = async (answers: unknown[], type = 'application/json') => {
    const stage = await setStage()
    const client = createClient(stage, 'http', {}, { expired: graphqlExpired })
    let count = 0
    stage.net.route('/graphql', () => ({
      headers: { 'Content-Type': type },
      body: JSON.stringify(answers[count++]),
    }))
    const { data } = await client.post('/graphql', { query: '{ me }' })
    return { data, sends: count, refreshes: stage.server.refreshes.length }
  }
  const good = { data: { me: 'Ada' } }

  test.each([
    ['no data', { errors: [unauthenticated] }],
    ['data that is null', { errors: [unauthenticated], data: null }],
    ['nothing in its data', { errors: [{ message: 'other' }, unauthenticated], data: { me: null } }],
    ['a batch', [{ errors: [unauthenticated] }, { errors: [unauthenticated] }]],
  ])('an error UNAUTHENTICATED in a 200, with %s, renews and repeats', async (_, first) => {
    expect(await ask([first, good])).toEqual({ data: good, sends: 2, refreshes: 1 })
    expect(await ask([first, good], 'application/graphql-response+json; charset=utf-8')).toMatchObject({ sends: 2 })
  })

  test.each([
    ['part of it was done', { errors: [unauthenticated], data: { pay: true, me: null } }],
    ['another code', { errors: [{ message: 'x', extensions: { code: 'FORBIDDEN' } }] }],
    ['no code', { errors: [{ message: 'UNAUTHENTICATED' }, null] }],
    ['errors that are no list', { errors: 'UNAUTHENTICATED' }],
    ['no object', 'UNAUTHENTICATED'],
    ['nothing', null],
    ['all is well', good],
  ])('%s: it does not', async (_, first) => {
    expect(await ask([first, good])).toEqual({ data: first, sends: 1, refreshes: 0 })
  })

  test('a plain 401 still does', async () => {
    const stage = await setStage()
    const client = createClient(stage, 'http', {}, { expired: graphqlExpired })
    stage.revokeTokens()
    expect((await client.get('/a')).status).toBe(200)
  })
})

describe('cookies', () => {
  const csrf = { cookie: 'XSRF', header: 'X-CSRF' }

  test('`csrf` by cookie is what axios does itself, switched on for allowed origins alone', async () => {
    const on = { xsrfCookieName: 'XSRF', xsrfHeaderName: 'X-CSRF', withXSRFToken: true }
    expect((await sent({ csrf }, {}, { token: null })).sent).toMatchObject(on)
    expect((await sent({ csrf }, {}, { allowed: false })).sent).not.toMatchObject(on)
    expect((await sent({ csrf }, { skipAuth: true })).sent).not.toMatchObject(on)
  })

  test('`csrf` by function gives the headers, anew for each sending', async () => {
    let count = 0
    const give = async () => ({ 'X-CSRF': `token ${++count}` })
    expect((await sent({ csrf: give })).headers).toMatchObject({ 'X-CSRF': 'token 1' })
    expect((await sent({ csrf: () => ({ 'X-CSRF': 'at once' }) })).headers).toMatchObject({ 'X-CSRF': 'at once' })
    expect((await sent({ csrf: give }, {}, { allowed: false })).headers).not.toHaveProperty('X-CSRF')
    expect(count).toBe(1)
  })

  test('`credentials` go to allowed origins alone, and a request has the last word', async () => {
    const credentials = 'include'
    expect((await sent({ credentials })).sent?.withCredentials).toBe(true)
    expect((await sent({ credentials }, {}, { allowed: false })).sent?.withCredentials).toBeUndefined()
    expect((await sent({ credentials }, { withCredentials: false })).sent?.withCredentials).toBe(false)
    expect((await sent({ credentials: 'same-origin' })).sent?.withCredentials).toBeUndefined()
  })
})

describe('options', () => {
  test.each(['origin', 'Origins', 'headers', 'refreshOn', '__proto'])('an unknown one, %s, is refused', (name) => {
    const options = { [name]: [] } as AttachAuthOptions
    expect(() => attachAuth(axios.create(), fakeEngine(), options)).toThrow(`attachAuth: there is no option '${name}'`)
  })

  test('none, null and undefined ones are the defaults', async () => {
    for (const options of [undefined, null, {}, { origins: undefined, scheme: undefined, header: undefined }]) {
      const { headers } = await sent(options as AttachAuthOptions)
      expect(headers.Authorization).toBe('Bearer secret-token')
    }
  })
})

describe('a polluted Object.prototype decides nothing', () => {
  const bad = Object.prototype as unknown as Record<string, unknown>
  const names = ['origins', 'baseURL', 'header', 'scheme', 'skipAuth', 'authIdentity', 'auth', 'allowAbsoluteUrls']
  afterEach(() => {
    for (const name of names) delete bad[name]
  })

  test.each<[string, unknown]>([
    ['origins', ['https://evil.test']],
    ['baseURL', 'https://evil.test'],
    ['allowAbsoluteUrls', false],
  ])('%s: the token goes where it went', async (name, value) => {
    bad[name] = value
    const engine = fakeEngine()
    const client = axios.create({ adapter: async (config) => ok(config) })
    attachAuth(client, engine)
    await client.get('https://evil.test/x')
    delete bad[name]
    expect(engine.exchanges[0]).toMatchObject({ url: 'https://evil.test/x', origins: ['', ''] })
  })

  test.each<[string, unknown]>([
    ['header', 'X-Leak'],
    ['scheme', 'Leak'],
    ['skipAuth', true],
    ['authIdentity', 'grace'],
    ['auth', { username: 'a', password: 'b' }],
  ])('%s: the request is as it was', async (name, value) => {
    bad[name] = value
    const { headers, exchange } = await sent({})
    delete bad[name]
    expect(headers.Authorization).toBe('Bearer secret-token')
    expect(exchange?.skip).toBeFalsy()
    expect(Object.hasOwn(exchange ?? {}, 'identity') && exchange?.identity).toBeFalsy()
  })
})

describe('a 401 because `origins` leaves the address out', () => {
  const refused = async (options: AttachAuthOptions, request: AxiosRequestConfig, status = 401) => {
    const engine = fakeEngine({ allowed: false, token: null })
    const client = axios.create({
      baseURL: 'https://api.test',
      adapter: async (config) => {
        throw new AxiosError('no', 'ERR_BAD_REQUEST', config, null, { ...ok(config), status })
      },
    })
    attachAuth(client, engine, options)
    await failureOf(client.request(request))
    return engine.reported
  }

  test('is reported with the origin and the option, and without the rest of the address', async () => {
    const [error] = await refused({}, { url: 'https://other.test:8443/path?token=x' })
    expect(error).toMatchObject({ code: 'misconfigured', status: 401 })
    expect(error?.message).toContain('https://other.test:8443')
    expect(error?.message).toContain('origins')
    expect(error?.message).not.toContain('path')
  })

  test('not for another status, nor where the app wants it bare', async () => {
    expect(await refused({}, { url: 'https://other.test' }, 403)).toEqual([])
    expect(await refused({}, { url: 'https://other.test', skipAuth: true })).toEqual([])
  })

  test('a diagnostic of the real engine tells it', async () => {
    const stage = await setStage()
    const told: string[] = []
    stage.auth.on('diagnostic', ({ error }) => told.push(error.message))
    stage.net.route('/a', () => unauthorized(), { open: true })
    const client = createClient(stage, 'http', {}, { origins: ['https://elsewhere.test'] })
    await failureOf(client.get('/a'))
    expect(told).toEqual([expect.stringContaining(stage.net.origin)])
    await stage.auth.signOut()
    await failureOf(client.get('/a'))
    expect(told).toHaveLength(1)
  })
})
