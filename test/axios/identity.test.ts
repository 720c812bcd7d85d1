import axios, { type AxiosError, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios'
import axiosRetry from 'axios-retry'
import { attachAuth } from 'keyturn/axios'
import { describe, expect, test } from 'vitest'
import { fakeEngine } from '../http/fake-engine.ts'
import { setStage } from '../http/stage.ts'
import { createClient, failureOf } from './client.ts'

const ok = (config: InternalAxiosRequestConfig) => ({ data: '', status: 200, statusText: 'OK', headers: {}, config })

describe('the identity of a request travels in its config', () => {
  test('the engine tells it before the first sending, and response.config has it', async () => {
    const engine = fakeEngine()
    const client = axios.create({ baseURL: 'https://api.test', adapter: async (config) => ok(config) })
    attachAuth(client, engine)
    const { config } = await client.get('/a')
    expect(config.authIdentity).toBe('ada 1')
    expect(engine.exchanges[0]?.identity).toBeUndefined()
  })

  test.each<[string, (client: AxiosInstance, config: InternalAxiosRequestConfig) => Promise<unknown>]>([
    ['as it is', (client, config) => client.request(config)],
    ['through the instance as a function', (client, config) => client(config)],
    ['copied', (client, config) => client.request({ ...config })],
    ['merged', (client, config) => client.request(axios.mergeConfig({ timeout: 5 }, config))],
    ['merged under other settings', (client, config) => client.request(axios.mergeConfig(config, { timeout: 5 }))],
    [
      'with another method',
      (client, { url, authIdentity }) => client.post(url as string, {}, { authIdentity } as object),
    ],
  ])('and is handed back when the config is sent again: %s', async (_, again) => {
    const engine = fakeEngine()
    const client = axios.create({ baseURL: 'https://api.test', adapter: async (config) => ok(config) })
    attachAuth(client, engine)
    const { config } = await client.get('/a')
    await again(client, { ...config, adapter: client.defaults.adapter } as InternalAxiosRequestConfig).catch(() => {})
    expect(engine.exchanges.map(({ identity }) => identity)).toEqual([undefined, 'ada 1'])
  })

  test('error.config has it, whatever went wrong', async () => {
    const client = axios.create({
      baseURL: 'https://api.test',
      adapter: async (config) => {
        if (config.url === '/network') throw new axios.AxiosError('Network Error', 'ERR_NETWORK', config)
        throw new axios.AxiosError('no', 'ERR_BAD_RESPONSE', config, null, { ...ok(config), status: 503 })
      },
    })
    attachAuth(client, fakeEngine())
    for (const path of ['/network', '/answer']) {
      expect((await failureOf(client.get(path))).config).toMatchObject({ authIdentity: 'ada 1' })
    }
  })

  test('a request that waited in vain carries it as well', async () => {
    const { auth, server } = await setStage()
    const client = axios.create({ baseURL: 'https://app.example.test', adapter: async (config) => ok(config) })
    attachAuth(client, auth)
    const first = await client.get('/a')
    server.subject = 'grace'
    await auth.signIn({})
    const failure = await failureOf(client.request(first.config))
    expect(failure.code).toBe('ERR_AUTH_SESSION_CHANGED')
    expect(failure.config?.authIdentity).toBe(first.config.authIdentity)
  })

  test('a queue that got hold of the config in a request interceptor has it too', async () => {
    const engine = fakeEngine()
    const client = axios.create({ baseURL: 'https://api.test', adapter: async (config) => ok(config) })
    const held: InternalAxiosRequestConfig[] = []
    const hold = (config: InternalAxiosRequestConfig) => {
      held.push(config)
      return config
    }
    client.interceptors.request.use(hold)
    attachAuth(client, engine)
    client.interceptors.request.use(hold)
    await client.get('/a')
    expect(held.map(({ authIdentity }) => authIdentity)).toEqual(['ada 1', 'ada 1'])
  })

  test('who deletes it sends for whoever is signed in', async () => {
    const engine = fakeEngine()
    const client = axios.create({ baseURL: 'https://api.test', adapter: async (config) => ok(config) })
    attachAuth(client, engine)
    const { config } = await client.get('/a')
    await client.request({ ...config, authIdentity: undefined } as object)
    expect(engine.exchanges[1]?.identity).toBeUndefined()
  })

  test('a template that the app sends again and again stays as it is', async () => {
    const engine = fakeEngine()
    const client = axios.create({ baseURL: 'https://api.test', adapter: async (config) => ok(config) })
    attachAuth(client, engine)
    const template = { url: '/a', headers: { 'X-App': '1' } }
    await client.request(template)
    await client.request(template)
    expect(template).toEqual({ url: '/a', headers: { 'X-App': '1' } })
    expect(engine.exchanges.map(({ identity }) => identity)).toEqual([undefined, undefined])
  })

  test('it holds no token', async () => {
    const { auth } = await setStage()
    const client = axios.create({ baseURL: 'https://app.example.test', adapter: async (config) => ok(config) })
    attachAuth(client, auth)
    const { config } = await client.get('/a')
    const token = await auth.getAccessToken()
    expect(config.authIdentity).toEqual(expect.any(String))
    for (const part of String(token).split('.')) expect(config.authIdentity).not.toContain(part)
  })
})

/** Ada's POST waits for a refresh that hangs; then Grace signs in. */
async function graceTakesOver(prepare: (client: AxiosInstance) => void) {
  const stage = await setStage()
  const client = createClient(stage, 'http')
  prepare(client)
  stage.expireToken()
  const hold = stage.holdRefresh()
  const request = failureOf(client.post('/orders', { of: 'Ada' }))
  await hold.begun
  stage.server.subject = 'grace'
  await stage.auth.signIn({})
  hold.release()
  const failure = await request
  return { ...stage, failure, client }
}

/** Sends again by itself whatever failed without an answer, as many apps do by hand. */
const resend = (client: AxiosInstance) => {
  client.interceptors.response.use(undefined, (error: AxiosError & { config: { again?: boolean } }) => {
    if (error.response || error.config.again) throw error
    error.config.again = true
    return client(error.config)
  })
}

/** Keeps what failed, and sends it when the app says so. */
const queue = (kept: (() => Promise<unknown>)[]) => (client: AxiosInstance) => {
  client.interceptors.response.use(undefined, (error: AxiosError) => {
    if (error.config) {
      const { config } = error
      kept.push(() => client.request(config))
    }
    throw error
  })
}

describe('who sends a request again does not send it as somebody else', () => {
  test('axios-retry', async () => {
    const retry = (client: AxiosInstance) => axiosRetry(client, { retries: 3, retryCondition: () => true })
    const { net, failure } = await graceTakesOver(retry)
    expect(failure).toMatchObject({ code: 'ERR_AUTH_SESSION_CHANGED', cause: { code: 'session_changed' } })
    expect(net.requests).toHaveLength(0)
  })

  test('an interceptor that calls api(error.config)', async () => {
    const { net, failure } = await graceTakesOver(resend)
    expect(failure.code).toBe('ERR_AUTH_SESSION_CHANGED')
    expect(net.requests).toHaveLength(0)
  })

  test('a queue, as long afterwards as it likes', async () => {
    const kept: (() => Promise<unknown>)[] = []
    const { net, client } = await graceTakesOver(queue(kept))
    expect(kept).toHaveLength(1)
    expect((await failureOf(kept[0]?.() ?? Promise.resolve())).code).toBe('ERR_AUTH_SESSION_CHANGED')
    expect(net.requests).toHaveLength(0)
    // A new request is hers.
    expect((await client.post('/orders')).status).toBe(200)
  })

  test('a passing failure of the server is cured by axios-retry, with the token of then', async () => {
    const stage = await setStage()
    const client = createClient(stage, 'http')
    axiosRetry(client, { retries: 2 })
    let count = 0
    stage.net.route('/flaky', () => ({ status: count++ ? 200 : 503 }))
    expect((await client.get('/flaky')).status).toBe(200)
    expect(stage.net.to('/flaky').map(({ token }) => token !== null)).toEqual([true, true])
  })
})
