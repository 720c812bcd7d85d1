import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Reply, type ServiceProcess, startSecrets, startService, until } from './processes.ts'

/** `LONG=1` runs what the report speaks of; without it there is a lighter count. */
const ROUNDS = process.env.LONG ? 1_000 : 60
/** Rounds under way at once: each has users of its own. */
const AT_ONCE = 6

/** Races over HTTP, against three processes that share one store. */
export function racesSuite(name: string, environment: () => Record<string, string>): void {
  describe(`races over three processes on ${name}, ${ROUNDS} rounds each`, () => {
    let secrets: Awaited<ReturnType<typeof startSecrets>>
    let services: ServiceProcess[] = []
    beforeAll(async () => {
      secrets = await startSecrets()
      const env = { SESSION_EXTEND_FROM: '0', ...environment() }
      services = await Promise.all([1, 2, 3].map(() => startService(secrets.url, env)))
      for (const service of services)
        await until(async () => (await service.call('GET', '/readyz')).status === 200, 'the processes are ready')
    })
    afterAll(async () => {
      await Promise.all(services.map((service) => service.stop()))
      await secrets?.stop()
    })

    let turn = 0
    const call = (...args: Parameters<ServiceProcess['call']>): Promise<Reply> => {
      const service = services[turn++ % services.length]
      if (!service) throw new Error('There is no process.')
      return service.call(...args)
    }
    const create = async (user: string): Promise<string> =>
      (await call('POST', '/session', { user_id: user })).body.session_id
    const refresh = (session_id: string) => call('POST', '/session/refresh', { session_id })
    const invalidate = (what: object) => call('POST', '/session/invalidate', what)
    const isValid = async (id: string): Promise<boolean> =>
      (await call('GET', '/session/validate', undefined, { 'x-session-id': id })).body.valid
    const count = async (user: string): Promise<number> =>
      (await call('GET', `/sessions/count?user_id=${user}`)).body.count
    const everywhere = (id: string) => Promise.all(services.map(() => isValid(id)))
    /** In another order each time. */
    const together = <Value>(tasks: readonly (() => Promise<Value>)[]): Promise<Value[]> => {
      const results: Promise<Value>[] = []
      const order = tasks.map((_, place) => place).sort(() => Math.random() - 0.5)
      for (const place of order) results[place] = tasks[place]?.() ?? Promise.reject(new Error('There is no task.'))
      return Promise.all(results)
    }
    const rounds = async (round: (user: string) => Promise<void>) => {
      let next = 0
      const lane = async () => {
        while (next < ROUNDS) await round(`racer-${name}-${next++}-${Math.random()}`)
      }
      await Promise.all(Array.from({ length: AT_ONCE }, lane))
      expect(next).toBe(ROUNDS)
    }

    test('extend against invalidate: no session survives', async () => {
      await rounds(async (user) => {
        const id = await create(user)
        await together([() => refresh(id), () => refresh(id), () => invalidate({ session_id: id }), () => refresh(id)])
        expect(await everywhere(id)).toEqual([false, false, false])
        expect([(await refresh(id)).status, await count(user)]).toEqual([401, 0])
      })
    })

    test('invalidate by user against create: what was there is dead, and what is there is found by the next', async () => {
      await rounds(async (user) => {
        const before = await create(user)
        const made = await together([
          () => create(user),
          async () => String((await invalidate({ user_id: user })).status),
          () => create(user),
        ])
        expect(made[1]).toBe('200')
        const fresh = [made[0] ?? '', made[2] ?? '']
        expect(await isValid(before)).toBe(false)
        const live = (await Promise.all(fresh.map(isValid))).filter(Boolean).length
        expect(await count(user)).toBe(live)
        expect((await invalidate({ user_id: user })).status).toBe(live ? 200 : 404)
        for (const id of fresh) expect(await isValid(id)).toBe(false)
      })
    })

    test('two creates with one Idempotency-Key: one session', async () => {
      await rounds(async (user) => {
        const once = () => call('POST', '/session', { user_id: user }, { 'idempotency-key': user })
        const answers = await together([once, once])
        expect(answers.map(({ status }) => status)).toEqual([200, 200])
        expect(answers[0]?.body).toEqual(answers[1]?.body)
        expect(await count(user)).toBe(1)
      })
    })

    test('rotate against validate: the old id is valid, then not, and never again; the new one is valid from its answer on', async () => {
      await rounds(async (user) => {
        const id = await create(user)
        const seen: boolean[][] = []
        const watch = async () => {
          const mine: boolean[] = []
          seen.push(mine)
          for (let looks = 0; looks < 4; looks++) mine.push(await isValid(id))
        }
        const rotate = async () => (await call('POST', '/session/rotate', { session_id: id })).body.session_id as string
        const [next = ''] = await together<string | undefined>([
          rotate,
          async () => void (await watch()),
          async () => void (await watch()),
        ])
        for (const mine of seen)
          expect(mine.slice(mine.indexOf(false) < 0 ? 4 : mine.indexOf(false))).not.toContain(true)
        expect(await everywhere(id)).toEqual([false, false, false])
        expect(await everywhere(next)).toEqual([true, true, true])
        expect(await count(user)).toBe(1)
      })
    })

    test('rotate and extend against invalidate by user: neither id survives', async () => {
      await rounds(async (user) => {
        const id = await create(user)
        const rotate = () => call('POST', '/session/rotate', { session_id: id })
        const [rotated] = await together([rotate, () => invalidate({ user_id: user }), () => refresh(id)])
        const next: string | undefined = rotated?.body.session_id
        expect([await isValid(id), next ? await isValid(next) : false, await count(user)]).toEqual([false, false, 0])
      })
    })
  })
}
