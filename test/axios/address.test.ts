import axios, { type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'
import MockAdapter from 'axios-mock-adapter'
import { attachAuth } from 'keyturn/axios'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startApi } from '../http/api-server.ts'
import { fakeEngine } from '../http/fake-engine.ts'

const ok = (config: InternalAxiosRequestConfig) => ({ data: '', status: 200, statusText: 'OK', headers: {}, config })

/** Which addresses a `fetch` of the page was called with, when the engine resolves against https://page.test/dir/. */
async function fetched(defaults: AxiosRequestConfig, request: AxiosRequestConfig) {
  const seen: string[] = []
  const fetch = async (input: RequestInfo | URL) => {
    seen.push(input instanceof Request ? input.url : String(input))
    return new Response('')
  }
  const engine = fakeEngine()
  const client = axios.create({ adapter: 'fetch', env: { fetch, Request: undefined as never }, ...defaults } as object)
  attachAuth(client, engine)
  const { config } = await client.request(request)
  return { seen, config, url: engine.exchanges[0]?.url }
}

describe('an address is resolved once, and axios sends to what the engine resolved', () => {
  test.each<[AxiosRequestConfig, AxiosRequestConfig, string]>([
    [{}, { url: '/a' }, 'https://page.test/a'],
    [{}, { url: 'a' }, 'https://page.test/dir/a'],
    [{}, {}, 'https://page.test/dir/'],
    [{ baseURL: '/api' }, { url: '/a', params: { q: 'x y' } }, 'https://page.test/api/a?q=x+y'],
    [
      { baseURL: 'api/' },
      { url: '/a?b=1', params: { c: [1, 2] } },
      'https://page.test/dir/api/a?b=1&c%5B%5D=1&c%5B%5D=2',
    ],
    [{ baseURL: '//api.test/v1' }, { url: 'a' }, 'https://api.test/v1/a'],
    [{ baseURL: 'https://api.test' }, { url: '/a' }, 'https://api.test/a'],
    [
      { baseURL: '/api' },
      { url: 'https://api.test/x', allowAbsoluteUrls: false },
      'https://page.test/api/https://api.test/x',
    ],
  ])('%j, %j', async (defaults, request, sent) => {
    const { seen } = await fetched(defaults, request)
    expect(seen).toEqual([sent])
  })

  test('the app sees the address as it wrote it', async () => {
    const { config } = await fetched({ baseURL: '/api' }, { url: '/a' })
    expect(config).toMatchObject({ baseURL: '/api', url: '/a' })
  })

  test.each<[string, AxiosRequestConfig['adapter']]>([
    ['by name', 'http'],
    ['in a list', ['xhr', 'http', 'fetch']],
    ['as the function that axios has of it', axios.getAdapter('http')],
    ['fetch, as the function that axios has of it', axios.getAdapter('fetch')],
    ['in a list, as a function', [axios.getAdapter('http')]],
  ])('an adapter of axios given %s', async (_, adapter) => {
    const api = await startApi()
    onTestFinished(api.close)
    // Only the engine knows the page: in Node a relative address would fail.
    const client = axios.create({ baseURL: '/api', adapter } as AxiosRequestConfig as object)
    attachAuth(client, fakeEngine({ url: `${api.origin}/api/a` }))
    await client.get('/a', { validateStatus: null })
    expect(api.requests.map(({ path }) => path)).toEqual(['/api/a'])
  })

  test('an adapter of the app sees url and baseURL as the app gave them', async () => {
    const seen: unknown[] = []
    const adapter = async (config: InternalAxiosRequestConfig) => {
      seen.push([config.baseURL, config.url])
      return ok(config)
    }
    for (const each of [adapter, [adapter, 'http']]) {
      const client = axios.create({ baseURL: '/api', adapter: each } as object)
      attachAuth(client, fakeEngine())
      await client.get('/a')
    }
    expect(seen).toEqual([
      ['/api', '/a'],
      ['/api', '/a'],
    ])
  })

  test('axios-mock-adapter finds its handlers, and its history shows what the app asked for', async () => {
    const client = axios.create({ baseURL: '/api' })
    const mock = new MockAdapter(client)
    mock.onGet('/users', { params: { page: 1 } }).reply(200, [{ id: 1 }])
    mock.onAny().reply(404)
    attachAuth(client, fakeEngine())
    expect((await client.get('/users', { params: { page: 1 } })).data).toEqual([{ id: 1 }])
    expect(mock.history.get.map(({ url, headers }) => [url, headers?.Authorization])).toEqual([
      ['/users', 'Bearer secret-token'],
    ])
  })
})
