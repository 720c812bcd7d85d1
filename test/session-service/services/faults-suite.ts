import type { Clock, SessionStore } from 'keyturn/session-service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../../scripts/databases.mjs'
import { openService, type Service } from '../harness.ts'
import { until } from './processes.ts'
import { startProxy } from './proxy.ts'

/** Milliseconds that the stores of these tests wait for their database. */
export const TIMEOUT = 1_500

export interface Faulty {
  start(): Promise<Database>
  store(port: number): SessionStore
}

const realClock: Clock = { now: () => Date.now(), setTimeout: (run, ms) => setTimeout(run, ms) }

let users = 0
const newUser = () => `sufferer ${++users} ${Math.random()}`

/** What the service promises while its database fails it. */
export function faultsSuite(name: string, { start, store: storeAt }: Faulty): void {
  describe(`while ${name} fails`, () => {
    let database: Database
    let proxy: Awaited<ReturnType<typeof startProxy>>
    let store: SessionStore
    let service: Service
    beforeAll(async () => {
      database = await start()
      proxy = await startProxy(database.port)
      store = storeAt(proxy.port)
      service = openService(store, { clock: realClock, ttl: 3_600, maxLifetime: 3_600 })
      await store.open()
    })
    afterAll(async () => {
      await store?.close()
      await proxy?.stop()
      await database?.stop()
    })
    const recovered = () => until(async () => (await service.call('GET', '/readyz')).status === 200, 'it has recovered')
    const allCalls = (id: string, user: string) =>
      Promise.all([
        service.post('/session', { user_id: user }),
        service.validate(id),
        service.refresh(id),
        service.post('/session/rotate', { session_id: id }),
        service.invalidate({ session_id: id }),
        service.invalidate({ user_id: user }),
        service.call('GET', `/sessions?user_id=${encodeURIComponent(user)}`),
        service.call('GET', `/sessions/count?user_id=${encodeURIComponent(user)}`),
      ])

    test('every operation is one round trip', async () => {
      const user = newUser()
      const trips = async (work: () => Promise<unknown>) => {
        // Twice: scripts and statements are made known at the first time.
        await work()
        const before = proxy.turns
        await work()
        return proxy.turns - before
      }
      const id = await service.create(user)
      let current = id
      const counted = {
        create: await trips(() => service.create(user)),
        createOnce: await trips(() =>
          service.create(user, { headers: { 'idempotency-key': `trip-${Math.random()}` } }),
        ),
        validate: await trips(() => service.validate(id)),
        refresh: await trips(() => service.refresh(id)),
        list: await trips(() => service.list(user)),
        count: await trips(() => service.count(user)),
        rotate: await trips(async () => {
          current = (await service.post('/session/rotate', { session_id: current })).body.session_id
        }),
        invalidate: await trips(() => service.invalidate({ session_id: current })),
        invalidateUser: await trips(() => service.invalidate({ user_id: user })),
      }
      expect(counted).toEqual(Object.fromEntries(Object.keys(counted).map((operation) => [operation, 1])))
    })

    test('a connection that is cut is made anew, and nobody is signed out', async () => {
      const id = await service.create(newUser())
      for (let cuts = 0; cuts < 3; cuts++) {
        proxy.cut()
        const { status, body } = await service.validate(id)
        expect([200, 503]).toContain(status)
        if (status === 200) expect(body.valid).toBe(true)
        await recovered()
        expect(await service.valid(id)).toBe(true)
      }
    })

    test('answers that are swallowed are a 503 in time, and then it goes on by itself', async () => {
      const user = newUser()
      const id = await service.create(user)
      proxy.swallow(true)
      const before = Date.now()
      for (const { status, body, headers } of await allCalls(id, user))
        expect([status, body.error.code, headers.get('retry-after')]).toEqual([503, 'store_unavailable', '1'])
      // Twice the time limit, and what a busy machine needs.
      expect(Date.now() - before).toBeLessThan(TIMEOUT * 2 + 10_000)
      expect((await service.call('GET', '/readyz')).status).toBe(503)
      expect((await service.call('GET', '/healthz')).status).toBe(200)
      proxy.swallow(false)
      proxy.cut()
      await recovered()
      expect(await service.valid(id)).toBe(true)
    })

    test('a restart in the middle of work: 503 meanwhile, no sign-out undone, nobody signed out, no restart of ours', async () => {
      const live = new Map<string, string>()
      const ended = new Set<string>()
      const answers = new Map<number, number>()
      let working = true
      const note = ({ status }: { status: number }) => void answers.set(status, (answers.get(status) ?? 0) + 1)
      /** What is done, and answered 200, holds. What is answered 503 may have been done or not, and counts for neither. */
      const worker = async () => {
        while (working) {
          const user = newUser()
          const made = await service.post('/session', { user_id: user })
          note(made)
          if (made.status !== 200) {
            await new Promise((resolve) => setTimeout(resolve, 20))
            continue
          }
          const id: string = made.body.session_id
          if (Math.random() < 0.5) {
            live.set(id, user)
            continue
          }
          const out = await (Math.random() < 0.5
            ? service.invalidate({ session_id: id })
            : service.invalidate({ user_id: user }))
          note(out)
          if (out.status === 200) ended.add(id)
          const extended = await service.refresh(id)
          if (out.status === 200) expect([401, 503]).toContain(extended.status)
        }
      }
      const workers = Array.from({ length: 8 }, worker)
      await until(() => ended.size > 20 && live.size > 20, 'there is work to lose')
      await database.restart(async () => {
        await until(() => (answers.get(503) ?? 0) > 8, 'the outage is noticed')
      })
      await recovered()
      const before = ended.size
      await until(() => ended.size > before + 20, 'work goes on')
      working = false
      await Promise.all(workers)
      expect([...answers.keys()].sort()).toEqual([200, 503])
      for (const id of live.keys()) expect([id, await service.valid(id)]).toEqual([id, true])
      for (const id of ended) expect([id, await service.valid(id)]).toEqual([id, false])
    })

    test('a database that is not there at the start is waited for', async () => {
      const silent = await startProxy(database.port)
      await silent.stop()
      const early = storeAt(silent.port)
      const waiting = openService(early, { clock: realClock })
      await expect(early.open()).rejects.toMatchObject({ code: 'store_unavailable' })
      expect((await waiting.post('/session', { user_id: 7 })).status).toBe(503)
      await early.close()
    })
  })
}
