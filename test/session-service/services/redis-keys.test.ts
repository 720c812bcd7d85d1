import { fixedKeys, redisStore } from 'keyturn/session-service'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, startRedis } from '../../../scripts/databases.mjs'
import { openService, type Service } from '../harness.ts'
import { withoutRedis } from './databases.ts'

/** What the service leaves in Redis. */
describe.skipIf(withoutRedis)('the keys in Redis', () => {
  let redis: Database
  let client: Awaited<ReturnType<typeof connect>>
  let store: ReturnType<typeof redisStore>
  const connect = () => createClient({ url: redis.url }).connect()
  /** A service on the fake clock of its own: Redis' own time to live stands still beside it. */
  const open = (): Service =>
    openService(store, { keys: fixedKeys([{ kid: 'k1', key: 'a key for the tests of the keys in Redis' }]) })
  beforeAll(async () => {
    redis = await startRedis()
    client = await connect()
    store = redisStore({ url: redis.url })
  })
  afterAll(async () => {
    await store?.close()
    await client?.close()
    await redis?.stop()
  })

  test('a session is a JSON object with user_id and expires_at, and goes by itself at its end', async () => {
    const service = open()
    const id = await service.create(7)
    const key = `keyturn:s:${id.split('.')[2]}`
    expect(JSON.parse((await client.get(key)) ?? '')).toMatchObject({ user_id: 7, expires_at: service.now() + 60 })
    expect(await client.ttl(key)).toBeGreaterThan(50)
    expect(await client.ttl(key)).toBeLessThanOrEqual(60)
  })

  test('neither a signature nor a name of a key stands in the store', async () => {
    const id = await open().create('a-user')
    const dump = JSON.stringify([await client.keys('*'), await client.get(`keyturn:s:${id.split('.')[2]}`)])
    expect(dump).not.toContain(id.split('.')[3])
    expect(dump).not.toContain('v1.')
  })

  test('the index of a user lives as long as the longest of the sessions, and no longer', async () => {
    const service = open()
    const id = await service.create('index')
    await service.clock.advance(50_000)
    await service.refresh(id)
    const other = openService(store, {
      ttl: 5,
      clock: service.clock,
      keys: fixedKeys([{ kid: 'k1', key: 'a key for the tests of the keys in Redis' }]),
    })
    await other.create('index')
    const ttl = await client.ttl('keyturn:u:index')
    expect(ttl).toBeGreaterThan(50)
    expect(ttl).toBeLessThanOrEqual(60)
  })

  test('the index is cleaned of what has expired, and gone with the last session', async () => {
    const service = open()
    for (let made = 0; made < 5; made++) await service.create('cleaned')
    await service.clock.advance(60_000)
    const last = await service.create('cleaned')
    expect(await client.zCard('keyturn:u:cleaned')).toBe(1)
    await service.invalidate({ session_id: last })
    expect(await client.exists('keyturn:u:cleaned')).toBe(0)
  })

  test('nothing is left of a user whose sessions were ended', async () => {
    const service = open()
    const ids = [await service.create('nothing left'), await service.create('nothing left')]
    await service.post('/session/rotate', { session_id: ids[0] })
    await service.invalidate({ user_id: 'nothing left' })
    for (const id of ids) expect(await client.exists(`keyturn:s:${id.split('.')[2]}`)).toBe(0)
    expect(await client.exists('keyturn:u:nothing%20left')).toBe(0)
  })

  test('an end of all sessions that broke off in the middle is gone on with by the next, and nothing escapes it meanwhile', async () => {
    const service = open()
    const ids = [await service.create('broken off'), await service.create('broken off')]
    const [first = '', second = ''] = ids
    // What the first step of a script leaves when the process dies after it.
    await client.rename('keyturn:u:broken%20off', 'keyturn:e:broken%20off')
    const later = await service.create('broken off')
    expect((await service.refresh(first)).status).toBe(401)
    expect((await service.post('/session/rotate', { session_id: second })).status).toBe(401)
    expect((await service.invalidate({ session_id: second })).status).toBe(200)
    expect(await client.zCard('keyturn:e:broken%20off')).toBe(1)
    expect((await service.invalidate({ user_id: 'broken off' })).status).toBe(200)
    for (const id of [...ids, later]) expect(await service.valid(id)).toBe(false)
    expect(await client.exists(['keyturn:u:broken%20off', 'keyturn:e:broken%20off'])).toBe(0)
  })

  test('a user with thousands of sessions is ended in steps of a thousand', async () => {
    const service = open()
    await Promise.all(Array.from({ length: 3_500 }, () => service.create('thousands')))
    await client.configResetStat()
    expect((await service.invalidate({ user_id: 'thousands' })).status).toBe(200)
    const stats = await client.info('commandstats')
    expect(Number(/cmdstat_zpopmin:calls=(\d+)/.exec(stats)?.[1])).toBe(4)
    expect(Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1])).toBeGreaterThanOrEqual(4)
  })

  test('every key has an end of its own', async () => {
    await open().create('with an end', { headers: { 'idempotency-key': 'with-an-end' } })
    for (const key of await client.keys('*')) expect([key, await client.ttl(key)]).not.toEqual([key, -1])
  })

  test('a Redis that does not append to disk, or may throw keys away, is warned of', async () => {
    expect(await store.open()).toEqual([expect.stringContaining('appendonly yes')])
    await client.configSet({ maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru', appendonly: 'yes' })
    expect(await store.open()).toEqual([expect.stringContaining('noeviction')])
    await client.configSet({ maxmemory: '0' })
    expect(await store.open()).toEqual([])
  })
})
