import type { Readable } from 'node:stream'
import axios from 'axios'
import { attachAuth } from 'keyturn/axios'
import { describe, expect, test } from 'vitest'
import { json, unauthorized } from '../http/api-server.ts'
import { latch, setStage } from '../http/stage.ts'
import { type AdapterName, createClient, failureOf } from './client.ts'

/** The one final answer, and who sees it. */
export function answerCases(adapter: AdapterName): void {
  test.each([
    ['null', null],
    ['0', 0],
    ['false', false],
    ['""', ''],
  ])('a repeated answer of %s is returned as it is', async (body, data) => {
    const stage = await setStage()
    const client = createClient(stage, adapter)
    stage.revokeTokens()
    stage.net.route('/value', () => ({ status: 200, headers: { 'Content-Type': 'application/json' }, body }))
    expect((await client.get('/value')).data).toBe(data)
    expect(stage.net.requests).toHaveLength(2)
  })

  test('an answer without a body', async () => {
    const stage = await setStage()
    const client = createClient(stage, adapter)
    stage.revokeTokens()
    stage.net.route('/none', () => ({ status: 204 }))
    expect(await client.delete('/none')).toMatchObject({ status: 204, data: '' })
  })

  describe('interceptors', () => {
    test.each(['before attachAuth', 'after it'])(
      'registered %s, those of requests run once and those of responses see one answer',
      async (when) => {
        const stage = await setStage()
        const client = axios.create({ baseURL: stage.net.origin, adapter })
        const log: string[] = []
        const register = () => {
          client.interceptors.request.use((config) => {
            log.push('request')
            config.headers.set('X-Count', String(log.length))
            return config
          })
          client.interceptors.response.use(
            (response) => {
              log.push(`response ${response.status}`)
              return response.data
            },
            (error) => {
              log.push('error')
              throw error
            },
          )
        }
        if (when !== 'after it') register()
        attachAuth(client, stage.auth)
        if (when === 'after it') register()
        stage.revokeTokens()
        stage.net.route('/thing', () => json({ data: { id: 1 } }))
        expect(await client.get('/thing')).toEqual({ data: { id: 1 } })
        expect(log).toEqual(['request', 'response 200'])
        expect(stage.net.requests.map(({ headers }) => headers['x-count'])).toEqual(['1', '1'])
      },
    )

    test('a final 401 is seen once, with its cause', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      const seen: unknown[] = []
      client.interceptors.response.use(undefined, (error) => {
        seen.push(error.cause?.code)
        throw error
      })
      stage.net.route('/always', () => unauthorized(), { open: true })
      await failureOf(client.get('/always'))
      expect(seen).toEqual(['token_refused'])
    })
  })

  test('a validateStatus that accepts 401 does not stop the refresh', async () => {
    const stage = await setStage()
    const client = createClient(stage, adapter, { validateStatus: () => true })
    stage.revokeTokens()
    expect((await client.get('/item')).status).toBe(200)
    expect(stage.server.refreshes).toHaveLength(1)
  })

  test('with a validateStatus that accepts 401, a hopeless 401 resolves', async () => {
    const stage = await setStage()
    const client = createClient(stage, adapter, { validateStatus: () => true })
    stage.net.route('/always', () => unauthorized(), { open: true })
    expect(await client.get('/always')).toMatchObject({ status: 401, data: { detail: 'Token expired' } })
    expect(await client.get('/always')).toMatchObject({ status: 401 })
    expect(stage.server.refreshes).toHaveLength(1)
  })

  test('responseType text', async () => {
    const stage = await setStage()
    const client = createClient(stage, adapter)
    stage.revokeTokens()
    stage.net.route('/text', () => ({ body: '{"a":1}' }))
    const { data } = await client.get('/text', { responseType: 'text', transformResponse: (text) => text })
    expect(data).toBe('{"a":1}')
  })

  test('responseType arraybuffer', async () => {
    const stage = await setStage()
    const client = createClient(stage, adapter)
    stage.revokeTokens()
    stage.net.route('/bytes', () => ({ body: Buffer.from([0, 255, 128, 1]) }))
    const { data } = await client.get('/bytes', { responseType: 'arraybuffer' })
    expect([...new Uint8Array(data)]).toEqual([0, 255, 128, 1])
  })

  if (adapter !== 'xhr') {
    test('responseType stream: the 401 that nobody sees is let go, the repeat streams', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.revokeTokens()
      const { accepts } = stage.net
      const freed = latch()
      stage.net.route(
        '/stream',
        ({ token }, response) => {
          if (accepts(token)) return { body: 'streamed' }
          // A body that never ends holds its connection until somebody lets go.
          response.on('close', () => freed.open())
          response.writeHead(401).write('more to come')
          return undefined
        },
        { open: true },
      )
      const { data } = await client.get<Readable>('/stream', { responseType: 'stream' })
      let text = ''
      for await (const chunk of data) text += Buffer.from(chunk)
      expect(text).toBe('streamed')
      await freed.wait
      expect(stage.net.requests).toHaveLength(2)
    })

    test('responseType stream: a 401 whose connection broke while the refresh was under way does no harm', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.revokeTokens()
      const { accepts } = stage.net
      let destroy = () => {}
      stage.net.route(
        '/stream',
        ({ token }, response) => {
          if (accepts(token)) return { body: 'streamed' }
          response.writeHead(401, { 'Content-Length': '100' }).write('half')
          destroy = () => response.destroy()
          return undefined
        },
        { open: true },
      )
      const hold = stage.holdRefresh()
      const request = client.get('/stream', { responseType: 'stream' })
      await hold.begun
      destroy()
      await stage.clock.flush()
      await new Promise(setImmediate)
      hold.release()
      expect((await request).status).toBe(200)
    })

    test('responseType stream: a final 401 can be read', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.net.route('/always', () => unauthorized(), { open: true })
      const failure = await failureOf(client.get('/always', { responseType: 'stream' }))
      const body = failure.response?.data as Readable
      let text = ''
      for await (const chunk of body) text += Buffer.from(chunk)
      expect(text).toBe('{"detail":"Token expired"}')
    })
  }

  test('progress callbacks tell of the repeat too, to its end', async () => {
    const stage = await setStage()
    const client = createClient(stage, adapter)
    stage.revokeTokens()
    const body = 'x'.repeat(200_000)
    stage.net.route('/file', () => ({ headers: { 'Content-Length': String(body.length) }, body }))
    const up: number[] = []
    const down: number[] = []
    await client.post('/file', adapter === 'fetch' ? new Blob([body]) : body, {
      onUploadProgress: ({ loaded }) => up.push(loaded),
      onDownloadProgress: ({ loaded }) => down.push(loaded),
    })
    expect(up.at(-1)).toBe(body.length)
    expect(down.at(-1)).toBe(body.length)
    expect(stage.net.requests.map((seen) => seen.body.length)).toEqual([body.length, body.length])
  })
}
