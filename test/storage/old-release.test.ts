// @vitest-environment jsdom
/** Release 0.1.0 in one tab, this one in another: one jar. */
import { cookieStorage } from 'keyturn'
import { beforeEach, describe, expect, test } from 'vitest'
import { type OldSession, cookieStorage as oldStorage } from '../fixtures/keyturn-0.1.0.js'
import { cookieNames, resetCookies } from './jar.ts'
import { context, marker, now, record, session, signOut } from './sessions.ts'

const written = (change: Partial<OldSession> = {}): OldSession => ({
  accessToken: 'access-of-old',
  refreshToken: 'refresh-of-old',
  record: { id: 'old', receivedAt: now, expiresAt: now + 3_600_000, skew: 5, user: null, claims: { sub: 'ada' } },
  ...change,
})
const sizes = [10, 3_600, 9_000, 80_000]

beforeEach(resetCookies)

describe('0.1.0 reads what this release writes', () => {
  test.each(sizes)('tokens of %i bytes, with the record', (size) => {
    const held = session({ accessToken: 'a'.repeat(size), refreshToken: 'r'.repeat(size) })
    void cookieStorage().write(held, context)
    expect(oldStorage().read()).toEqual(held)
  })

  test('a session without an access token, or without a refresh token', () => {
    void cookieStorage().write(session({ accessToken: null }), context)
    expect(oldStorage().read()).toMatchObject({ accessToken: null, record: { id: 'session-1' } })
    void cookieStorage().write(session({ refreshToken: null }), context)
    expect(oldStorage().read()).toMatchObject({ refreshToken: null, record: { id: 'session-1' } })
  })

  test('a marker is nobody', () => {
    const storage = cookieStorage()
    void storage.write(session(), context)
    void signOut(storage)
    expect(oldStorage().read()).toBeNull()
  })

  test('it waits for the same lock', () => {
    for (const options of [{}, { domain: 'example.test' }, { path: '/app', accessName: 'at' }])
      expect(cookieStorage(options).key).toBe(oldStorage(options).key)
  })
})

describe('this release reads what 0.1.0 writes', () => {
  test.each(sizes)('tokens of %i bytes, with the record', (size) => {
    const held = written({ accessToken: 'a'.repeat(size), refreshToken: 'r'.repeat(size) })
    oldStorage().write(held, context)
    expect(cookieStorage().read()).toEqual(held)
  })

  test('after a marker of this release', () => {
    const storage = cookieStorage()
    void signOut(storage)
    oldStorage().write(written(), context)
    expect(storage.read()).toEqual(written())
    expect(cookieNames()).toEqual(['auth-session', 'auth-token', 'refresh-token'])
  })

  test('after a session of this release', () => {
    const storage = cookieStorage()
    void storage.write(session({ accessToken: 'a'.repeat(9_000) }), context)
    oldStorage().write(written(), context)
    expect(storage.read()).toEqual(written())
  })

  test('what it cleared is nobody', () => {
    void cookieStorage().write(session(), context)
    oldStorage().clear()
    expect(cookieStorage().read()).toBeNull()
  })
})

describe('both at once, with cookies for this host there and for the domain here', () => {
  const here = () => cookieStorage({ domain: 'example.test' })

  test('a renewal here is one there', () => {
    oldStorage().write(written(), context)
    const storage = here()
    expect(storage.read()).toEqual(written())
    const next = session({ record: record({ id: 'old', order: now - 60_000, version: 2, receivedAt: now + 60_000 }) })
    void storage.write(next, context)
    expect(storage.read()).toEqual(next)
    expect(oldStorage().read()).toEqual(next)
  })

  test('a sign-out here is one there', () => {
    oldStorage().write(written(), context)
    const storage = here()
    void storage.read()
    void signOut(storage)
    expect(oldStorage().read()).toBeNull()
    expect(storage.read()).toEqual(marker())
  })
})
