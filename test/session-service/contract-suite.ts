import type { SessionStore } from 'keyturn/session-service'
import { beforeAll, describe, expect, test } from 'vitest'
import { openService, type Service } from './harness.ts'

let users = 0
/** Tests share a store: each has users of its own. */
const newUser = () => `user ${++users} ${Math.random()}`

/** What the service promises, whatever it keeps its sessions in. One suite for all stores. */
export function contractSuite(name: string, open: () => Promise<SessionStore>): void {
  describe(`on ${name}`, () => {
    let store: SessionStore
    let service: Service
    beforeAll(async () => {
      store = await open()
      service = openService(store)
      return () => store.close()
    })

    describe('create', () => {
      test('answers an id and the end of the session in seconds', async () => {
        const { status, body } = await service.post('/session', { user_id: 7 })
        expect(status).toBe(200)
        expect(body).toEqual({
          session_id: expect.stringMatching(/^v1\.k1\.[\w-]{24}\.[\w-]{43}$/),
          expires_at: service.now() + 60,
        })
      })
      test('makes another session each time', async () => {
        const user = newUser()
        const ids = [await service.create(user), await service.create(user)]
        expect(new Set(ids).size).toBe(2)
        expect(await service.count(user)).toBe(2)
      })
      test.each([7, 0, -5, 2 ** 53 - 1, 'ada', '7e3', 'Ж', '😀', 'a"b\\c', "'; DROP TABLE x; --", '{user}', '% _ *'])(
        'gives back the user_id %j as it came',
        async (user_id) => {
          const id = await service.create(user_id)
          expect((await service.validate(id)).body).toEqual({ valid: true, user_id, expires_at: service.now() + 60 })
        },
      )
      test('takes the number 7 and the text "7" for one user', async () => {
        await service.invalidate({ user_id: 4242 })
        const ids = [await service.create(4242), await service.create('4242')]
        expect(await service.count('4242')).toBe(2)
        expect((await service.validate(ids[0] ?? '')).body.user_id).toBe(4242)
        expect((await service.invalidate({ user_id: 4242 })).status).toBe(200)
        expect([await service.valid(ids[0] ?? ''), await service.valid(ids[1] ?? '')]).toEqual([false, false])
      })
      test('keeps metadata of any kind and gives it back to callers', async () => {
        const metadata = {
          device: 'Ada’s phone\u0000\ud800',
          n: 2 ** 60,
          deep: { list: [1, null, true, { x: 'y' }] },
          expires_at: 1,
        }
        const user = newUser()
        const { session_id } = (await service.post('/session', { user_id: user, metadata })).body
        expect((await service.validate(session_id)).body.metadata).toEqual(metadata)
        await service.clock.advance(1000)
        await service.refresh(session_id)
        expect((await service.list(user))[0].metadata).toEqual(metadata)
      })
    })

    describe('Idempotency-Key', () => {
      const once = (key: string) => ({ headers: { 'idempotency-key': key } })
      test('makes one session of a creation that is sent twice', async () => {
        const user = newUser()
        const first = await service.post('/session', { user_id: user }, once(user.replaceAll(' ', '-')))
        const again = await service.post('/session', { user_id: user }, once(user.replaceAll(' ', '-')))
        expect(again.body).toEqual(first.body)
        expect(await service.count(user)).toBe(1)
      })
      test('makes one session of two creations at once', async () => {
        const user = newUser()
        const key = once(user.replaceAll(' ', '-'))
        const answers = await Promise.all(
          Array.from({ length: 8 }, () => service.post('/session', { user_id: user }, key)),
        )
        expect(new Set(answers.map(({ body }) => body.session_id)).size).toBe(1)
        expect(await service.count(user)).toBe(1)
      })
      test('is refused for another user, or other metadata', async () => {
        const user = newUser()
        const key = once(user.replaceAll(' ', '-'))
        await service.post('/session', { user_id: user }, key)
        for (const body of [{ user_id: newUser() }, { user_id: user, metadata: { a: 1 } }]) {
          const other = await service.post('/session', body, key)
          expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_reused'])
        }
      })
      test('brings no session back that was ended in between', async () => {
        const user = newUser()
        const key = once(user.replaceAll(' ', '-'))
        await service.post('/session', { user_id: user }, key)
        await service.invalidate({ user_id: user })
        const retry = await service.post('/session', { user_id: user }, key)
        expect([retry.status, retry.body.error.code]).toEqual([409, 'idempotency_ended'])
        expect(await service.count(user)).toBe(0)
      })
      test('is forgotten after its time', async () => {
        const other = openService(store, { idempotencyFor: 10 })
        const user = newUser()
        const key = once(user.replaceAll(' ', '-'))
        await other.post('/session', { user_id: user }, key)
        await other.clock.advance(10_000)
        expect((await other.post('/session', { user_id: user }, key)).status).toBe(200)
        expect(await other.count(user)).toBe(2)
      })
    })

    describe('validate', () => {
      test('says false to an id whose session never was', async () => {
        const foreign = await openService(undefined).create(newUser())
        const { status, body } = await service.validate(foreign)
        expect([status, body]).toEqual([200, { valid: false }])
      })
      test('says true in the last second, and false from the end on', async () => {
        const other = openService(store)
        const id = await other.create(newUser())
        await other.clock.advance(59_000)
        expect(await other.valid(id)).toBe(true)
        await other.clock.advance(1_000)
        expect((await other.validate(id)).body).toEqual({ valid: false })
      })
    })

    describe('refresh', () => {
      test('moves the end and keeps the id', async () => {
        const other = openService(store)
        const id = await other.create(newUser())
        await other.clock.advance(40_000)
        const { status, body } = await other.refresh(id)
        expect([status, body]).toEqual([200, { expires_at: other.now() + 60 }])
        await other.clock.advance(59_000)
        expect((await other.validate(id)).body).toMatchObject({ valid: true, expires_at: other.now() + 1 })
      })
      test('is answered 401 for what is not live', async () => {
        const other = openService(store)
        const id = await other.create(newUser())
        await other.clock.advance(60_000)
        const foreign = await openService(undefined).create(newUser())
        for (const dead of [id, foreign]) {
          const { status, body } = await other.refresh(dead)
          expect([status, body.error.code]).toEqual([401, 'session_invalid'])
        }
        expect(await other.valid(id)).toBe(false)
      })
      test('never goes past the absolute lifetime, and then the session is over', async () => {
        const other = openService(store)
        const id = await other.create(newUser())
        const end = other.now() + 300
        for (let s = 50; s <= 250; s += 50) {
          await other.clock.advance(50_000)
          expect((await other.refresh(id)).body.expires_at).toBe(Math.min(other.now() + 60, end))
        }
        await other.clock.advance(49_000)
        expect((await other.refresh(id)).body.expires_at).toBe(end)
        await other.clock.advance(1_000)
        expect((await other.refresh(id)).status).toBe(401)
      })
      test('changes nothing before extendFrom has passed', async () => {
        const other = openService(store, { extendFrom: 20 })
        const id = await other.create(newUser())
        const first = other.now() + 60
        await other.clock.advance(19_000)
        expect((await other.refresh(id)).body.expires_at).toBe(first)
        expect((await other.validate(id)).body.expires_at).toBe(first)
        await other.clock.advance(1_000)
        expect((await other.refresh(id)).body.expires_at).toBe(first + 20)
      })
      test('of many at once answers the same end to all', async () => {
        const other = openService(store, { extendFrom: 20 })
        const id = await other.create(newUser())
        await other.clock.advance(30_000)
        const ends = await Promise.all(
          Array.from({ length: 10 }, async () => (await other.refresh(id)).body.expires_at),
        )
        expect(new Set(ends)).toEqual(new Set([other.now() + 60]))
      })
      test('never shortens a session, whatever ttl is now', async () => {
        const other = openService(store)
        const id = await other.create(newUser())
        const shorter = openService(store, { ttl: 10, clock: other.clock })
        expect((await shorter.refresh(id)).body.expires_at).toBe(other.now() + 60)
      })
    })

    describe('invalidate', () => {
      test('ends one session at once, and finds nothing the second time', async () => {
        const user = newUser()
        const [id, stays] = [await service.create(user), await service.create(user)]
        expect((await service.invalidate({ session_id: id })).body).toEqual({ ok: true })
        expect(await service.valid(id)).toBe(false)
        expect((await service.refresh(id)).status).toBe(401)
        const again = await service.invalidate({ session_id: id })
        expect([again.status, again.body.error.code]).toEqual([404, 'session_not_found'])
        expect(await service.valid(stays)).toBe(true)
        expect(await service.count(user)).toBe(1)
      })
      test('ends all sessions of a user, and no other', async () => {
        const [user, other] = [newUser(), newUser()]
        const ids = [await service.create(user), await service.create(user), await service.create(user)]
        const stays = await service.create(other)
        expect((await service.invalidate({ user_id: user })).status).toBe(200)
        for (const id of ids)
          expect([await service.valid(id), (await service.refresh(id)).status]).toEqual([false, 401])
        expect(await service.valid(stays)).toBe(true)
        expect((await service.invalidate({ user_id: user })).status).toBe(404)
      })
      test('ends thousands of sessions of one user in one call', async () => {
        const user = newUser()
        const ids = await Promise.all(Array.from({ length: 2_500 }, () => service.create(user)))
        expect(await service.count(user)).toBe(2_500)
        await service.invalidate({ user_id: user })
        expect(await service.count(user)).toBe(0)
        expect(await service.valid(ids[2_499] ?? '')).toBe(false)
      })
      test('ends thousands of sessions of one user while they are extended, rotated and ended one by one: none survives', async () => {
        const user = newUser()
        const ids = await Promise.all(Array.from({ length: 2_500 }, () => service.create(user)))
        const some = ids.filter((_, place) => place % 25 === 0)
        const rotate = (session_id: string) => service.post('/session/rotate', { session_id })
        const [ended, ...others] = await Promise.all([
          service.invalidate({ user_id: user }),
          ...some.map(rotate),
          ...some.map((id) => service.refresh(id)),
          ...some.map((id) => service.invalidate({ session_id: id })),
        ])
        expect(ended.status).toBe(200)
        const rotated: string[] = others.flatMap(({ body }) => body.session_id ?? [])
        for (const id of [...some, ...rotated]) expect(await service.valid(id)).toBe(false)
        expect([await service.count(user), (await service.invalidate({ user_id: user })).status]).toEqual([0, 404])
      })
      test('two ends of all sessions of a user at once leave none, and one that is made afterwards lives', async () => {
        const user = newUser()
        const ids = await Promise.all(Array.from({ length: 1_500 }, () => service.create(user)))
        const answers = await Promise.all([
          service.invalidate({ user_id: user }),
          service.invalidate({ user_id: user }),
        ])
        expect(answers.map(({ status }) => status)).toContain(200)
        expect(await service.valid(ids[1_499] ?? '')).toBe(false)
        const id = await service.create(user)
        expect([await service.valid(id), await service.count(user)]).toEqual([true, 1])
      })
      test('finds nothing where all has expired', async () => {
        const other = openService(store)
        const user = newUser()
        const id = await other.create(user)
        await other.clock.advance(60_000)
        expect((await other.invalidate({ user_id: user })).status).toBe(404)
        expect((await other.invalidate({ session_id: id })).status).toBe(404)
      })
      test('by a handle of the list ends that one', async () => {
        const user = newUser()
        const [id, stays] = [await service.create(user), await service.create(user)]
        const handle = id.split('.')[2]
        expect((await service.invalidate({ handle })).body).toEqual({ ok: true })
        expect([await service.valid(id), await service.valid(stays)]).toEqual([false, true])
      })
    })

    describe('rotate', () => {
      test('gives another id for the same session, and the old one is dead', async () => {
        const other = openService(store)
        const user = newUser()
        const old = (await other.post('/session', { user_id: user, metadata: { a: 1 } })).body
        await other.clock.advance(10_000)
        const { status, body } = await other.post('/session/rotate', { session_id: old.session_id })
        expect([status, body.expires_at]).toEqual([200, old.expires_at])
        expect(body.session_id).not.toBe(old.session_id)
        expect(await other.valid(old.session_id)).toBe(false)
        expect((await other.refresh(old.session_id)).status).toBe(401)
        expect((await other.validate(body.session_id)).body).toMatchObject({ user_id: user, metadata: { a: 1 } })
        expect(await other.count(user)).toBe(1)
        await other.invalidate({ user_id: user })
        expect(await other.valid(body.session_id)).toBe(false)
      })
      test('of two at once succeeds for one', async () => {
        const user = newUser()
        const id = await service.create(user)
        const answers = await Promise.all([1, 2, 3, 4].map(() => service.post('/session/rotate', { session_id: id })))
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
        expect(await service.count(user)).toBe(1)
      })
      test('is answered 401 for what is not live', async () => {
        const id = await service.create(newUser())
        await service.invalidate({ session_id: id })
        expect((await service.post('/session/rotate', { session_id: id })).status).toBe(401)
      })
    })

    describe('list and count', () => {
      test('tell the live sessions of a user, the longest first, and none of their ids', async () => {
        const other = openService(store)
        const user = newUser()
        const dies = await other.create(user)
        await other.clock.advance(30_000)
        const middle = await other.create(user)
        await other.clock.advance(10_000)
        const last = await other.create(user)
        await other.clock.advance(20_000)
        const sessions = await other.list(user)
        const told = (id: string, made: number, ends: number) => ({
          handle: id.split('.')[2],
          user_id: user,
          created_at: other.now() - made,
          expires_at: other.now() + ends,
          ends_at: other.now() + 300 - made,
          metadata: {},
        })
        expect(sessions).toEqual([told(last, 20, 40), told(middle, 30, 30)])
        expect(JSON.stringify(sessions)).not.toContain('v1.')
        expect(await other.count(user)).toBe(2)
        expect(await other.valid(dies)).toBe(false)
      })
      test('hold no more than was asked for', async () => {
        const user = newUser()
        for (let made = 0; made < 5; made++) await service.create(user)
        const { body } = await service.call('GET', `/sessions?limit=3&user_id=${encodeURIComponent(user)}`)
        expect(body.sessions).toHaveLength(3)
      })
      test('are empty for somebody who has none', async () => {
        const user = newUser()
        expect([await service.list(user), await service.count(user)]).toEqual([[], 0])
      })
    })

    test('what has expired is thrown away in batches, and nothing else', async () => {
      const other = openService(store)
      const user = newUser()
      for (let made = 0; made < 12; made++)
        await other.post('/session', { user_id: user }, { headers: { 'idempotency-key': `${made}-${Math.random()}` } })
      await other.clock.advance(30_000)
      const stays = await other.create(user)
      await other.clock.advance(30_000)
      let rounds = 0
      // Other tests of this store left expired sessions as well.
      while ((await store.removeExpired(other.now(), 5)) > 0) expect(++rounds).toBeLessThan(10_000)
      expect(await other.valid(stays)).toBe(true)
      expect(await other.count(user)).toBe(1)
    })
  })
}
