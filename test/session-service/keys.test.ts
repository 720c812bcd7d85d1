import { fixedKeys, secretsService } from 'keyturn/session-service'
import { expect, test } from 'vitest'
import { openService, storeThatMustNotBeAsked } from './harness.ts'

const key = (kid: string) => ({ kid, key: `a signing key of the tests, by the name of ${kid}` })
const URL_OF_SECRETS = 'http://secrets.test/base/'

/** A secrets service: what it answers can be changed, and it can be down. */
function openSecrets(...kids: string[]) {
  const asked: { url: string; authorization: string | null }[] = []
  const state = { answer: () => Response.json({ keys: kids.map(key) }) as Response | Promise<Response>, asked }
  const source = () =>
    secretsService({
      url: URL_OF_SECRETS,
      token: 'internal-token',
      fetch: async (url, init) => {
        asked.push({ url: String(url), authorization: new Headers(init?.headers).get('authorization') })
        return await state.answer()
      },
    })
  return {
    asked,
    source,
    keys: (...names: string[]) => (state.answer = () => Response.json({ keys: names.map(key) })),
    answer: (answer: () => Response | Promise<Response>) => (state.answer = answer),
    down: () => (state.answer = () => Promise.reject(new TypeError('fetch failed'))),
  }
}
const kidOf = (id: string) => id.split('.')[1]

test('the keys are asked for at the documented address, with the internal token as bearer', async () => {
  const secrets = openSecrets('k1')
  await openService(undefined, { keys: secrets.source() }).create(7)
  expect(secrets.asked).toEqual([
    { url: 'http://secrets.test/base/keys/session', authorization: 'Bearer internal-token' },
  ])
})

test('the first key signs, all verify', async () => {
  const secrets = openSecrets('new', 'old')
  const before = openService(undefined, { keys: fixedKeys([key('old')]) })
  const id = await before.create(7)
  const service = openService(storeThatMustNotBeAsked(), { keys: secrets.source() })
  // The old key's signature is good, so the store is asked: that is the 500.
  expect((await service.validate(id)).status).toBe(500)
  expect(kidOf(await openService(undefined, { keys: secrets.source() }).create(7))).toBe('new')
})

test('many requests at the start ask for the keys once', async () => {
  const secrets = openSecrets('k1')
  const service = openService(undefined, { keys: secrets.source() })
  const ids = await Promise.all(Array.from({ length: 20 }, () => service.create(7)))
  expect(new Set(ids).size).toBe(20)
  expect(secrets.asked).toHaveLength(1)
})

test.each([
  ['cannot be reached', () => Promise.reject(new TypeError('fetch failed'))],
  ['answers 500', () => new Response('oops', { status: 500 })],
  ['answers no JSON', () => new Response('<html>')],
  ['answers null', () => Response.json(null)],
  ['has no keys', () => Response.json({ keys: [] })],
  ['has a short key', () => Response.json({ keys: [key('k1'), { kid: 'k2', key: 'short' }] })],
  ['has a kid with a dot', () => Response.json({ keys: [{ ...key('k1'), kid: 'a.b' }] })],
  ['has a kid twice', () => Response.json({ keys: [key('k1'), key('k1')] })],
])('a service whose secrets service %s at the start is not ready', async (_, answer) => {
  const secrets = openSecrets()
  secrets.answer(answer)
  const lines: object[] = []
  const service = openService(storeThatMustNotBeAsked(), {
    keys: secrets.source(),
    log: (line) => void lines.push(line),
  })
  expect((await service.call('GET', '/readyz')).status).toBe(503)
  expect((await service.call('GET', '/healthz')).status).toBe(200)
  const { status, body, headers } = await service.post('/session', { user_id: 7 })
  expect([status, body.error.code, headers.get('retry-after')]).toEqual([503, 'not_ready', '1'])
  expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', event: 'no signing keys' }))
  expect(JSON.stringify(lines)).not.toContain('internal-token')
})

test('it becomes ready as soon as the secrets service answers', async () => {
  const secrets = openSecrets()
  secrets.down()
  const service = openService(undefined, { keys: secrets.source() })
  expect((await service.call('GET', '/readyz')).status).toBe(503)
  secrets.keys('k1')
  await service.clock.advance(1_000)
  expect((await service.call('GET', '/readyz')).status).toBe(200)
  expect((await service.post('/session', { user_id: 7 })).status).toBe(200)
})

test('a secrets service that is down later changes nothing, however long', async () => {
  const secrets = openSecrets('k1')
  const service = openService(undefined, { keys: secrets.source(), ttl: 86_400, maxLifetime: 864_000 })
  const id = await service.create(7)
  secrets.down()
  for (let hour = 0; hour < 5; hour++) {
    await service.clock.advance(3_600_000)
    expect(await service.valid(id)).toBe(true)
    expect((await service.post('/session', { user_id: 7 })).status).toBe(200)
    expect((await service.call('GET', '/readyz')).status).toBe(200)
  }
})

test('a rotation keeps old ids valid for the overlap, and new ones carry the new name', async () => {
  const secrets = openSecrets('k1')
  const service = openService(undefined, { keys: secrets.source(), keysEvery: 20 })
  const refreshed = async () => {
    await service.clock.advance(20_000)
    await service.call('GET', '/readyz')
    await service.clock.flush()
  }
  const old = await service.create(7)
  secrets.keys('k2', 'k1')
  await refreshed()
  const fresh = await service.create(7)
  expect([kidOf(old), kidOf(fresh)]).toEqual(['k1', 'k2'])
  expect([await service.valid(old), await service.valid(fresh)]).toEqual([true, true])
  expect((await service.refresh(old)).status).toBe(200)
  secrets.keys('k2')
  await refreshed()
  // The overlap is over. Whether an unknown key has just been added somewhere is asked once more.
  const asked = service.refresh(old)
  await service.clock.advance(1_000)
  expect((await asked).body.error.code).toBe('unknown_key')
  expect(await service.valid(fresh)).toBe(true)
})

test('an id signed by another process with a key that is not known here yet is looked up, and nobody is signed out', async () => {
  const secrets = openSecrets('k1')
  const here = openService(undefined, { keys: secrets.source() })
  await here.create(7)
  secrets.keys('k2', 'k1')
  await here.clock.advance(5_000)
  const there = openService(undefined, { keys: fixedKeys([key('k2')]) })
  const id = await there.create(8)
  // Its signature is good, and this store does not know it: not live, rather than an unknown key.
  expect((await here.refresh(id)).body.error.code).toBe('session_invalid')
})

test('while the secrets service is down an unknown key is a 503: nobody knows whether the id is good', async () => {
  const secrets = openSecrets('k1')
  const here = openService(undefined, { keys: secrets.source() })
  await here.create(7)
  secrets.down()
  await here.clock.advance(5_000)
  const id = await openService(undefined, { keys: fixedKeys([key('k2')]) }).create(8)
  for (const answer of [await here.refresh(id)])
    expect([answer.status, answer.body.error.code]).toEqual([503, 'not_ready'])
})

test('a thousand ids of unknown keys ask the secrets service once a second at most', async () => {
  const secrets = openSecrets('k1')
  const service = openService(undefined, { keys: secrets.source() })
  await service.create(7)
  const forged = (n: number) => `v1.x${n}.${'a'.repeat(24)}.${'b'.repeat(43)}`
  const answers = Array.from({ length: 1_000 }, (_, n) => service.validate(forged(n)))
  await service.clock.advance(1_000)
  for (const answer of await Promise.all(answers)) expect(answer.body).toEqual({ valid: false })
  expect(secrets.asked.length).toBe(2)
})

test('an answer that is not whole changes nothing: the keys of before stay', async () => {
  const secrets = openSecrets('k1')
  const service = openService(undefined, { keys: secrets.source() })
  const id = await service.create(7)
  secrets.answer(() => Response.json({ keys: [{ kid: 'k9', key: 'short' }] }))
  await service.clock.advance(60_000)
  await service.call('GET', '/readyz')
  await service.clock.flush()
  expect(kidOf(await service.create(7))).toBe('k1')
  expect((await service.refresh(id)).status).toBe(401)
})

test.each([
  ['', 'x'],
  ['secrets:8001', 'x'],
  ['ftp://secrets', 'x'],
  ['http://secrets', ''],
])('a secrets service at %j with the token %j is refused', (url, token) => {
  expect(() => secretsService({ url, token })).toThrow(expect.objectContaining({ code: 'misconfigured' }))
})

test('no error text of a key list holds a key', () => {
  const secret = 'short-but-secret'
  expect(() => fixedKeys([{ kid: 'k1', key: secret }])).toThrow(/at least 32 bytes/)
  expect(() => fixedKeys([{ kid: 'k1', key: secret }])).not.toThrow(secret)
})
