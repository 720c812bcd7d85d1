import { Readable } from 'node:stream'
import axios, { AxiosHeaders, type AxiosRequestConfig } from 'axios'
import { describe, expect, test } from 'vitest'
import { json, type Seen } from '../http/api-server.ts'
import { claimsOf, setStage } from '../http/stage.ts'
import { type AdapterName, createClient, failureOf } from './client.ts'

/** Headers but for the one that may differ. `normalise` is applied to each value. */
const headersOf = ({ headers }: Seen, normalise: (value: string) => string) =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== 'authorization')
      .map(([name, value]) => [name, normalise(String(value))]),
  )

/** The boundary of a multipart body is drawn anew each time. */
const withoutBoundary = ({ body }: Seen) => {
  const boundary = /^--(\S+)\r\n/.exec(body.toString('latin1'))?.[1]
  return (text: string) => (boundary ? text.replaceAll(boundary, 'BOUNDARY') : text)
}

const binary = Uint8Array.from({ length: 256 }, (_, i) => i)

/** A repeated request is the same request. */
export function repeatCases(adapter: AdapterName): void {
  /** Sends a request that is answered 401 first, and returns both as the API saw them. */
  const sendTwice = async (request: AxiosRequestConfig, defaults = {}): Promise<[Seen, Seen]> => {
    const stage = await setStage()
    const client = createClient(stage, adapter, defaults)
    stage.revokeTokens()
    const { status } = await client.request({ url: '/things', method: 'post', ...request })
    expect(status).toBe(200)
    expect(stage.net.requests.map(({ token }) => claimsOf(token).jti)).toEqual([1, 2])
    return stage.net.requests as unknown as [Seen, Seen]
  }

  const expectSame = ([first, second]: [Seen, Seen]) => {
    const clean = [withoutBoundary(first), withoutBoundary(second)] as const
    expect(clean[1](second.body.toString('latin1'))).toBe(clean[0](first.body.toString('latin1')))
    expect(headersOf(second, clean[1])).toEqual(headersOf(first, clean[0]))
    expect(second).toMatchObject({ method: first.method, path: first.path })
  }

  describe('the repeated request has the same bytes', () => {
    test('JSON', async () => {
      const seen = await sendTwice({ data: { name: 'Zoë', list: [1, null] } })
      expectSame(seen)
      expect(JSON.parse(seen[1].body.toString())).toEqual({ name: 'Zoë', list: [1, null] })
    })

    test('JSON with a transformRequest of its own, which runs once', async () => {
      let runs = 0
      const wrap = (data: unknown) => {
        runs++
        return JSON.stringify({ wrapped: data })
      }
      const headers = { 'Content-Type': 'application/json', 'X-App': 'demo' }
      const seen = await sendTwice({ data: { n: 1 } }, { transformRequest: [wrap], headers })
      expectSame(seen)
      expect(seen[1].body.toString()).toBe('{"wrapped":{"n":1}}')
      expect(seen[1].headers).toMatchObject({ 'x-app': 'demo', 'content-type': 'application/json' })
      expect(runs).toBe(1)
    })

    test('FormData, but for its boundary', async () => {
      const data = new FormData()
      data.append('title', 'ünïcode')
      data.append('file', new Blob([binary], { type: 'image/png' }), 'pixel.png')
      const seen = await sendTwice({ data })
      expectSame(seen)
      expect(seen[1].body.toString('latin1')).toContain(Buffer.from(binary).toString('latin1'))
    })

    test('URLSearchParams', async () => {
      const seen = await sendTwice({ data: new URLSearchParams({ q: 'a b&c', r: 'ü' }) })
      expectSame(seen)
      expect(seen[1].body.toString()).toBe('q=a+b%26c&r=%C3%BC')
      expect(seen[1].headers['content-type']).toContain('application/x-www-form-urlencoded')
    })

    test('Blob', async () => {
      const seen = await sendTwice({ data: new Blob([binary], { type: 'application/x-thing' }) })
      expectSame(seen)
      expect(seen[1].body.equals(Buffer.from(binary))).toBe(true)
    })

    test('ArrayBuffer', async () => {
      const seen = await sendTwice({ data: binary.buffer.slice(0) })
      expectSame(seen)
      expect(seen[1].body.equals(Buffer.from(binary))).toBe(true)
    })

    test('a view of an ArrayBuffer, which axios sends as its whole buffer', async () => {
      expectSame(await sendTwice({ data: binary.subarray(3, 40) }))
    })

    test('text, and no body at all', async () => {
      expectSame(await sendTwice({ data: 'plain', headers: { 'Content-Type': 'text/plain' } }))
      const seen = await sendTwice({ method: 'delete' })
      expectSame(seen)
      expect(seen[1].body).toHaveLength(0)
    })
  })

  if (adapter !== 'xhr') {
    test('a stream is not repeated; the 401 comes with the reason and the session is renewed', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.revokeTokens()
      const bytes = Buffer.from(binary)
      const data = adapter === 'http' ? Readable.from([bytes]) : new Blob([bytes]).stream()
      const failure = await failureOf(client.post('/upload', data))
      expect(failure).toMatchObject({
        response: { status: 401 },
        cause: { name: 'AuthError', code: 'not_repeatable' },
      })
      expect(stage.net.requests.map(({ body }) => body.equals(bytes))).toEqual([true])
      expect(stage.server.refreshes).toHaveLength(1)
      expect((await client.post('/upload', adapter === 'http' ? Readable.from([bytes]) : 'x')).status).toBe(200)
    })

    test('a stream waits for a refresh that is known to be needed, and is then sent whole', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.expireToken()
      const bytes = Buffer.from(binary)
      const data = adapter === 'http' ? Readable.from([bytes]) : new Blob([bytes]).stream()
      expect((await client.post('/upload', data)).status).toBe(200)
      expect(stage.net.requests.map(({ body }) => body.equals(bytes))).toEqual([true])
    })
  }

  test('the repeat keeps the configuration of its instance, and takes nothing from the global axios', async () => {
    const stage = await setStage()
    const client = createClient(stage, adapter, { headers: { 'X-Instance': 'yes' }, withCredentials: false })
    client.interceptors.response.use((response) => response.data)
    axios.defaults.headers.common['X-Global'] = 'leak'
    const id = axios.interceptors.request.use((config) => {
      config.headers.set('X-Interceptor', 'leak')
      return config
    })
    try {
      stage.revokeTokens()
      stage.net.route('/thing', () => json({ id: 7 }))
      expect(await client.get('/thing')).toEqual({ id: 7 })
      for (const { headers } of stage.net.requests) {
        expect(headers['x-instance']).toBe('yes')
        expect(headers['x-global']).toBeUndefined()
        expect(headers['x-interceptor']).toBeUndefined()
      }
    } finally {
      delete axios.defaults.headers.common['X-Global']
      axios.interceptors.request.eject(id)
    }
  })

  test('what the app sees of a request has no token in it, before and after a repeat', async () => {
    const stage = await setStage()
    const client = createClient(stage, adapter)
    stage.revokeTokens()
    const { config } = await client.post('/thing', { a: 1 })
    expect(config.headers).toBeInstanceOf(AxiosHeaders)
    expect(config.headers.has('Authorization')).toBe(false)
    expect(config).toMatchObject({ url: '/thing', method: 'post', data: '{"a":1}', adapter })
    // A response's config can be sent again, as retry libraries do.
    expect((await client.request(config)).status).toBe(200)
    expect(stage.net.requests.at(-1)?.body.toString()).toBe('{"a":1}')
    expect(stage.server.refreshes).toHaveLength(1)
  })
}
