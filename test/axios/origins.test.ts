import axios, { AxiosError, type AxiosRequestConfig } from 'axios'
import { AuthError } from 'keyturn'
import { type AttachAuthOptions, attachAuth } from 'keyturn/axios'
import { describe, expect, test } from 'vitest'
import { signedIn } from '../core/world.ts'
import { startApi } from '../http/api-server.ts'
import { setStage } from '../http/stage.ts'
import { createClient, failureOf } from './client.ts'

interface Setting {
  readonly baseURL?: string
  readonly href?: string
  readonly options?: AttachAuthOptions
}

/** Sends one request that is answered 401. Tells whether the token was on it, and how often it was refreshed. */
async function probe(request: AxiosRequestConfig, { baseURL, href, options }: Setting = {}) {
  const { auth, server } = await signedIn(href ? { href } : {})
  const carried: boolean[] = []
  const client = axios.create({
    ...(baseURL === undefined ? {} : { baseURL }),
    adapter: async (config) => {
      carried.push(config.headers.has('Authorization'))
      const response = { data: '', status: 401, statusText: '', headers: {}, config }
      throw new AxiosError('no', AxiosError.ERR_BAD_REQUEST, config, null, response)
    },
  })
  attachAuth(client, auth, options)
  const failure = await failureOf(client.request(request))
  auth.dispose()
  return { carried: carried.some(Boolean), sends: carried.length, refreshes: server.refreshes.length, failure }
}

const API = 'https://api.example.test/v1'
const bare = { carried: false, sends: 1, refreshes: 0 }
const withToken = { carried: true, sends: 2, refreshes: 1 }

describe('the token goes to no other origin, and a 401 from one refreshes nothing', () => {
  test.each([
    'https://evil.example/',
    'https://evil.example/https://api.example.test/',
    '//evil.example/x',
    'https://api.example.test:8443/x',
    'http://api.example.test/x',
    'https://api.example.test.evil.example/',
    'https://evil-api.example.test/',
    'https://example.test/',
    'https://api.example.test@evil.example/',
    'https://api.example.test:443@evil.example/',
    'https://api.example.test%2eevil.example/',
    'https://evil.example\\@api.example.test/',
    'https://evil.example#@api.example.test/',
    'https://evil.example?@api.example.test/',
    'ftp://api.example.test/',
    'data:text/plain,https://api.example.test',
    'blob:https://evil.example/9115d58c-bcda-ff47-86e5-083e9a215304',
  ])('%j', async (url) => {
    // Where axios resolves an address against baseURL, it is no other origin: see below.
    const joined = !/^([a-z][a-z\d+\-.]*:)?\/\//i.test(url)
    expect(await probe({ url }, joined ? {} : { baseURL: API })).toMatchObject(bare)
  })

  test.each([
    '/\\evil.example/x',
    '\\\\evil.example/x',
    '/\t/evil.example/x',
    ' https://evil.example/',
    '\thttps://evil.example/',
    'ht\ntps://evil.example/',
    '//evil.example',
  ])('%j without a baseURL, which the page resolves to another origin', async (url) => {
    expect(await probe({ url })).toMatchObject(bare)
    expect(await probe({ url }, { baseURL: '' })).toMatchObject(bare)
  })

  test('a baseURL of "/" does not make another origin of the path the own one', async () => {
    expect(await probe({ url: '\\evil.example/x' }, { baseURL: '/' })).toMatchObject(bare)
    expect(await probe({ url: '\\evil.example/x' }, { baseURL: '' })).toMatchObject(withToken)
  })

  test('the baseURL of one request, when it is elsewhere', async () => {
    expect(await probe({ url: '/x', baseURL: 'https://evil.example' }, { baseURL: API })).toMatchObject(bare)
  })

  test('https:evil.example is an error and sends nothing', async () => {
    const { failure, ...rest } = await probe({ url: 'https:evil.example' }, { baseURL: API })
    expect(rest).toEqual({ carried: false, sends: 0, refreshes: 0 })
    expect(failure.code).toBe('ERR_INVALID_URL')
  })

  test('on a page by http, the same host by https is another origin', async () => {
    const href = 'http://app.example.test/'
    expect(await probe({ url: 'https://app.example.test/x' }, { href })).toMatchObject(bare)
    expect(await probe({ url: 'http://app.example.test/x' }, { href })).toMatchObject(withToken)
  })

  test('other port: a server there sees no token', async () => {
    const stage = await setStage()
    const other = await startApi()
    const client = createClient(stage, 'http')
    expect(await failureOf(client.get(`${other.origin}/x`))).toMatchObject({ response: { status: 401 } })
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
    expect(stage.server.refreshes).toHaveLength(0)
    await other.close()
  })
})

describe('the token goes to the origin of baseURL and of the page, by default', () => {
  test.each([
    '',
    'items',
    '/items',
    'https://api.example.test/other',
    'HTTPS://API.EXAMPLE.TEST/x',
    'https://api.example.test:443/x',
    '//api.example.test/x',
    'https://app.example.test/x',
    '/\\evil.example/x',
    ' https://evil.example/',
  ])('%j below baseURL', async (url) => {
    expect(await probe({ url }, { baseURL: API })).toMatchObject(withToken)
  })

  test('an absolute address that is not one: allowAbsoluteUrls false', async () => {
    const request = { url: 'https://evil.example/x', allowAbsoluteUrls: false }
    expect(await probe(request, { baseURL: API })).toMatchObject(withToken)
  })

  test('a relative baseURL is the page', async () => {
    expect(await probe({ url: '/x' }, { baseURL: '/api' })).toMatchObject(withToken)
  })

  test('the baseURL of one request, at the same origin', async () => {
    expect(await probe({ url: '/x', baseURL: 'https://api.example.test/v2' }, { baseURL: API })).toMatchObject(
      withToken,
    )
  })
})

describe('the option origins', () => {
  const options = { origins: ['https://files.example.test', 'http://localhost:3000/some/path'] }

  test('replaces the default', async () => {
    expect(await probe({ url: 'https://files.example.test/a' }, { baseURL: API, options })).toMatchObject(withToken)
    expect(await probe({ url: 'http://localhost:3000/b' }, { baseURL: API, options })).toMatchObject(withToken)
    expect(await probe({ url: '/items' }, { baseURL: API, options })).toMatchObject(bare)
    expect(await probe({ url: 'https://app.example.test/' }, { baseURL: API, options })).toMatchObject(bare)
  })

  test.each([
    'HTTPS://Files.Example.TEST',
    'https://files.example.test:443',
    'https://files.example.test/',
    'https://files.example.test/api/v1/',
  ])('%j is the same origin', async (origin) => {
    const options = { origins: [origin] }
    expect(await probe({ url: 'https://files.example.test/a' }, { baseURL: API, options })).toMatchObject(withToken)
  })

  test.each(['http://127.0.0.1:8080', 'http://[::1]:3000', 'https://bücher.example', 'http://localhost'])(
    '%j can be one',
    async (origin) => {
      const url = new URL('/a', origin).href
      expect(await probe({ url }, { options: { origins: [origin] } })).toMatchObject(withToken)
    },
  )

  test('a list that the app changes afterwards stays as it was', async () => {
    const origins = ['https://files.example.test']
    const { auth } = await signedIn()
    const seen: boolean[] = []
    const client = axios.create({
      adapter: async (config) => {
        seen.push(config.headers.has('Authorization'))
        return { data: '', status: 200, statusText: '', headers: {}, config }
      },
    })
    attachAuth(client, auth, { origins })
    origins.push('https://evil.example')
    await client.get('https://evil.example/x')
    await client.get('https://files.example.test/x')
    expect(seen).toEqual([false, true])
  })

  test('none at all: nobody sees the token', async () => {
    expect(await probe({ url: '/items' }, { baseURL: API, options: { origins: [] } })).toMatchObject(bare)
  })

  test.each([
    '*',
    '',
    'api.example.com',
    'https://*.example.com',
    'https://',
    'ftp://example.com',
    '/api',
    'null',
    'https://[',
    'https://exa mple.com',
    ' https://example.com',
    'view-source:https://example.com',
    'https://api.*.com',
    'https://api.example.*',
    'https://api.example.com:*',
    'https://api.example.com/*',
    'https://good.example@evil.example',
    'https://user:password@api.example.com',
    'https://:@api.example.com',
    'https://evil.example\\@good.example',
    'https://evil.example\\good.example',
    'https:\\\\evil.example',
    'https:///evil.example',
    'https:/evil.example',
    'https:evil.example',
    'https://evil.example?good.example',
    'https://evil.example#good.example',
    'https://evil.example/@good.example',
    'https://api%2eexample.com',
    'https://good.example%40evil.example',
    'https://example.com:port',
    'https://example.com:99999',
    'https://a b/',
    'https://example.com/a\tb',
  ])('%j is refused', async (origin) => {
    const { auth } = await signedIn()
    const client = axios.create()
    expect(() => attachAuth(client, auth, { origins: [origin] })).toThrow(AuthError)
    expect(() => attachAuth(client, auth, { origins: [origin] })).toThrow(`attachAuth: '${origin}'`)
    // A refused call leaves nothing behind.
    attachAuth(client, auth)()
  })
})

describe('redirects', () => {
  test.each(['http', 'fetch'] as const)(
    '%s adapter: to another origin, no token and at most one refresh',
    async (adapter) => {
      const stage = await setStage()
      const other = await startApi()
      stage.net.route('/go', () => ({ status: 302, headers: { Location: `${other.origin}/there` } }))
      const client = createClient(stage, adapter)
      expect(await failureOf(client.get('/go'))).toMatchObject({ response: { status: 401 } })
      expect(other.requests.length).toBeGreaterThan(0)
      expect(other.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true)
      // Only the http and xhr adapters tell where an answer came from.
      expect(stage.server.refreshes).toHaveLength(adapter === 'http' ? 0 : 1)
      expect(stage.auth.getState().status).toBe('authenticated')
      await other.close()
    },
  )

  test.each(['http', 'fetch'] as const)(
    '%s adapter: within the origin, the token goes along and a 401 is cured',
    async (adapter) => {
      const stage = await setStage()
      stage.net.route('/go', () => ({ status: 302, headers: { Location: '/there' } }), { open: true })
      const client = createClient(stage, adapter)
      stage.revokeTokens()
      expect((await client.get('/go')).data).toEqual({ path: '/there' })
      expect(stage.server.refreshes).toHaveLength(1)
    },
  )
})
