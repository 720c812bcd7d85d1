import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Database, startPostgres } from '../../../scripts/databases.mjs'
import { restBackend } from '../../../src/index.ts'
import { createNodeAuth } from '../../../src/node/create-node-auth.ts'
import { type PostgresStorageOptions, postgresStorage } from '../../../src/node/postgres/postgres-storage.ts'
import { createSealKey } from '../../../src/node/sealed/key-ring.ts'
import { sealedProblem } from '../../../src/node/sealed/problem.ts'
import { restart } from '../kill/session.ts'
import { backend, keys, session } from '../sealed/session.ts'
import { type ServerOptions, startServer } from '../server.ts'

let database: Database
let table: string
let tables = 0
const context = { secure: true, now: 0, warn() {} }
const never = () => new AbortController().signal

beforeAll(async () => {
  database = await startPostgres()
}, 120_000)
afterAll(() => database.stop())
beforeEach(() => {
  table = `sessions_${++tables}`
})

/** As another host: with connections of its own. */
const newPool = () => {
  const pool = new pg.Pool({ connectionString: database.url })
  pool.on('error', () => {})
  onTestFinished(() => pool.end())
  return pool
}
const open = (options: Partial<PostgresStorageOptions> = {}) =>
  postgresStorage({ pool: newPool(), keys, profile: 'ada', backend, create: true, table, ...options })

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error) => sealedProblem(error) ?? error,
  )

describe('a session in PostgreSQL', { timeout: 60_000 }, () => {
  it('is kept for the next process', async () => {
    await (await open()).write(session(1), context)
    expect(await (await open({ create: false })).read()).toEqual(session(1))
  })

  it('cannot be read from the table', async () => {
    const pool = newPool()
    await (await open({ pool })).write(session(1), context)
    const { rows } = await pool.query(`select * from ${table}`)
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows[0].sealed)).not.toMatch(/access-1|refresh-1|Ada/)
    expect(rows[0]).toMatchObject({ place: '1', version: '1' })
  })

  it('that is missing, foreign, of another key or changed is a precise error, and never an empty sign-in', async () => {
    const pool = newPool()
    await (await open({ pool })).write(session(1), context)
    expect(await problemOf(open({ create: false, profile: 'grace' }))).toBe('missing')
    expect(await problemOf(open({ keys: `z:${createSealKey()}` }))).toBe('unknown_key')
    expect(await problemOf(open({ keys: `a:${createSealKey()}` }))).toBe('changed')
    await pool.query(`insert into ${table} select backend, 'grace', place, version, sealed from ${table}`)
    expect(await problemOf(open({ profile: 'grace' }))).toBe('foreign')
    await pool.query(`update ${table} set sealed = left(sealed, 50)`)
    expect(await problemOf(open())).toBe('torn')
    await pool.query(`drop table ${table}`)
    expect(await problemOf(open({ create: false }))).toBe('unreadable')
  })

  it('keeps what is later', async () => {
    const storage = await open()
    await storage.write(session(3, 1), context)
    await storage.write(session(2, 1), context)
    expect(await storage.read()).toEqual(session(3, 1))
    await storage.write(session(1, 2), context)
    await storage.write(session(9, 1), context)
    expect(await storage.read()).toEqual(session(1, 2))
  })

  it('ends as the latest, however many hosts write at once', async () => {
    const storages = await Promise.all(Array.from({ length: 8 }, () => open()))
    await Promise.all(storages.map((storage, index) => storage.write(session(((index * 5) % 8) + 1), context)))
    expect(await storages[0]?.read()).toEqual(session(8))
  })

  it('survives a crash of a database that does not wait for the disk', async () => {
    const storage = await open()
    expect((await newPool().query('show synchronous_commit')).rows).toEqual([{ synchronous_commit: 'off' }])
    for (let version = 1; version <= 3; version++) {
      await storage.write(session(version), context)
      await restart(database)
      expect(await (await open({ create: false })).read()).toEqual(session(version))
    }
  })

  it('is found out at the start where nothing can be written', async () => {
    await open()
    const reader = new pg.Pool({ connectionString: database.url, options: '-c default_transaction_read_only=on' })
    onTestFinished(() => reader.end())
    expect(await problemOf(open({ pool: reader, create: false }))).toBe('unreadable')
  })

  it('is sealed with the newest key when told so', async () => {
    const [a, b] = [createSealKey(), createSealKey()]
    await (await open({ keys: `a:${a}` })).write(session(1), context)
    const both = await open({ keys: `b:${b},a:${a}` })
    expect(await both.reseal()).toBe(true)
    expect(await both.reseal()).toBe(false)
    expect(await (await open({ keys: `b:${b}` })).read()).toEqual(session(1))
  })

  it('has a note of the renewal that is under way', async () => {
    const storage = await open()
    await storage.write(session(1), context)
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const [early, late] = [session(1), session(1)]
    expect(await storage.noteRenewal(early)).toBe(null)
    const other = await open()
    expect(await other.renewing()).toMatchObject({ pid: process.pid })
    vi.setSystemTime(Date.now() + 1_000)
    expect(await storage.noteRenewal(late)).toMatchObject({ pid: process.pid })
    // The end of the first call, told late.
    await storage.renewalEnded?.(early)
    expect(await other.renewing()).not.toHaveProperty('ended')
    await other.renewalEnded?.(late)
    expect(await other.renewing()).not.toHaveProperty('ended')
    await storage.renewalEnded?.(late)
    expect(await other.renewing()).toMatchObject({ pid: process.pid, ended: true })
    await storage.write(session(2), context)
    expect(await other.renewing()).toBe(null)
    await expect(other.noteRenewal(session(1))).rejects.toMatchObject({ code: 'session_changed' })
  })

  it('tells other hosts of a change', async () => {
    const [one, other] = [await open(), await open()]
    const changed = vi.fn()
    onTestFinished(other.watch(changed))
    // It listens.
    await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce(), 10_000)
    await one.write(session(1), context)
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(2), 10_000)
  })

  it.each(['x; drop table y', 'a.b.c', '', '1a'])('refuses the table name %j', async (name) => {
    await expect(open({ table: name })).rejects.toMatchObject({ code: 'misconfigured' })
  })
})

describe('the advisory lock', { timeout: 60_000 }, () => {
  const nameOf = (key: string) => `keyturn:${key}`

  it('is had by one host at a time', async () => {
    let inside = 0
    const storages = await Promise.all(Array.from({ length: 6 }, () => open()))
    await Promise.all(
      storages.map(({ lock, key }) =>
        lock(nameOf(key), never(), async () => {
          expect(++inside).toBe(1)
          await new Promise((resolve) => setTimeout(resolve, 5))
          inside--
        }),
      ),
    )
  })

  it('passes on when its holder’s connection ends, and the holder notes nothing more', async () => {
    const admin = newPool()
    const [one, other] = [await open(), await open()]
    await one.write(session(1), context)
    let hadIt = false
    let waiting: Promise<unknown> | undefined
    await one.lock(nameOf(one.key), never(), async () => {
      expect(await one.noteRenewal(session(1))).toBe(null)
      waiting = other.lock(nameOf(other.key), never(), async () => {
        hadIt = true
      })
      await admin.query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted")
      await vi.waitFor(() => expect(hadIt).toBe(true), 10_000)
      await vi.waitFor(() => expect(() => one.noteRenewal(session(1))).rejects.toThrow(/lost/), 10_000)
    })
    await waiting
    // The next time it has the lock again, on another connection.
    await one.lock(nameOf(one.key), never(), async () => void (await one.noteRenewal(session(1))))
  })

  it('leaves nothing behind on the connections of a pool that it takes from again and again', async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    onTestFinished(() => pool.end())
    const storage = await open({ pool, listen: false })
    const listeners = async () => {
      const client = await pool.connect()
      client.release()
      return client.listenerCount('error') + client.listenerCount('end')
    }
    await storage.lock(nameOf(storage.key), never(), async () => {})
    const before = await listeners()
    for (let count = 0; count < 12; count++) await storage.lock(nameOf(storage.key), never(), async () => {})
    expect(await listeners()).toBe(before)
  })

  it('is not waited for any longer than its signal says', async () => {
    const admin = newPool()
    const [one, other] = [await open(), await open()]
    await one.lock(nameOf(one.key), never(), async () => {
      const task = vi.fn(async () => {})
      await expect(other.lock(nameOf(other.key), AbortSignal.timeout(100), task)).rejects.toThrow()
      expect(task).not.toHaveBeenCalled()
      await vi.waitFor(async () => {
        const { rows } = await admin.query("select 1 from pg_locks where locktype = 'advisory' and not granted")
        expect(rows).toEqual([])
      }, 10_000)
    })
  })
})

describe('processes over PostgreSQL', { timeout: 120_000 }, () => {
  const start = async (options?: ServerOptions) => {
    const server = await startServer(options)
    const host = async () => {
      const auth = createNodeAuth({
        backend: restBackend({ baseUrl: server.url }),
        storage: await open({ backend: server.url }),
        timeout: 3_000,
      })
      onTestFinished(auth.dispose)
      await auth.ready
      return auth
    }
    const first = await host()
    await first.signIn({ email: 'ada@example.test', password: 'secret' })
    return { server, host, first }
  }
  const stored = async (url: string) => (await open({ backend: url })).read()

  it('renew once between them', async () => {
    const { server, host, first } = await start({ life: 600, delay: () => 50 })
    const hosts = [first, ...(await Promise.all(Array.from({ length: 5 }, host)))]
    await vi.waitFor(
      () => expect(hosts.map((auth) => auth.getState().status)).toEqual(Array(6).fill('authenticated')),
      10_000,
    )
    await Promise.all(hosts.map((auth) => auth.refresh()))
    expect(server.refreshes.map(({ result }) => result)).toEqual(['rotated'])
    expect((await stored(server.url))?.refreshToken).toBe(server.current)
  })

  it('note that a renewal came to its end without an answer, so that nobody waits for it', async () => {
    const { server, first } = await start()
    server.refuse = 503
    await expect(first.refresh()).rejects.toMatchObject({ code: 'unavailable' })
    expect(await (await open({ backend: server.url })).renewing()).toMatchObject({ pid: process.pid, ended: true })
    server.refuse = null
    await vi.waitFor(() => first.refresh(), { timeout: 60_000, interval: 500 })
    expect(await (await open({ backend: server.url })).renewing()).toBe(null)
  })

  it('lose nothing when the database is killed between the answer and the save, and send nothing while it is away', async () => {
    const { server, first } = await start({ delay: () => 300 })
    const failed = vi.fn()
    first.on('storage_failed', failed)
    const renewal = first.refresh()
    await vi.waitFor(() => expect(server.refreshes).toHaveLength(1), { timeout: 10_000, interval: 5 })
    await database.restart(async () => {
      await renewal.catch(() => {})
      expect(await first.getAccessToken()).toBe('access-2')
      await first.refresh().catch(() => {})
      expect(server.refreshes).toHaveLength(1)
      expect(first.getState().status).toBe('authenticated')
    })
    await vi.waitFor(async () => expect((await stored(server.url))?.refreshToken).toBe('refresh-2'), 60_000)
    await vi.waitFor(() => first.refresh(), { timeout: 60_000, interval: 500 })
    expect(server.refreshes.map(({ result }) => result)).not.toContain('reuse')
    expect((await stored(server.url))?.refreshToken).toBe(server.current)
  })
})
