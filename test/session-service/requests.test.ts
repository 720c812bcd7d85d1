import { expect, test } from 'vitest'
import { type Call, openService, storeThatMustNotBeAsked, TOKEN } from './harness.ts'

const refused: [string, string, string, Call, number, string][] = [
  ['no body', 'POST', '/session', {}, 400, 'bad_request'],
  ['no user_id', 'POST', '/session', { body: {} }, 400, 'bad_request'],
  ['user_id null', 'POST', '/session', { body: { user_id: null } }, 400, 'bad_request'],
  ['user_id empty', 'POST', '/session', { body: { user_id: '' } }, 400, 'bad_request'],
  ['user_id a fraction', 'POST', '/session', { body: { user_id: 1.5 } }, 400, 'bad_request'],
  ['user_id a list', 'POST', '/session', { body: { user_id: [7] } }, 400, 'bad_request'],
  ['user_id true', 'POST', '/session', { body: { user_id: true } }, 400, 'bad_request'],
  ['user_id with a NUL', 'POST', '/session', { body: { user_id: 'a\u0000b' } }, 400, 'bad_request'],
  ['user_id with half a character', 'POST', '/session', { body: '{"user_id":"\\ud800"}' }, 400, 'bad_request'],
  ['user_id too long', 'POST', '/session', { body: { user_id: 'x'.repeat(257) } }, 400, 'bad_request'],
  ['metadata a list', 'POST', '/session', { body: { user_id: 7, metadata: [] } }, 400, 'bad_request'],
  [
    'metadata too large',
    'POST',
    '/session',
    { body: { user_id: 7, metadata: { a: 'x'.repeat(4096) } } },
    400,
    'bad_request',
  ],
  [
    'metadata too deep',
    'POST',
    '/session',
    { body: `{"user_id":7,"metadata":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}}` },
    400,
    'bad_request',
  ],
  ['no JSON', 'POST', '/session', { body: '{"user_id":7' }, 400, 'bad_request'],
  ['JSON that is no object', 'POST', '/session', { body: '[7]' }, 400, 'bad_request'],
  ['JSON null', 'POST', '/session', { body: 'null' }, 400, 'bad_request'],
  [
    'an Idempotency-Key with blanks',
    'POST',
    '/session',
    { body: { user_id: 7 }, headers: { 'idempotency-key': 'a b' } },
    400,
    'bad_request',
  ],
  [
    'a long Idempotency-Key',
    'POST',
    '/session',
    { body: { user_id: 7 }, headers: { 'idempotency-key': 'x'.repeat(256) } },
    400,
    'bad_request',
  ],
  [
    'a form',
    'POST',
    '/session',
    { body: 'user_id=7', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    'unsupported_media_type',
  ],
  [
    'text',
    'POST',
    '/session',
    { body: '{"user_id":7}', headers: { 'content-type': 'text/plain' } },
    415,
    'unsupported_media_type',
  ],
  [
    'another charset',
    'POST',
    '/session',
    { body: '{"user_id":7}', headers: { 'content-type': 'application/json; charset=latin1' } },
    415,
    'unsupported_media_type',
  ],
  [
    'a compressed body',
    'POST',
    '/session',
    { body: '{"user_id":7}', headers: { 'content-encoding': 'gzip' } },
    415,
    'unsupported_media_type',
  ],
  [
    'a body that is too large',
    'POST',
    '/session',
    { body: `{"user_id":7,"x":"${'x'.repeat(16_384)}"}` },
    413,
    'body_too_large',
  ],
  ['no session_id for refresh', 'POST', '/session/refresh', { body: {} }, 400, 'bad_request'],
  ['a session_id that is a number', 'POST', '/session/refresh', { body: { session_id: 7 } }, 400, 'bad_request'],
  ['no session_id for validate', 'GET', '/session/validate', {}, 400, 'bad_request'],
  ['an empty session_id for validate', 'GET', '/session/validate?session_id=', {}, 400, 'bad_request'],
  ['two session ids in the address', 'GET', '/session/validate?session_id=a&session_id=b', {}, 400, 'bad_request'],
  ['nothing to invalidate', 'POST', '/session/invalidate', { body: {} }, 400, 'bad_request'],
  [
    'two things to invalidate',
    'POST',
    '/session/invalidate',
    { body: { session_id: 'a', user_id: 7 } },
    400,
    'bad_request',
  ],
  ['a handle that is none', 'POST', '/session/invalidate', { body: { handle: 'x' } }, 400, 'bad_request'],
  ['no user for a list', 'GET', '/sessions', {}, 400, 'bad_request'],
  ['a list of 0', 'GET', '/sessions?user_id=7&limit=0', {}, 400, 'bad_request'],
  ['a list of 1001', 'GET', '/sessions?user_id=7&limit=1001', {}, 400, 'bad_request'],
  ['no user for a count', 'GET', '/sessions/count', {}, 400, 'bad_request'],
  ['an address that is not there', 'GET', '/', {}, 404, 'route_not_found'],
  ['an address of Object.prototype', 'GET', '/constructor', {}, 404, 'route_not_found'],
  ['another method', 'GET', '/session', {}, 405, 'method_not_allowed'],
  ['another method on health', 'POST', '/healthz', {}, 405, 'method_not_allowed'],
  [
    'a preflight without selfService',
    'OPTIONS',
    '/session/refresh',
    { headers: { origin: 'https://a.test' } },
    403,
    'origin_refused',
  ],
]

test.each(refused)(
  '%s is refused, with a reason, before the store is asked',
  async (_, method, path, call, status, code) => {
    const service = openService(storeThatMustNotBeAsked())
    const answer = await service.call(method, path, call)
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
    expect(answer.body).toEqual({ error: { code, message: expect.stringMatching(/.{15,}\.$/) } })
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  },
)

test.each(['9007199254740993', '9007199254740992', '-9007199254740993', '1e300', '12345678901234567890'])(
  'user_id %s is refused, for its digits would get lost, and the message says to send text',
  async (digits) => {
    const service = openService(storeThatMustNotBeAsked())
    const { status, body } = await service.post('/session', `{"user_id":${digits}}`)
    expect(status).toBe(400)
    expect(body.error.message).toContain('send text')
  },
)

test('digits beyond 2^53 are kept as text', async () => {
  const service = openService(undefined)
  const id = await service.create('12345678901234567890')
  expect((await service.validate(id)).body.user_id).toBe('12345678901234567890')
})

test('a body that is not UTF-8 is refused: two users must not become one', async () => {
  const service = openService(storeThatMustNotBeAsked())
  const body = Buffer.from('{"user_id":"a\xff"}', 'latin1')
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const answer = await service.service.handle(
    new Request('http://sessions.test/session', { method: 'POST', body, headers }),
  )
  expect(answer.status).toBe(400)
})

test('a body that breaks off is refused', async () => {
  const service = openService(storeThatMustNotBeAsked())
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(Buffer.from('{"user'))
      controller.error(new Error('gone'))
    },
  })
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const init = { method: 'POST', body, headers, duplex: 'half' }
  expect((await service.service.handle(new Request('http://sessions.test/session', init as RequestInit))).status).toBe(
    400,
  )
})

test('a body without a length is read up to the limit and no further', async () => {
  const service = openService(storeThatMustNotBeAsked(), { bodyLimit: 1_000 })
  let sent = 0
  const body = new ReadableStream({
    pull(controller) {
      sent += 100
      controller.enqueue(Buffer.alloc(100, 32))
    },
  })
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const init = { method: 'POST', body, headers, duplex: 'half' }
  expect((await service.service.handle(new Request('http://sessions.test/session', init as RequestInit))).status).toBe(
    413,
  )
  expect(sent).toBeLessThan(2_000)
})

test('fields of a polluted prototype do not count', async () => {
  const service = openService(storeThatMustNotBeAsked())
  Object.assign(Object.prototype, { user_id: 7 })
  try {
    expect((await service.post('/session', {})).status).toBe(400)
  } finally {
    Reflect.deleteProperty(Object.prototype, 'user_id')
  }
})

test('the session id is accepted in a header, the body and the address', async () => {
  const service = openService(undefined)
  const id = await service.create(7)
  const header = { headers: { 'x-session-id': id } }
  expect((await service.call('GET', '/session/validate', header)).body.valid).toBe(true)
  expect((await service.post('/session/validate', { session_id: id })).body.valid).toBe(true)
  expect((await service.call('GET', `/session/validate?session_id=${id}`)).body.valid).toBe(true)
  expect((await service.post('/session/refresh', undefined, header)).status).toBe(200)
  expect((await service.post(`/session/refresh?session_id=${id}`)).status).toBe(200)
  expect((await service.post('/session/rotate', undefined, header)).status).toBe(200)
})

test('a request that names two different sessions is refused, and touches neither', async () => {
  const service = openService(undefined)
  const [one, two] = [await service.create(7), await service.create(7)]
  const answer = await service.invalidate({ session_id: one }, { headers: { 'x-session-id': two } })
  expect(answer.status).toBe(400)
  expect([await service.valid(one), await service.valid(two)]).toEqual([true, true])
})

test('an initData or a token in place of a session id is no session: the service finds nobody out', async () => {
  const service = openService(storeThatMustNotBeAsked())
  for (const text of ['query_id=AAH&user=%7B%22id%22%3A7%7D&hash=abc', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiI3In0.', '7'])
    expect((await service.validate(text)).body).toEqual({ valid: false })
  expect((await service.post('/session', { init_data: 'x', token: 'y' })).status).toBe(400)
})

test('HEAD is answered as GET, without a body', async () => {
  const service = openService(undefined)
  const id = await service.create(7)
  const answer = await service.call('HEAD', '/session/validate', { headers: { 'x-session-id': id } })
  expect([answer.status, answer.body]).toEqual([200, ''])
})

test('every answer carries the time of the service, so that callers know how far their clock is off', async () => {
  const service = openService(undefined)
  service.clock.jump(-7_200_000)
  const { headers, body } = await service.post('/session', { user_id: 7 })
  expect(Date.parse(headers.get('date') ?? '') / 1000).toBe(service.now())
  expect(body.expires_at - Date.parse(headers.get('date') ?? '') / 1000).toBe(60)
})

test('a defect of a store is a 500 that tells nothing, and the log tells', async () => {
  const lines: object[] = []
  const store = { ...storeThatMustNotBeAsked(), find: () => Promise.reject(new TypeError('a secret of the store')) }
  const service = openService(store, { log: (entry) => void lines.push(entry) })
  const id = await openService(undefined).create(7)
  const { status, body } = await service.validate(id)
  expect([status, body.error.code]).toEqual([500, 'internal'])
  expect(JSON.stringify(body)).not.toContain('secret')
  expect(lines).toEqual([expect.objectContaining({ level: 'error', error: 'TypeError: a secret of the store' })])
})

test.each([
  { ttl: 0 },
  { ttl: 1.5 },
  { ttl: Number.NaN },
  { ttl: Number.POSITIVE_INFINITY },
  { ttl: 400, maxLifetime: 300 },
  { extendFrom: 60 },
  { extendFrom: -1 },
  { bodyLimit: 0 },
  { keysEvery: 0 },
  { idempotencyFor: 0.5 },
  { rates: { callers: { perSecond: 0 } } },
])('the options %j are refused when the service is made', (options) => {
  expect(() => openService(undefined, options)).toThrow(expect.objectContaining({ code: 'misconfigured' }))
})
