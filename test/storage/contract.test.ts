// @vitest-environment jsdom
import { type AuthStorage, cookieStorage, memoryStorage, type StoredSession } from 'keyturn'
import { beforeEach, describe, expect, test } from 'vitest'
import { asynchronous } from '../core/storages.ts'
import { jwt } from '../core/world.ts'
import { resetCookies } from './jar.ts'
import { context, marker, record, session, signOut } from './sessions.ts'

const storages: [string, () => AuthStorage][] = [
  ['memoryStorage', memoryStorage],
  ['cookieStorage', () => cookieStorage()],
  ['memoryStorage by promise', () => asynchronous(memoryStorage())],
  ['cookieStorage by promise', () => asynchronous(cookieStorage())],
]

describe.each(storages)('%s', (_, create) => {
  let storage: AuthStorage
  beforeEach(() => {
    resetCookies()
    storage = create()
  })

  /** What comes back after writing. */
  const through = async (value: StoredSession) => {
    await storage.write(value, context)
    return storage.read()
  }

  test('is empty at first: null', async () => {
    expect(await storage.read()).toBeNull()
  })

  test('gives back what was written', async () => {
    expect(await through(session())).toEqual(session())
  })

  test('gives back the same twice', async () => {
    await storage.write(session(), context)
    expect(await storage.read()).toEqual(await storage.read())
  })

  test.each<[string, Partial<StoredSession>]>([
    ['without an access token', { accessToken: null }],
    ['without a refresh token', { refreshToken: null }],
    ['without a record', { record: null }],
    ['with an opaque access token', { accessToken: 'a/b+c==._~-' }],
    ['with a refresh token of odd characters', { refreshToken: '"quoted"; a=b, c\\d % %41 ü 😀' }],
    ['with an unknown expiry', { record: record({ expiresAt: null }) }],
    ['without a user', { record: record({ user: null }) }],
  ])('keeps a session %s', async (_, change) => {
    const written = session(change)
    expect(await through(written)).toEqual(written)
  })

  test.each<[string, unknown]>([
    ['quotes', { name: 'Ada "the first" O\'Neill' }],
    ['semicolons, commas and equal signs', { name: 'a;b, c=d; Path=/x' }],
    ['unicode', { name: 'Ąda 愛 😀 \u2028' }],
    ['percent signs', { name: '100 % %41 %E0%A4%A' }],
    ['line breaks', { name: 'a\r\nSet-Cookie: x=y' }],
    ['nesting', { roles: ['admin', { of: [1, null, true] }] }],
    ['text', 'ada'],
  ])('keeps %s in user data', async (_, user) => {
    expect((await through(session({ record: record({ user }) })))?.record?.user).toEqual(user)
  })

  test('keeps an access token of 6 kB', async () => {
    const long = session({ accessToken: jwt({ sub: 'ada', roles: 'x'.repeat(4_500) }) })
    expect(long.accessToken?.length).toBeGreaterThan(6_000)
    expect(await through(long)).toEqual(long)
  })

  test('a later write replaces all of the one before', async () => {
    await storage.write(
      session({ accessToken: 'a'.repeat(9_000), record: record({ user: { name: 'x'.repeat(9_000) } }) }),
      context,
    )
    const short = session({ accessToken: 'b', refreshToken: 'c', record: record({ user: { name: 'y' } }) })
    expect(await through(short)).toEqual(short)
    const bare = session({ accessToken: null, record: null })
    expect(await through(bare)).toEqual(bare)
  })

  test('after a sign-out holds the marker alone, however often it is written', async () => {
    await storage.write(session({ accessToken: 'a'.repeat(9_000) }), context)
    for (let times = 0; times < 2; times++) {
      await signOut(storage)
      expect(await storage.read()).toEqual(marker())
    }
    expect(await through(session())).toEqual(session())
  })

  test('keeps a record alone, for a session whose tokens scripts do not see', async () => {
    const hidden = session({ accessToken: null, refreshToken: null })
    expect(await through(hidden)).toEqual(hidden)
  })

  test('what the caller does to its object afterwards changes nothing', async () => {
    const user = { name: 'Ada' }
    await storage.write(session({ record: record({ user }) }), context)
    const read = await storage.read()
    expect(read?.record?.user).toEqual({ name: 'Ada' })
  })
})

test.each(storages.slice(0, 2))('%s answers at once, so that the first state is there at once', (_, create) => {
  resetCookies()
  const storage = create()
  expect(storage.write(session(), context)).toBeUndefined()
  expect(storage.read()).toEqual(session())
})
