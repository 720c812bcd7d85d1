import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createDemoBackend, type DemoBackend } from '../../demo/server/demo-server.ts'
import { createMockAuth } from '../../src/testing/auth-server/index.ts'

const started: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const stop of started.splice(0)) await stop()
})

async function backend(options: Parameters<typeof createDemoBackend>[0] = {}): Promise<DemoBackend> {
  const made = await createDemoBackend({ project: null, ...options })
  started.push(made.close)
  return made
}

/** Serves the middleware as Vite would, and answers the rest itself. */
async function serve({ middleware }: DemoBackend): Promise<string> {
  const server = createServer((request, response) => {
    middleware(request, response, () => response.end('the app'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  started.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function send(base: DemoBackend, method: string, path: string, body?: unknown, token?: string) {
  const response = await base.handle(
    new Request(`http://app.test/api${path}`, {
      method,
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  )
  const text = await response.text()
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as any, headers: response.headers }
}

const ada = { email: 'ada@example.test', password: 'correct-horse' }
const grace = { email: 'grace@example.test', password: 'battery-staple' }

test('over real HTTP: both demo users sign in, refresh and call the API through supabase-js and the mock', async () => {
  const demo = await backend()
  const origin = await serve(demo)
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(`${origin}/api${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  for (const user of [ada, grace]) {
    const login = await post('/auth/login', user)
    expect(login.status).toBe(200)
    const first = (await login.json()) as { access_token: string; refresh_token: string; expires_in: number }
    expect(first.expires_in).toBe(600)
    const renewed = await post('/auth/refresh-token', { refresh_token: first.refresh_token })
    const { access_token: token } = (await renewed.json()) as { access_token: string }
    const pings = await Promise.all(
      Array.from({ length: 20 }, () => fetch(`${origin}/api/ping`, { headers: { Authorization: `Bearer ${token}` } })),
    )
    expect(pings.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(await pings[0]?.json()).toMatchObject({ ok: true, user: { email: user.email } })
  }
  expect(await (await fetch(`${origin}/`)).text()).toBe('the app')
  expect((await fetch(`${demo.supabaseUrl}/auth/v1/health`)).status).toBe(200)
})

test('expiring and shortening tokens takes effect at once', async () => {
  const demo = await backend()
  const { access_token: token, refresh_token: refreshToken } = (await send(demo, 'POST', '/auth/login', ada)).body
  expect((await send(demo, 'GET', '/ping', undefined, token)).status).toBe(200)
  await send(demo, 'POST', '/demo/lifetime', { seconds: 20 })
  await send(demo, 'POST', '/demo/expire')
  expect((await send(demo, 'GET', '/ping', undefined, token)).status).toBe(401)
  const renewed = (await send(demo, 'POST', '/auth/refresh-token', { refresh_token: refreshToken })).body
  expect(renewed.expires_in).toBe(20)
  expect((await send(demo, 'GET', '/ping', undefined, renewed.access_token)).status).toBe(200)
  expect((await send(demo, 'POST', '/demo/lifetime', { seconds: 0 })).status).toBe(422)
})

test('switched off, the API answers 503 to everything but the switches', async () => {
  const demo = await backend()
  expect((await send(demo, 'POST', '/demo/down', { on: true })).body.down).toBe(true)
  expect((await send(demo, 'POST', '/auth/login', ada)).status).toBe(503)
  expect((await send(demo, 'GET', '/ping')).status).toBe(503)
  expect((await send(demo, 'POST', '/demo/down', { on: 'no' })).status).toBe(422)
  await send(demo, 'POST', '/demo/down', { on: false })
  expect((await send(demo, 'POST', '/auth/login', ada)).status).toBe(200)
})

test('a hanging refresh goes on when the switch is turned back, and ends with its client', async () => {
  const demo = await backend()
  const { refresh_token: token } = (await send(demo, 'POST', '/auth/login', ada)).body
  await send(demo, 'POST', '/demo/hang', { on: true })
  const waiting = send(demo, 'POST', '/auth/refresh-token', { refresh_token: token })
  const abort = new AbortController()
  const left = demo.handle(
    new Request('http://app.test/api/auth/refresh-token', { method: 'POST', body: '{}', signal: abort.signal }),
  )
  expect((await send(demo, 'POST', '/auth/login', grace)).status).toBe(200)
  expect(demo.mock()?.count('refresh')).toBe(0)
  abort.abort()
  expect((await left).status).toBe(503)
  await send(demo, 'POST', '/demo/hang', { on: false })
  expect((await waiting).status).toBe(200)
  expect(demo.mock()?.count('refresh')).toBe(1)
})

test('the log counts and names requests, and holds no token', async () => {
  const demo = await backend()
  const { access_token: token, refresh_token: refreshToken } = (await send(demo, 'POST', '/auth/login', ada)).body
  await send(demo, 'GET', '/ping', undefined, token)
  const renewed = (await send(demo, 'POST', '/auth/refresh-token', { refresh_token: refreshToken })).body
  const { body } = await send(demo, 'GET', '/demo/log?last=2')
  expect(body.counts).toEqual({ sign_in: 1, refresh: 1, sign_out: 0, user: 1 })
  expect(body.entries).toMatchObject([
    { call: 'user', status: 200 },
    { call: 'refresh', status: 200, verdict: 'rotated', sessionId: expect.any(String) },
  ])
  const text = JSON.stringify((await send(demo, 'GET', '/demo/log')).body)
  for (const secret of [token, refreshToken, renewed.access_token, renewed.refresh_token]) {
    expect(text).not.toContain(secret)
  }
})

test('a reset ends all sessions, empties the log and turns every switch back', async () => {
  const demo = await backend()
  const { refresh_token: token } = (await send(demo, 'POST', '/auth/login', ada)).body
  await send(demo, 'POST', '/demo/lifetime', { seconds: 5 })
  await send(demo, 'POST', '/demo/down', { on: true })
  const { body } = await send(demo, 'POST', '/demo/reset')
  expect(body).toEqual({
    down: false,
    authDown: false,
    offline: false,
    hang: false,
    lifetime: 600,
    otherOrigin: demo.otherOrigin,
  })
  expect((await send(demo, 'GET', '/demo/log')).body.entries).toEqual([])
  expect((await send(demo, 'POST', '/auth/refresh-token', { refresh_token: token })).status).toBe(401)
  expect((await send(demo, 'POST', '/auth/login', ada)).body.expires_in).toBe(600)
})

test('the second origin lets a token come, and tells when one did', async () => {
  const { otherOrigin } = await backend()
  const anyAuthorization = async (): Promise<unknown> =>
    ((await (await fetch(`${otherOrigin}/seen`)).json()) as { anyAuthorization: boolean }).anyAuthorization
  const preflight = await fetch(`${otherOrigin}/echo-headers`, {
    method: 'OPTIONS',
    headers: { Origin: 'http://app.test', 'Access-Control-Request-Headers': 'authorization' },
  })
  expect(preflight.headers.get('Access-Control-Allow-Headers')).toBe('authorization')
  expect(await (await fetch(`${otherOrigin}/echo-headers`)).json()).toMatchObject({ authorization: false })
  expect(await anyAuthorization()).toBe(false)
  const echoed = await fetch(`${otherOrigin}/echo-headers`, { headers: { Authorization: 'Bearer secret' } })
  expect(await echoed.text()).not.toContain('secret')
  expect(await anyAuthorization()).toBe(true)
})

test('the API redirects to the second origin and nowhere else', async () => {
  const demo = await backend()
  const to = async (address: string): Promise<[number, string | null]> => {
    const response = await demo.handle(new Request(`http://app.test/api/redirect?to=${encodeURIComponent(address)}`))
    return [response.status, response.headers.get('Location')]
  }
  expect(await to(`${demo.otherOrigin}/echo-headers`)).toEqual([302, `${demo.otherOrigin}/echo-headers`])
  for (const address of ['https://evil.example.test/', `${demo.otherOrigin}0/`, '/path', 'javascript:alert(1)', '']) {
    expect(await to(address)).toEqual([400, null])
  }
})

test('with a real project there is neither mock nor switch', async () => {
  const mock = createMockAuth()
  const original = globalThis.fetch
  globalThis.fetch = mock.fetch
  try {
    const demo = await backend({ project: { supabaseUrl: mock.origin, anonKey: 'real' } })
    expect(demo.mock()).toBeNull()
    expect(demo.supabaseUrl).toBe(mock.origin)
    expect((await send(demo, 'GET', '/demo')).status).toBe(404)
    expect((await send(demo, 'POST', '/demo/expire')).status).toBe(404)
    expect((await send(demo, 'POST', '/auth/login', ada)).status).toBe(200)
  } finally {
    globalThis.fetch = original
  }
})
