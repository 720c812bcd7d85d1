import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import axios, { type AxiosInstance } from 'axios'
import { describe, expect, test } from 'vitest'
import { jwt, never, unavailable } from '../core/world.ts'
import { json, unauthorized } from '../http/api-server.ts'
import { type Stage, setStage } from '../http/stage.ts'
import { createClient, type Failure, failureOf } from './client.ts'

const ACCESS = `${jwt({ sub: 'ada', iat: 1767225600, exp: 1767229200, jti: 77 })}hVq3ZtL8wXn5RbK2`
const REFRESH = 'Yp4mG7cJ9fTs6DvB1eWu'

/** Every part of 8 characters of the two secrets. Those that every JWT begins with tell nothing. */
const parts = [ACCESS, REFRESH].flatMap((secret) =>
  Array.from({ length: secret.length - 7 }, (_, i) => secret.slice(i, i + 8)),
)

/** Every text that can be reached by enumerable members, and by those that errors always have. */
function textsOf(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value]
  if (!(value instanceof Object) || seen.has(value)) return []
  seen.add(value)
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')]
  const inner: unknown[] = [...Object.keys(value), ...Object.values(value)]
  for (const symbol of Object.getOwnPropertySymbols(value)) {
    if (Object.prototype.propertyIsEnumerable.call(value, symbol))
      inner.push((value as Record<symbol, unknown>)[symbol])
  }
  if (value instanceof Map) inner.push(...value.keys(), ...value.values())
  if (value instanceof Set) inner.push(...value)
  if (value instanceof Error) inner.push(value.message, value.stack, value.cause)
  return inner.flatMap((member) => textsOf(member, seen))
}

function stringify(error: unknown): string {
  try {
    return JSON.stringify(error) ?? ''
  } catch {
    // With a cancelToken, axios's fetch adapter makes an error that contains itself.
    return ''
  }
}

function leaksOf(error: unknown): string[] {
  const dumps = {
    'its members': textsOf(error).join('\n'),
    'util.inspect': inspect(error, { depth: 12, maxArrayLength: null, maxStringLength: null }),
    'JSON.stringify': stringify(error),
    'its text': `${error}${(error as Error).stack}`,
  }
  return Object.entries(dumps).flatMap(([where, text]) => (parts.some((part) => text.includes(part)) ? [where] : []))
}

type Case = (client: AxiosInstance, stage: Stage) => Promise<unknown>

const cases: Record<string, Case> = {
  'a 401 that a new token does not cure': (client) => client.get('/always'),
  'a 401 of a stream': (client, { net }) => {
    net.accepts = () => false
    return client.post('/x', Readable.from(['x']))
  },
  'a 403': (client) => client.get('/forbidden'),
  'a 500': (client) => client.post('/broken', { a: 1 }),
  'a 500 read as a stream': (client) => client.get('/broken', { responseType: 'stream' }),
  'a connection that breaks': (client) => client.get('/reset'),
  'a server that is not there': async (client) => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    return client.get('/x', { baseURL: `http://127.0.0.1:${port}` })
  },
  'a timeout on the way': (client) => client.get('/never', { timeout: 10 }),
  'an abort on the way': async (client, { net }) => {
    const controller = new AbortController()
    const request = failureOf(client.get('/never', { signal: controller.signal }))
    await net.arrived(1)
    controller.abort()
    throw await request
  },
  'a cancel on the way': async (client, { net }) => {
    const source = axios.CancelToken.source()
    const request = failureOf(client.get('/never', { cancelToken: source.token }))
    await net.arrived(1)
    source.cancel('no')
    throw await request
  },
  'an answer that is too large': (client) => client.get('/large', { maxContentLength: 10 }),
  'a body that is too large': (client) => client.post('/x', 'x'.repeat(100), { maxBodyLength: 10 }),
  'a circle of redirects': (client) => client.get('/circle', { maxRedirects: 2 }),
  'a redirect that is not followed': (client) => client.get('/circle', { maxRedirects: 0 }),
  'an answer to a stream that is not JSON': (client) =>
    client.post('/text', Readable.from(['x']), { responseType: 'json', transitional: { silentJSONParsing: false } }),
  'an answer that is not JSON': (client) =>
    client.get('/text', { responseType: 'json', transitional: { silentJSONParsing: false } }),
  'an answer that validateStatus does not like': (client) => client.get('/x', { validateStatus: () => false }),
  'an address that is none': (client) => client.get('http:/x'),
  'a refresh that cannot reach the server': async (client, { server, clock, expireToken }) => {
    expireToken()
    server.script.push(...Array.from({ length: 9 }, () => () => unavailable()))
    const request = failureOf(client.get('/x'))
    await clock.advance(15_000)
    throw await request
  },
  'a time limit that ends while waiting': async (client, { server, clock, expireToken }) => {
    expireToken()
    server.script.push(...Array.from({ length: 9 }, () => never))
    const request = failureOf(client.get('/x', { timeout: 500 }))
    await clock.advance(500)
    throw await request
  },
  'a refusal for good': async (client, { server, clock, expireToken }) => {
    expireToken()
    server.alive = false
    const request = failureOf(client.get('/x'))
    await clock.advance(5_000)
    throw await request
  },
  'a user switch': async (client, { server, auth, clock, expireToken }) => {
    expireToken()
    server.script.push(never)
    const request = failureOf(client.get('/x'))
    await clock.flush()
    server.subject = 'bob'
    await auth.signIn({})
    throw await request
  },
}

describe.each(['http', 'fetch'] as const)('no token, nor a part of one, in an error of the %s adapter', (adapter) => {
  test.each(Object.entries(cases))('%s', async (name, run) => {
    const stage = await setStage()
    stage.server.signInScript.push(() => ({ accessToken: ACCESS, refreshToken: REFRESH }))
    await stage.auth.signIn({})
    stage.server.current = REFRESH
    const { net } = stage
    net.accepts = (token) => !!token
    net.route('/always', () => unauthorized(), { open: true })
    net.route('/forbidden', () => json({}, 403))
    net.route('/broken', () => json({}, 500))
    net.route('/never', never)
    net.route('/large', () => json('x'.repeat(100)))
    net.route('/text', () => ({ body: 'not JSON' }))
    net.route('/circle', () => ({ status: 302, headers: { Location: '/circle' } }))
    net.route('/reset', (_, response) => {
      response.destroy()
      return undefined
    })
    const client = createClient(stage, adapter)
    // Two cases are of the http adapter alone: fetch follows as many redirects as it likes, and opens more.
    if (adapter === 'fetch' && name.includes('redirect')) return
    const failure = await failureOf(run(client, stage))
    expect(failure).toBeInstanceOf(Error)
    expect(failure.message).not.toBe('It resolved.')
    if (net.requests.length && name !== 'a 401 of a stream') {
      // The token was there to be leaked.
      expect(net.requests[0]?.token).toBe(ACCESS)
    }
    expect(leaksOf(failure)).toEqual([])
  })
})

test('the search finds a token where axios alone shows it', async () => {
  const stage = await setStage()
  stage.net.accepts = () => false
  const client = axios.create({ baseURL: stage.net.origin, adapter: 'http' })
  const failure: Failure = await failureOf(client.get('/x', { headers: { Authorization: `Bearer ${ACCESS}` } }))
  expect(leaksOf(failure)).toEqual(['its members', 'util.inspect', 'JSON.stringify'])
})
