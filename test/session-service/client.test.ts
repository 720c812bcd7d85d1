import { createSessionClient, type SessionClientOptions } from 'keyturn/session-service'
import { expect, test } from 'vitest'
import { openService, TOKEN } from './harness.ts'

/** A client of a service in memory, and what it sent. */
function openClient(options: Partial<SessionClientOptions> = {}) {
  const service = openService(undefined)
  const sent: Request[] = []
  const client = createSessionClient({
    baseUrl: 'http://sessions.test/',
    token: TOKEN,
    clock: service.clock,
    fetch: (url, init) => {
      const request = new Request(url, init)
      sent.push(request)
      return service.service.handle(request)
    },
    ...options,
  })
  return { service, client, sent }
}
const answering = (make: () => Response | Promise<Response>) => openClient({ fetch: async () => make() }).client
const refusal = (status: number, code: string) => () =>
  Response.json({ error: { code, message: 'A message.' } }, { status })

test('creates, validates, extends, rotates and ends a session', async () => {
  const { client, service } = openClient()
  const made = await client.create({ userId: 7, metadata: { device: 'phone' } })
  expect(made).toEqual({ sessionId: expect.stringMatching(/^v1\./), expiresAt: service.now() + 60 })
  expect(await client.validate(made.sessionId)).toEqual({
    userId: 7,
    expiresAt: made.expiresAt,
    metadata: { device: 'phone' },
  })
  await service.clock.advance(10_000)
  expect(await client.extend(made.sessionId)).toEqual({ expiresAt: made.expiresAt + 10 })
  const rotated = await client.rotate(made.sessionId)
  expect(await client.validate(made.sessionId)).toBe(null)
  expect(await client.invalidate({ sessionId: rotated?.sessionId ?? '' })).toBe(true)
  expect(await client.invalidate({ sessionId: rotated?.sessionId ?? '' })).toBe(false)
  expect(await client.extend(rotated?.sessionId ?? '')).toBe(null)
  expect(await client.rotate(rotated?.sessionId ?? '')).toBe(null)
})

test('ends all sessions of a user', async () => {
  const { client } = openClient()
  const ids = [await client.create({ userId: 'ada' }), await client.create({ userId: 'ada' })]
  expect(await client.invalidate({ userId: 'ada' })).toBe(true)
  expect(await client.invalidate({ userId: 'ada' })).toBe(false)
  for (const { sessionId } of ids) expect(await client.validate(sessionId)).toBe(null)
})

test('a creation that is repeated with its key makes no second session', async () => {
  const { client } = openClient()
  const session = { userId: 7, idempotencyKey: 'the-same' }
  expect(await client.create(session)).toEqual(await client.create(session))
})

test('no session id stands in an address', async () => {
  const { client, sent } = openClient()
  const { sessionId } = await client.create({ userId: 7 })
  await client.validate(sessionId)
  await client.extend(sessionId)
  await client.invalidate({ sessionId })
  expect(sent.map(({ url }) => url)).not.toContainEqual(expect.stringContaining('v1.'))
})

test('text that no header can carry is no session, and is not sent', async () => {
  const { client, sent } = openClient()
  for (const id of ['', 'a\r\nx-evil: 1', 'ключ', 'x'.repeat(300)]) expect(await client.validate(id)).toBe(null)
  expect(sent).toHaveLength(0)
})

test.each([
  [500, 'internal'],
  [503, 'store_unavailable'],
  [503, 'not_ready'],
  [429, 'too_many_requests'],
  [408, 'x'],
])('an answer %i %s is "unavailable", not the end of a session', async (status, code) => {
  const client = answering(refusal(status, code))
  for (const call of [client.validate('v1.x'), client.extend('v1.x'), client.invalidate({ userId: 7 })])
    await expect(call).rejects.toMatchObject({ name: 'SessionServiceError', code: 'unavailable', status })
})

test.each([
  ['a proxy says 401', () => new Response('<html>', { status: 401 }), 'invalid_answer'],
  ['a proxy says 404', () => new Response('not found', { status: 404 }), 'invalid_answer'],
  ['the base URL is wrong', refusal(404, 'route_not_found'), 'route_not_found'],
  ['the caller token is wrong', refusal(401, 'caller_refused'), 'caller_refused'],
  ['a page answers 200', () => new Response('<html>'), 'invalid_answer'],
  ['an answer has no end', () => Response.json({}), 'invalid_answer'],
  ['the network fails', () => Promise.reject(new TypeError('fetch failed')), 'unavailable'],
])('when %s, nothing is said about the session', async (_, answer, code) => {
  await expect(answering(answer).extend('v1.x')).rejects.toMatchObject({ code })
})

test('how long to wait is handed on', async () => {
  const client = answering(() => new Response('', { status: 503, headers: { 'retry-after': '7' } }))
  await expect(client.validate('v1.x')).rejects.toMatchObject({ retryAfter: 7 })
})

test('an answer that does not come is given up', async () => {
  const client = createSessionClient({
    baseUrl: 'http://sessions.test',
    token: TOKEN,
    timeout: 5,
    fetch: (_, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))),
  })
  await expect(client.validate('v1.x')).rejects.toMatchObject({ code: 'unavailable' })
})

// ---- The cache ------------------------------------------------------------------------------------------------------

test('without a cache each validation is asked for', async () => {
  const { client, sent } = openClient()
  const { sessionId } = await client.create({ userId: 7 })
  await client.validate(sessionId)
  await client.validate(sessionId)
  expect(sent).toHaveLength(3)
})

test('with a cache a valid answer is kept for maxAge, and not longer', async () => {
  const { client, sent, service } = openClient({ cache: { maxAge: 5 } })
  const { sessionId } = await client.create({ userId: 7 })
  await client.validate(sessionId)
  await service.invalidate({ session_id: sessionId })
  await service.clock.advance(4_999)
  expect(await client.validate(sessionId)).toMatchObject({ userId: 7 })
  await service.clock.advance(1)
  expect(await client.validate(sessionId)).toBe(null)
  expect(sent).toHaveLength(3)
})

test('a cached answer never outlives its session', async () => {
  const { client, service } = openClient({ cache: { maxAge: 300 } })
  const { sessionId } = await client.create({ userId: 7 })
  await client.validate(sessionId)
  await service.clock.advance(60_000)
  expect(await client.validate(sessionId)).toBe(null)
})

test('who is signed out through this client is out at once, by session and by user', async () => {
  const { client } = openClient({ cache: { maxAge: 300 } })
  const [one, two] = [await client.create({ userId: 7 }), await client.create({ userId: '7' })]
  for (const { sessionId } of [one, two]) await client.validate(sessionId)
  await client.invalidate({ sessionId: one.sessionId })
  expect(await client.validate(one.sessionId)).toBe(null)
  expect(await client.validate(two.sessionId)).not.toBe(null)
  await client.invalidate({ userId: 7 })
  expect(await client.validate(two.sessionId)).toBe(null)
})

test('an answer that was on its way during a sign-out is not kept', async () => {
  const service = openService(undefined)
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const client = createSessionClient({
    baseUrl: 'http://sessions.test',
    token: TOKEN,
    clock: service.clock,
    cache: { maxAge: 300 },
    fetch: async (url, init) => {
      const response = await service.service.handle(new Request(url, init))
      if (String(url).endsWith('/validate')) await held
      return response
    },
  })
  const { sessionId } = await client.create({ userId: 7 })
  const late = client.validate(sessionId)
  await new Promise(setImmediate)
  await client.invalidate({ sessionId })
  release()
  await late
  expect(await client.validate(sessionId)).toBe(null)
})

test('the cache holds no more entries than it may', async () => {
  const { client, sent } = openClient({ cache: { maxAge: 300, entries: 2 } })
  const ids = [
    await client.create({ userId: 1 }),
    await client.create({ userId: 2 }),
    await client.create({ userId: 3 }),
  ]
  for (const { sessionId } of ids) await client.validate(sessionId)
  sent.length = 0
  for (const { sessionId } of [...ids].reverse()) await client.validate(sessionId)
  expect(sent).toHaveLength(1)
})

test.each([
  { baseUrl: 'sessions:8002' },
  { baseUrl: '/sessions' },
  { token: '' },
  { cache: { maxAge: 0 } },
  { cache: { maxAge: 301 } },
  { cache: { maxAge: 5, entries: 0 } },
])('the options %j are refused', (options) => {
  expect(() => openClient(options)).toThrow(expect.objectContaining({ code: 'misconfigured' }))
})
