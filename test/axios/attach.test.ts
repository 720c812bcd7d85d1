import { Readable } from 'node:stream'
import axios, { type AxiosAdapter, AxiosError, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios'
import { type Auth, AuthError, memoryStorage } from 'keyturn'
import { attachAuth } from 'keyturn/axios'
import { describe, expect, test, vi } from 'vitest'
import { createWorld, MINUTE, signedIn } from '../core/world.ts'
import { setStage } from '../http/stage.ts'
import { createClient, failureOf, times } from './client.ts'

const API = 'https://api.example.test'

const ok = (config: InternalAxiosRequestConfig, data: unknown = '') => ({
  data,
  status: 200,
  statusText: 'OK',
  headers: {},
  config,
})

/** An adapter of a mocking library: a function, here one that remembers what it got. */
function recorder() {
  const seen: InternalAxiosRequestConfig[] = []
  const adapter: AxiosAdapter = async (config) => {
    seen.push(config)
    return ok(config)
  }
  const bearers = () => seen.map(({ headers }) => headers.has('Authorization'))
  return { adapter, seen, bearers }
}

describe('attaching', () => {
  test('requests carry the token, and detach() makes them go bare again', async () => {
    const { auth } = await signedIn()
    const { adapter, bearers } = recorder()
    const client = axios.create({ baseURL: API, adapter })
    const detach = attachAuth(client, auth)
    await client.get('/a')
    detach()
    await client.get('/b')
    expect(bearers()).toEqual([true, false])
  })

  test('after detach() the instance can be attached again, to another session too', async () => {
    const first = await signedIn()
    const second = await signedIn()
    const { adapter, bearers } = recorder()
    const client = axios.create({ baseURL: API, adapter })
    attachAuth(client, first.auth)()
    let told = 0
    second.auth.on('diagnostic', () => told++)
    await first.auth.signOut()
    attachAuth(client, second.auth)
    await client.get('/a')
    expect(bearers()).toEqual([true])
    expect(told).toBe(0)
  })

  describe('an instance that is attached again, as after a hot reload', () => {
    const attachTwice = async () => {
      const worlds = [await signedIn(), await signedIn()] as const
      const told: string[][] = worlds.map(() => [])
      for (const [index, { auth }] of worlds.entries())
        auth.on('diagnostic', ({ error }) => told[index]?.push(error.message))
      const record = recorder()
      const client = axios.create({ baseURL: API, adapter: record.adapter })
      const detach = worlds.map(({ auth }) => attachAuth(client, auth))
      return { worlds, told, client, detach, ...record }
    }

    test('has the second session and no longer the first', async () => {
      const { worlds, client, seen } = await attachTwice()
      await worlds[0].auth.signOut()
      await client.get('/a')
      expect(seen).toHaveLength(1)
      expect(seen[0]?.headers.get('Authorization')).toBe(`Bearer ${await worlds[1].auth.getAccessToken()}`)
    })

    test('says so by a diagnostic, whichever of the two is listened to', async () => {
      const { told } = await attachTwice()
      expect(told).toEqual([[expect.stringContaining('attachAuth')], [expect.stringContaining('attachAuth')]])
    })

    test('is not detached by what the first call returned', async () => {
      const { client, detach, bearers } = await attachTwice()
      detach[0]?.()
      await client.get('/a')
      detach[1]?.()
      await client.get('/a')
      expect(bearers()).toEqual([true, false])
    })

    test('by the same session takes over the new options, with one diagnostic', async () => {
      const { auth } = await signedIn()
      let count = 0
      auth.on('diagnostic', () => count++)
      const { adapter, seen } = recorder()
      const client = axios.create({ baseURL: API, adapter })
      attachAuth(client, auth)
      attachAuth(client, auth, { scheme: 'JWT' })
      await client.get('/a')
      expect(seen.map(({ headers }) => String(headers.Authorization).split(' ')[0])).toEqual(['JWT'])
      expect(count).toBe(1)
    })

    test('has no part in what the first one has under way', async () => {
      const first = await signedIn()
      const second = await signedIn()
      const { adapter, seen } = recorder()
      const client = axios.create({ baseURL: API, adapter })
      attachAuth(client, first.auth)
      const request = client.get('/a')
      attachAuth(client, second.auth)
      await request
      expect(seen).toHaveLength(1)
      expect(seen[0]?.headers.get('Authorization')).toBe(`Bearer ${await first.auth.getAccessToken()}`)
    })

    test('by a refused call keeps the session that it has', async () => {
      const { auth } = await signedIn()
      const { adapter, bearers } = recorder()
      const client = axios.create({ baseURL: API, adapter })
      attachAuth(client, auth)
      expect(() => attachAuth(client, auth, { origins: ['*'] })).toThrow(AuthError)
      await client.get('/a')
      expect(bearers()).toEqual([true])
    })
  })

  test('an error of somebody else that is named AuthError reaches the caller as it is', async () => {
    const { auth } = await signedIn()
    const foreign = Object.assign(new Error('of another library'), { name: 'AuthError', code: 'rejected' })
    const client = axios.create({ baseURL: API, adapter: () => Promise.reject(foreign) })
    attachAuth(client, auth)
    expect(await failureOf(client.get('/a'))).toBe(foreign)
  })

  test.each([
    ['no instance', undefined],
    ['an object', {}],
    ['null', null],
  ])('%s in place of an axios instance is refused', async (_, instance) => {
    const { auth } = await signedIn()
    expect(() => attachAuth(instance as AxiosInstance, auth)).toThrow(/attachAuth: the first argument/)
  })

  test.each([
    ['nothing', undefined],
    ['a token', 'eyJ'],
    ['an object', {}],
  ])('%s in place of the session is refused', (_, auth) => {
    const client = axios.create()
    expect(() => attachAuth(client, auth as Auth)).toThrow(/attachAuth: the second argument/)
  })

  test('the global axios can be attached', async () => {
    const { auth } = await signedIn()
    const { adapter, bearers } = recorder()
    const detach = attachAuth(axios, auth)
    await axios.get('/a', { adapter })
    detach()
    await axios.get('/a', { adapter })
    expect(bearers()).toEqual([true, false])
  })

  test('a request waits for the session to be restored from a slow storage', async () => {
    const { server, open, browser } = createWorld()
    await open().auth.signIn({})
    const stored = browser.stored()
    let answer: () => void = () => {}
    const slow = new Promise<void>((resolve) => {
      answer = resolve
    })
    const storage = { ...memoryStorage(), read: () => slow.then(() => stored) }
    const { auth } = open({ storage })
    const { adapter, seen, bearers } = recorder()
    const client = axios.create({ baseURL: API, adapter })
    attachAuth(client, auth)
    const request = client.get('/a')
    await Promise.resolve()
    expect(seen).toHaveLength(0)
    answer()
    await request
    expect(bearers()).toEqual([true])
    expect(server.refreshes).toHaveLength(0)
  })

  test('a request that waits for a slow storage is not sent as somebody who signs in meanwhile', async () => {
    const { open, clock } = createWorld()
    let answer: (nothing: null) => void = () => {}
    const slow = new Promise<null>((resolve) => {
      answer = resolve
    })
    const { auth } = open({ storage: { ...memoryStorage(), read: () => slow } })
    const { adapter, seen } = recorder()
    const client = axios.create({ baseURL: API, adapter })
    attachAuth(client, auth)
    const request = failureOf(client.get('/a'))
    const signIn = auth.signIn({})
    // It waits a moment for what the storage has to say.
    await clock.advance(1_000)
    await signIn
    answer(null)
    expect(await request).toMatchObject({ code: 'ERR_AUTH_SESSION_CHANGED' })
    expect(seen).toHaveLength(0)
  })

  test('a token that is due but not expired is used at once, and renewed beside the request', async () => {
    const { auth, clock, server } = await signedIn()
    const { adapter, bearers } = recorder()
    const client = axios.create({ baseURL: API, adapter })
    attachAuth(client, auth)
    clock.jump(57 * MINUTE)
    await client.get('/a')
    await clock.flush()
    expect(bearers()).toEqual([true])
    expect(server.refreshes).toHaveLength(1)
  })
})

describe('adapters', () => {
  test.each(['before', 'after'])(
    'a mocking adapter put on the instance %s attachAuth is the one that is used',
    async (when) => {
      const { auth } = await signedIn()
      const { adapter, bearers, seen } = recorder()
      const client = axios.create({ baseURL: API })
      if (when === 'before') client.defaults.adapter = adapter
      attachAuth(client, auth)
      if (when === 'after') client.defaults.adapter = adapter
      const { config } = await client.get('/a')
      expect(bearers()).toEqual([true])
      expect(seen[0]?.adapter).toBe(adapter)
      expect(config.adapter).toBe(adapter)
      expect(config.headers.has('Authorization')).toBe(false)
    },
  )

  test('a mocking adapter that answers 401 gets the request a second time', async () => {
    const { auth, server } = await signedIn()
    const seen: unknown[] = []
    const client = axios.create({
      baseURL: API,
      adapter: async (config) => {
        seen.push(config.data)
        if (seen.length > 1) return ok(config, '{"id":1}')
        const response = { ...ok(config), status: 401 }
        throw new AxiosError('no', AxiosError.ERR_BAD_REQUEST, config, null, response)
      },
    })
    attachAuth(client, auth)
    expect((await client.put('/a', { n: 1 })).data).toEqual({ id: 1 })
    expect(seen).toEqual(['{"n":1}', '{"n":1}'])
    expect(server.refreshes).toHaveLength(1)
  })

  test('a config that has been through the kit can be sent again, and the adapter is not wrapped twice', async () => {
    const { auth } = await signedIn()
    const { adapter, seen, bearers } = recorder()
    const client = axios.create({ baseURL: API, adapter })
    attachAuth(client, auth)
    // Retry libraries keep the config of a request, here from before attachAuth saw it.
    let held: InternalAxiosRequestConfig | undefined
    client.interceptors.request.use((config) => {
      held = config
      return config
    })
    await client.get('/a')
    const { config } = await client.request({ ...held })
    expect(config.adapter).toBe(adapter)
    expect(seen.map((sent) => sent.adapter === adapter)).toEqual([true, true])
    expect(bearers()).toEqual([true, true])
  })

  test('a list of adapters is tried in its order', async () => {
    const stage = await setStage()
    const client = createClient(stage, 'http', { adapter: ['xhr', 'http', 'fetch'] })
    expect((await client.get('/a')).status).toBe(200)
  })

  test('an adapter that does not exist is an error, as without the kit', async () => {
    const { auth } = await signedIn()
    const bare = axios.create({ baseURL: API, adapter: 'carrier-pigeon' as 'http' })
    const client = axios.create({ baseURL: API, adapter: 'carrier-pigeon' as 'http' })
    attachAuth(client, auth)
    const [expected, failure] = await Promise.all([failureOf(bare.get('/a')), failureOf(client.get('/a'))])
    expect([failure.code, failure.message]).toEqual([expected.code, expected.message])
  })

  test.each([
    ['an error', new Error('boom')],
    ['an AxiosError without config and response', new AxiosError('boom')],
    ['a frozen object', Object.freeze({ message: 'boom' })],
    ['text', 'boom'],
    ['nothing', undefined],
    ['null', null],
  ])('%s thrown by an adapter reaches the caller as it is', async (_, thrown) => {
    const { auth, server } = await signedIn()
    const client = axios.create({ baseURL: API, adapter: () => Promise.reject(thrown) })
    attachAuth(client, auth)
    expect(await failureOf(client.get('/a'))).toBe(thrown)
    expect(server.refreshes).toHaveLength(0)
  })

  test('an adapter that throws at once, and one that answers without headers or request', async () => {
    const { auth } = await signedIn()
    const client = axios.create({ baseURL: API })
    attachAuth(client, auth)
    const adapter = () => {
      throw new TypeError('at once')
    }
    expect(await failureOf(client.get('/a', { adapter }))).toMatchObject({ name: 'TypeError', message: 'at once' })
    const odd = async (config: InternalAxiosRequestConfig) => ({ status: 200, config }) as never
    expect(await client.get('/a', { adapter: odd })).toMatchObject({ status: 200 })
  })

  test('with a fresh token the request reaches the adapter in the same tick, as in bare axios', async () => {
    const { auth } = await signedIn()
    const bare = recorder()
    const attached = recorder()
    const client = axios.create({ baseURL: API, adapter: attached.adapter })
    attachAuth(client, auth)
    const requests = [axios.create({ baseURL: API, adapter: bare.adapter }).get('/a'), client.get('/a')]
    expect([bare.seen.length, attached.seen.length]).toEqual([1, 1])
    await Promise.all(requests)
  })
})

describe('bodies that axios makes in Node', () => {
  test('an object sent as multipart is a form-data stream there, which is not repeated', async () => {
    const stage = await setStage()
    const client = createClient(stage, 'http')
    stage.revokeTokens()
    const failure = await failureOf(client.postForm('/upload', { a: 1 }))
    expect(failure).toMatchObject({ response: { status: 401 }, cause: { code: 'not_repeatable' } })
    expect((await client.postForm('/upload', { a: 1 })).status).toBe(200)
  })

  test('a stream whose 401 comes with a refresh that fails', async () => {
    const stage = await setStage()
    const client = createClient(stage, 'http')
    stage.revokeTokens()
    stage.server.alive = false
    const request = failureOf(client.post('/upload', Readable.from(['x'])))
    // The answer takes its way back in real time; then the clock may go on.
    await vi.waitFor(() => expect(stage.server.refreshes).toHaveLength(1), { timeout: 20_000 })
    await stage.clock.advance(5_000)
    expect(await request).toMatchObject({ response: { status: 401 }, cause: { code: 'rejected' } })
  })
})

test('requests of two sessions at once do not mix', async () => {
  const worlds = await Promise.all(times(2, () => signedIn()))
  const clients = worlds.map(({ auth }) => {
    const record = recorder()
    const client = axios.create({ baseURL: API, adapter: record.adapter })
    attachAuth(client, auth)
    return { client, ...record }
  })
  await worlds[0]?.auth.signOut()
  await Promise.all(clients.map(({ client }) => client.get('/a')))
  expect(clients.map(({ bearers }) => bearers())).toEqual([[false], [true]])
})
