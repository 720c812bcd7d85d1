import { Readable } from 'node:stream'
import axios, { type AxiosAdapter, AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { attachAuth } from 'keyturn/axios'
import { describe, expect, test, vi } from 'vitest'
import { signedIn } from '../core/world.ts'
import { failureOf } from './client.ts'

const API = 'https://api.example.test'

/** An answer as an adapter of a mocking library may give it: with what it says, and no more. */
const answer = (config: InternalAxiosRequestConfig, status: number, data: unknown): AxiosResponse => ({
  data,
  status,
  statusText: '',
  headers: {},
  config,
})

const refuse = (config: InternalAxiosRequestConfig, status: number, data: unknown) => {
  throw new AxiosError('no', AxiosError.ERR_BAD_REQUEST, config, undefined, answer(config, status, data))
}

async function attached(adapter: AxiosAdapter) {
  const { auth, server } = await signedIn()
  const client = axios.create({ baseURL: API, adapter, transformResponse: (data) => data })
  attachAuth(client, auth)
  return { client, server, auth }
}

describe('the body of a 401 that nobody sees', () => {
  const cured = async (body: unknown) => {
    let sends = 0
    const { client } = await attached(async (config) =>
      sends++ ? answer(config, 200, 'ok') : refuse(config, 401, body),
    )
    expect((await client.get('/a')).data).toBe('ok')
    expect(sends).toBe(2)
  }

  test('a stream of Node is destroyed', async () => {
    const body = Readable.from(['never read'])
    await cured(body)
    expect(body.destroyed).toBe(true)
  })

  test('a web stream is cancelled, and that it had broken already rejects nothing', async () => {
    const body = { cancel: vi.fn(() => Promise.reject(new TypeError('broken'))) }
    await cured(body)
    expect(body.cancel).toHaveBeenCalledTimes(1)
    expect(body.cancel.mock.contexts[0]).toBe(body)
  })

  test('a body that is let go without an answer', async () => {
    const body = { cancel: vi.fn() }
    await cured(body)
    expect(body.cancel).toHaveBeenCalledTimes(1)
  })

  test.each([
    ['none', undefined],
    ['null', null],
    ['text', 'no'],
    ['an object', { detail: 'no' }],
  ])('%s is nothing to let go of', async (_, body) => {
    await cured(body)
  })
})

describe('what the app sees of an answer is all of it', () => {
  test.each([
    ['an object', { id: 1 }],
    ['a stream', Readable.from(['x'])],
  ])('with %s as body', async (_, data) => {
    const { client } = await attached(async (config) => answer(config, 200, data))
    const response = await client.get('/a')
    expect({ ...response }).toMatchObject({ status: 200, data })
    expect(response.data).toBe(data)
  })

  test.each([
    ['an object', { detail: 'no' }],
    ['null', null],
    ['nothing', undefined],
  ])('when it is an error with %s as body', async (_, data) => {
    const { client } = await attached(async (config) => refuse(config, 500, data))
    const { response } = await failureOf(client.get('/a'))
    expect(Object.keys(response ?? {})).toContain('data')
    expect({ ...response }).toMatchObject({ status: 500, data })
  })

  test('and nothing more: where there was no request object, there is none', async () => {
    const { client } = await attached(async (config) => refuse(config, 500, ''))
    const failure = await failureOf(client.get('/a'))
    expect('request' in failure).toBe(false)
    expect('request' in (failure.response ?? {})).toBe(false)
  })
})

test('a cancelToken that many requests share keeps no listener of theirs', async () => {
  const { client } = await attached(async (config) => answer(config, 200, 'ok'))
  const { token } = axios.CancelToken.source()
  const subscribe = vi.spyOn(token, 'subscribe')
  const unsubscribe = vi.spyOn(token, 'unsubscribe')
  for (let count = 0; count < 3; count++) await client.get('/a', { cancelToken: token })
  expect(subscribe).toHaveBeenCalledTimes(3)
  expect(unsubscribe.mock.calls).toEqual(subscribe.mock.calls)
})

test('a request without an address goes to the baseURL, with the token', async () => {
  const seen: boolean[] = []
  const { client } = await attached(async (config) => {
    seen.push(config.headers.has('Authorization'))
    return answer(config, 200, 'ok')
  })
  await client.request({})
  await client.request({ baseURL: 'https://evil.example' })
  expect(seen).toEqual([true, false])
})
