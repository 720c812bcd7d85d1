/** What the tour asks of the demo's server: its switches, who may throw them, and what it tells. */
import { afterEach, expect, test } from 'vitest'
import { createDemoBackend, type DemoBackend } from '../../demo/server/demo-server.ts'

const started: DemoBackend[] = []
afterEach(async () => {
  for (const demo of started.splice(0)) await demo.close()
})

async function backend(): Promise<DemoBackend> {
  const demo = await createDemoBackend({ project: null })
  started.push(demo)
  return demo
}

const ADA = { email: 'ada@example.test', password: 'correct-horse' }

async function send(demo: DemoBackend, method: string, path: string, body?: unknown, headers: HeadersInit = {}) {
  const response = await demo.handle(
    new Request(`http://app.test/api${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  )
  const text = await response.text()
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  return { status: response.status, body: (text ? JSON.parse(text) : null) as any, headers: response.headers }
}

/** What a browser sends along with the request of a frame. */
const from = (side: string, tab = 'A') => ({ Referer: `http://app.test/frame.html?side=${side}&tab=${tab}` })

test.each([
  ['another origin', { Origin: 'https://evil.example.test' }],
  ['another port of this machine', { Origin: 'http://app.test:81' }],
  ['an opaque origin', { Origin: 'null' }],
  ['another site, without its name', { 'Sec-Fetch-Site': 'cross-site' }],
  ['another origin of the same site', { 'Sec-Fetch-Site': 'same-site' }],
])('the switches refuse a page of %s, and nothing is switched', async (_, headers) => {
  const demo = await backend()
  for (const [method, path, body] of [
    ['POST', '/demo/down', { on: true }],
    ['POST', '/demo/end-sessions', {}],
    ['POST', '/demo/reset', {}],
    ['GET', '/demo/traffic', undefined],
  ] as const)
    expect((await send(demo, method, path, body, headers)).status, path).toBe(403)
  expect((await send(demo, 'POST', '/auth/login', ADA)).status).toBe(200)
})

test('the demo’s own page throws them, and so does who is no browser', async () => {
  const demo = await backend()
  const own = { Origin: 'http://app.test', 'Sec-Fetch-Site': 'same-origin' }
  expect((await send(demo, 'POST', '/demo/auth-down', { on: true }, own)).body.authDown).toBe(true)
  expect((await send(demo, 'POST', '/demo/auth-down', { on: false })).body.authDown).toBe(false)
})

test('with the auth server down, refreshes are 503 on both ways and everything else goes on', async () => {
  const demo = await backend()
  const { refresh_token } = (await send(demo, 'POST', '/auth/login', ADA)).body
  await send(demo, 'POST', '/demo/auth-down', { on: true })
  expect((await send(demo, 'POST', '/auth/refresh-token', { refresh_token })).status).toBe(503)
  expect((await send(demo, 'POST', '/cookie/refresh-token')).status).toBe(503)
  expect((await send(demo, 'POST', '/auth/login', ADA)).status).toBe(200)
  await send(demo, 'POST', '/demo/auth-down', { on: false })
  expect((await send(demo, 'POST', '/auth/refresh-token', { refresh_token })).status).toBe(200)
})

test('the traffic of the two sides is counted apart, and holds no token', async () => {
  const demo = await backend()
  const login = await send(demo, 'POST', '/auth/login', ADA, from('usual'))
  const { access_token: token, refresh_token: refresh } = login.body
  await send(demo, 'GET', '/ping', undefined, { ...from('keyturn'), Authorization: `Bearer ${token}` })
  await send(demo, 'GET', '/ping', undefined, from('keyturn'))
  await send(demo, 'POST', '/auth/refresh-token', { refresh_token: refresh }, from('usual', 'B'))
  await send(demo, 'POST', '/auth/refresh-token', { refresh_token: refresh }, from('usual', 'B'))
  await send(demo, 'GET', '/ping')
  const { body } = await send(demo, 'GET', '/demo/traffic')
  expect(body.counts).toEqual({
    keyturn: { requests: 2, refused401: 1, refreshes: 0, refusedRefreshes: 0 },
    usual: { requests: 0, refused401: 0, refreshes: 2, refusedRefreshes: 1 },
  })
  for (const secret of [token, refresh]) expect(JSON.stringify(body)).not.toContain(secret)
})

test('time passes at the server: tokens run out, and it can go back', async () => {
  const demo = await backend()
  const { access_token: token } = (await send(demo, 'POST', '/auth/login', ADA)).body
  const ping = async () => (await send(demo, 'GET', '/ping', undefined, { Authorization: `Bearer ${token}` })).status
  await send(demo, 'POST', '/demo/pass', { seconds: 3600 })
  expect(await ping()).toBe(401)
  await send(demo, 'POST', '/demo/pass', { seconds: -3600 })
  expect(await ping()).toBe(200)
  expect((await send(demo, 'POST', '/demo/pass', { seconds: 'x' })).status).toBe(422)
})

test('a thief copies the refresh token and is in; when its owner uses it too, both are out', async () => {
  const demo = await backend()
  const { refresh_token } = (await send(demo, 'POST', '/auth/login', ADA)).body
  expect((await send(demo, 'POST', '/demo/steal', { side: 'keyturn' })).body).toEqual({ got: true })
  expect((await send(demo, 'GET', '/demo/traffic')).body.thief).toEqual({ keyturn: true, usual: null })
  expect((await send(demo, 'POST', '/auth/refresh-token', { refresh_token })).status).toBe(401)
  expect((await send(demo, 'GET', '/demo/traffic')).body.thief).toEqual({ keyturn: false, usual: null })
  expect((await send(demo, 'POST', '/demo/steal', { side: 'usual', token: 'nonsense' })).body).toEqual({ got: false })
})

test('by cookie: no answer holds a refresh token, the cookie is HttpOnly and goes to these routes only, and it rotates', async () => {
  const demo = await backend()
  const login = await send(demo, 'POST', '/cookie/login', ADA)
  const cookie = login.headers.get('Set-Cookie') ?? ''
  expect(login.body.refresh_token).toBeUndefined()
  expect(login.body.access_token).toBeTruthy()
  for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/api/cookie']) expect(cookie).toContain(part)
  const Cookie = cookie.split(';')[0] ?? ''
  const renewed = await send(demo, 'POST', '/cookie/refresh-token', undefined, { Cookie })
  expect(renewed.status).toBe(200)
  expect(renewed.headers.get('Set-Cookie')?.split(';')[0]).not.toBe(Cookie)
  expect((await send(demo, 'POST', '/cookie/refresh-token', undefined, { Cookie })).status).toBe(401)
  expect((await send(demo, 'POST', '/cookie/refresh-token')).status).toBe(401)
})

test('all sessions end at once', async () => {
  const demo = await backend()
  const { refresh_token } = (await send(demo, 'POST', '/auth/login', ADA)).body
  await send(demo, 'POST', '/demo/end-sessions', {})
  expect((await send(demo, 'POST', '/auth/refresh-token', { refresh_token })).status).toBe(401)
})
