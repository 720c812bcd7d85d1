import { createSessionService, fixedKeys } from 'keyturn/session-service'
import { expect, test } from 'vitest'
import { KEYS, openService, TOKEN } from './harness.ts'

const ORIGIN = 'https://app.example.test'
const self = { selfService: true, origins: [ORIGIN] }

/** Every address that is about sessions, with a request that would be right. */
const calls = (id: string) =>
  [
    ['POST', '/session', { user_id: 7 }],
    ['POST', '/session/refresh', { session_id: id }],
    ['GET', `/session/validate?session_id=${id}`, undefined],
    ['POST', '/session/validate', { session_id: id }],
    ['POST', '/session/rotate', { session_id: id }],
    ['GET', '/sessions?user_id=7', undefined],
    ['GET', '/sessions/count?user_id=7', undefined],
    ['POST', '/session/invalidate', { session_id: id }],
    ['POST', '/session/invalidate', { user_id: 7 }],
    ['GET', '/metrics', undefined],
  ] as const

test('without a caller token everything about sessions is refused', async () => {
  const service = openService(undefined)
  const id = await service.create(7)
  for (const token of [null, 'another-token-that-is-long-enough', `${TOKEN}x`, TOKEN.slice(0, -1), id])
    for (const [method, path, body] of calls(id)) {
      const answer = await service.call(method, path, { token, ...(body ? { body } : {}) })
      expect([method, path, answer.status, answer.body.error.code]).toEqual([method, path, 401, 'caller_refused'])
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    }
  expect(await service.valid(id)).toBe(true)
})

test('a service that was given no caller tokens refuses everybody', async () => {
  const service = openService(undefined, { callers: [] })
  expect((await service.post('/session', { user_id: 7 })).status).toBe(401)
  expect((await service.post('/session', { user_id: 7 }, { token: '' })).status).toBe(401)
})

test('each of several caller tokens is accepted, so that one can be replaced without a gap', async () => {
  const [older, newer] = ['the-older-caller-token', 'the-newer-caller-token']
  const service = openService(undefined, { callers: [older, newer] })
  for (const token of [older, newer])
    expect((await service.post('/session', { user_id: 7 }, { token })).status).toBe(200)
  expect((await service.post('/session', { user_id: 7 })).status).toBe(401)
})

test.each([
  ['short', 'too-short'],
  ['with a blank', 'a token with blanks in it'],
  ['like a session id', 'v1.looks-like-a-session-id'],
  ['very long', 'x'.repeat(300)],
])('a caller token that is %s is refused when the service is made, and not told', (_, token) => {
  const make = () => createSessionService({ keys: fixedKeys(KEYS), callers: [token] })
  expect(make).toThrow(expect.objectContaining({ code: 'misconfigured' }))
  expect(make).not.toThrow(token)
})

test('a session serves itself with its id as bearer, where that is switched on', async () => {
  const service = openService(undefined, self)
  const id = await service.create(7)
  const asPage = { token: id, headers: { origin: ORIGIN } }
  expect((await service.call('GET', '/session/validate', asPage)).body).toMatchObject({ valid: true, user_id: 7 })
  expect((await service.post('/session/refresh', undefined, asPage)).status).toBe(200)
  expect((await service.post('/session/invalidate', undefined, asPage)).body).toEqual({ ok: true })
  expect((await service.call('GET', '/session/validate', asPage)).body).toEqual({ valid: false })
  expect((await service.post('/session/refresh', undefined, asPage)).status).toBe(401)
})

test('a session that serves itself reaches nothing else', async () => {
  const service = openService(undefined, self)
  const [id, other] = [await service.create(7), await service.create(7)]
  const asPage = { token: id, headers: { origin: ORIGIN } }
  for (const [method, path, body] of [
    ['POST', '/session/invalidate', { session_id: other }],
    ['POST', '/session/invalidate', { user_id: 7 }],
    ['POST', '/session/invalidate', { handle: other.split('.')[2] }],
    ['POST', '/session/refresh', { session_id: other }],
    ['GET', `/session/validate?session_id=${other}`, undefined],
  ] as const) {
    const answer = await service.call(method, path, { ...asPage, ...(body ? { body } : {}) })
    expect([path, answer.status, answer.body.error.code]).toEqual([path, 403, 'other_session'])
  }
  for (const [method, path] of [
    ['POST', '/session'],
    ['POST', '/session/rotate'],
    ['GET', '/sessions?user_id=7'],
    ['GET', '/metrics'],
  ] as const)
    expect((await service.call(method, path, asPage)).status).toBe(401)
  expect([await service.valid(id), await service.valid(other)]).toEqual([true, true])
})

test('a session that serves itself does not see what callers keep with it', async () => {
  const service = openService(undefined, self)
  const { session_id } = (await service.post('/session', { user_id: 7, metadata: { note: 'internal' } })).body
  expect((await service.call('GET', '/session/validate', { token: session_id })).body).not.toHaveProperty('metadata')
})

test('pages of the list may read the answers, others get none of it', async () => {
  const service = openService(undefined, self)
  const id = await service.create(7)
  for (const origin of [ORIGIN, 'https://evil.example.test', 'null']) {
    const answer = await service.call('GET', '/session/validate', { token: id, headers: { origin } })
    const preflight = await service.call('OPTIONS', '/session/refresh', {
      token: null,
      headers: { origin, 'access-control-request-method': 'POST' },
    })
    const may = origin === ORIGIN
    expect([answer.status, preflight.status]).toEqual(may ? [200, 204] : [403, 403])
    for (const { headers } of [answer, preflight])
      expect(headers.get('access-control-allow-origin')).toBe(may ? origin : null)
  }
})

test('a page can read a refusal, too, and how long to wait', async () => {
  const service = openService(undefined, self)
  const answer = await service.post('/session/refresh', undefined, { token: 'v1.forged', headers: { origin: ORIGIN } })
  expect(answer.status).toBe(401)
  expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN)
  expect(answer.headers.get('access-control-expose-headers')).toContain('retry-after')
  expect(answer.headers.get('vary')).toBe('Origin')
})

test('what only callers may do answers no page', async () => {
  const service = openService(undefined, self)
  const answer = await service.post('/session', { user_id: 7 }, { headers: { origin: ORIGIN } })
  expect(answer.headers.get('access-control-allow-origin')).toBe(null)
})

test.each([[[]], [['https://app.example.test/']], [['*']], [['https://*.example.test']], [['app.example.test']]])(
  'selfService with the origins %j is refused when the service is made',
  (origins) => {
    expect(() => openService(undefined, { selfService: true, origins })).toThrow(
      expect.objectContaining({ code: 'misconfigured' }),
    )
  },
)

// ---- Rates ----------------------------------------------------------------------------------------------------------

test('callers have no limit unless they are given one, and then each has its own', async () => {
  const other = 'another-caller-token'
  const service = openService(undefined, { callers: [TOKEN, other], rates: { callers: { perSecond: 1, burst: 3 } } })
  const ask = async (token: string) => await service.call('GET', '/sessions/count?user_id=7', { token })
  for (let asked = 0; asked < 3; asked++) expect((await ask(TOKEN)).status).toBe(200)
  const refused = await ask(TOKEN)
  expect([refused.status, refused.body.error.code, refused.headers.get('retry-after')]).toEqual([
    429,
    'too_many_requests',
    '1',
  ])
  expect((await ask(other)).status).toBe(200)
  await service.clock.advance(1_000)
  expect((await ask(TOKEN)).status).toBe(200)
  expect((await ask(TOKEN)).status).toBe(429)
})

test('a session that serves itself is held to its rate, and no other session with it', async () => {
  const service = openService(undefined, { ...self, rates: { sessions: { perSecond: 1, burst: 2 } } })
  const [id, other] = [await service.create(7), await service.create(7)]
  const ask = async (token: string) => (await service.call('GET', '/session/validate', { token })).status
  expect([await ask(id), await ask(id), await ask(id), await ask(other)]).toEqual([200, 200, 429, 200])
})

test('whoever guesses tokens or ids is slowed down, and callers are not slowed with them', async () => {
  const service = openService(undefined, { ...self, rates: { strangers: { perSecond: 1, burst: 4 } } })
  const ask = async (token: string) =>
    (await service.call('GET', '/session/validate', { token, headers: { 'x-session-id': token } })).status
  const forged = `v1.k1.${'a'.repeat(24)}.${'b'.repeat(43)}`
  expect([await ask(forged), await ask('nonsense'), await ask(forged), await ask('nonsense')]).toEqual([
    200, 401, 200, 401,
  ])
  expect([await ask(forged), await ask('nonsense')]).toEqual([429, 429])
  expect((await service.call('GET', '/metrics', { token: 'nonsense' })).status).toBe(429)
  expect((await service.post('/session', { user_id: 7 })).status).toBe(200)
})

test('a clock that is set back locks nobody out', async () => {
  const service = openService(undefined, { rates: { callers: { perSecond: 1, burst: 1 } } })
  const ask = async () => (await service.call('GET', '/sessions/count?user_id=7')).status
  expect(await ask()).toBe(200)
  service.clock.jump(-3_600_000)
  expect(await ask()).toBe(429)
  await service.clock.advance(1_000)
  expect(await ask()).toBe(200)
})
