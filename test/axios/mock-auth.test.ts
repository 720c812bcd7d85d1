import axios from 'axios'
import { type Auth, createAuth, memoryStorage, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'
import { createFakeBrowser, createFakeClock, createMockAuth } from 'keyturn/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { failureOf, times } from './client.ts'

const credentials = { email: 'ada@example.test', password: 'correct-horse' }

/** The whole kit against the mock auth server and its API: strict one-time refresh tokens. */
function open() {
  const clock = createFakeClock()
  const mock = createMockAuth({ clock, origin: 'https://app.example.test' })
  const { ports } = createFakeBrowser({ clock, fetch: mock.fetch }).openTab()
  const auth = createAuth({ backend: restBackend({ baseUrl: '/api' }), storage: memoryStorage(), ports })
  const api = axios.create({ baseURL: 'https://app.example.test/api', adapter: 'fetch', env: { fetch: mock.fetch } })
  attachAuth(api, auth as Auth)
  onTestFinished(auth.dispose)
  return { clock, mock, auth, api }
}

async function signedIn() {
  const world = open()
  await world.auth.signIn(credentials)
  return world
}

describe('against the mock auth server', () => {
  test('ten parallel 401s cause one refresh, and the session lives on a strict server', async () => {
    const { mock, api } = await signedIn()
    mock.admin.expireAccessTokens()
    const answers = await Promise.all(times(10, (i) => api.post(`/echo/${i}`, { i })))
    expect(answers.map(({ data }) => data.body)).toEqual(times(10, (i) => `{"i":${i}}`))
    expect(mock.count('refresh')).toBe(1)
    expect(mock.count('api')).toBe(20)
    expect(mock.admin.sessions().map(({ live }) => live)).toEqual([true])
  })

  test('a refresh that answers 503 twice and then 200 is not noticed by the request', async () => {
    const { mock, api, clock, auth } = await signedIn()
    mock.admin.expireAccessTokens()
    mock.faults.next('refresh', { type: 'status', status: 503 }, 2)
    const request = api.get('/echo')
    await clock.advance(10_000)
    expect((await request).status).toBe(200)
    expect(mock.count('refresh')).toBe(3)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })

  test('a wrong password says so, refreshes nothing and changes nothing', async () => {
    const { mock, auth } = open()
    await expect(auth.signIn({ ...credentials, password: 'wrong' })).rejects.toMatchObject({
      code: 'credentials_rejected',
      message: 'Invalid email or password',
      status: 401,
    })
    expect(mock.count('refresh')).toBe(0)
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'none' })
  })

  test('a sign-in sent through the attached instance keeps its 401 and its message', async () => {
    const { mock, api } = open()
    const failure = await failureOf(api.post('/auth/login', { ...credentials, password: 'wrong' }))
    expect(failure.response).toMatchObject({ status: 401, data: { detail: 'Invalid email or password' } })
    expect(failure.cause).toBeUndefined()
    expect(mock.count('refresh')).toBe(0)
  })

  test('an endpoint that always answers 401', async () => {
    const { mock, api, auth } = await signedIn()
    const failures = await Promise.all(times(20, () => failureOf(api.get('/always-401'))))
    for (const failure of failures) expect(failure).toMatchObject({ cause: { code: 'token_refused' } })
    expect(mock.count('refresh')).toBe(1)
    expect(auth.getState().status).toBe('authenticated')
  })

  test('an endpoint that answers 403 insufficient_scope', async () => {
    const { mock, api } = await signedIn()
    expect(await failureOf(api.get('/forbidden'))).toMatchObject({ response: { status: 403 } })
    expect(mock.count('refresh')).toBe(0)
  })

  test('skipAuth shows no token to a public endpoint', async () => {
    const { api } = await signedIn()
    expect((await api.get('/public')).data).toEqual({ authorization: true })
    expect((await api.get('/public', { skipAuth: true })).data).toEqual({ authorization: false })
  })
})
