// @vitest-environment jsdom
import { type AuthError, type CookieStorageOptions, cookieStorage } from 'keyturn'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DAY, HOUR } from '../core/world.ts'
import { cookieNames, rawWrite, resetCookies, spyOnCookies, type Written } from './jar.ts'
import { context, now, record, session, signOut } from './sessions.ts'

const lasting = session({ record: record({ expiresAt: null, user: null }) })
const failure = (run: () => unknown): AuthError => {
  try {
    run()
  } catch (error) {
    return error as AuthError
  }
  throw new Error('nothing was thrown')
}

beforeEach(resetCookies)
afterEach(resetCookies)

/** Writes a session and returns what reached the jar, by cookie name. */
function written(options: CookieStorageOptions = {}, value = session(), secure = true): Record<string, Written> {
  const writes = spyOnCookies()
  void cookieStorage(options).write(value, { ...context, secure })
  return Object.fromEntries(writes.map((write) => [write.name, write]))
}
const expiry = (cookie?: Written) => Date.parse(String(cookie?.attributes.expires))

describe('attributes', () => {
  test('Path=/, SameSite=Strict, and a real expiry; no unknown attribute', () => {
    const cookies = written()
    expect(Object.keys(cookies).sort()).toEqual(['auth-session', 'auth-token', 'refresh-token'])
    for (const { attributes } of Object.values(cookies)) {
      expect(attributes).toMatchObject({ path: '/', samesite: 'strict' })
      expect(Object.keys(attributes).sort()).toEqual(['expires', 'path', 'samesite', 'secure'])
    }
    expect(expiry(cookies['refresh-token'])).toBe(now + 60 * DAY)
    expect(expiry(cookies['auth-session'])).toBe(now + 60 * DAY)
  })

  test('the access cookie lives no longer than its token', () => {
    expect(expiry(written()['auth-token'])).toBe(now + HOUR)
  })

  test('but as long as that: to the end of the second in which it runs out', () => {
    const soon = record({ expiresAt: now + HOUR + 18 })
    expect(expiry(written({}, session({ record: soon }))['auth-token'])).toBe(now + HOUR + 1_000)
  })

  test('nor longer than its policy, whatever the token says', () => {
    const endless = record({ expiresAt: now + 400 * DAY })
    expect(expiry(written({}, session({ record: endless }))['auth-token'])).toBe(now + 30 * DAY)
    expect(expiry(written({}, lasting)['auth-token'])).toBe(now + 30 * DAY)
    expect(expiry(written({}, session({ record: null }))['auth-token'])).toBe(now + 30 * DAY)
  })

  test.each([
    ['an hour ago', HOUR],
    ['in this very moment', 0],
  ])('an access token that has run out %s is not stored, the rest is', (_when, ago) => {
    const late = record({ receivedAt: now - 2 * HOUR, expiresAt: now - ago })
    void cookieStorage().write(session({ record: late }), context)
    expect(cookieNames()).toEqual(['auth-session', 'refresh-token'])
    expect(cookieStorage().read()).toMatchObject({
      accessToken: null,
      refreshToken: 'a-refresh-token-of-ada',
      record: { id: 'session-1' },
    })
  })

  test.each([
    [undefined, true, true],
    [undefined, false, false],
    [true, false, true],
    [false, true, false],
  ])('secure %j on a page whose https is %j: Secure is %j', (secure, https, expected) => {
    for (const { attributes } of Object.values(written(secure === undefined ? {} : { secure }, session(), https)))
      expect('secure' in attributes).toBe(expected)
  })

  test('names, path, domain and lifetimes are options', () => {
    const options = { accessName: 'at', refreshName: 'rt', recordName: 'rec', path: '/', domain: 'example.test' }
    const cookies = written({ ...options, accessDays: 2, refreshDays: 0.5 }, lasting)
    expect(Object.keys(cookies).sort()).toEqual(['at', 'rec', 'rt'])
    for (const { attributes } of Object.values(cookies)) expect(attributes.domain).toBe('example.test')
    expect(expiry(cookies.at)).toBe(now + 2 * DAY)
    expect(expiry(cookies.rt)).toBe(now + DAY / 2)
    void signOut(cookieStorage(options))
    expect(cookieNames()).toEqual(['rec'])
  })

  test('a path of its own is on the cookies, and on their deletion', () => {
    const writes = spyOnCookies()
    const storage = cookieStorage({ path: '/app' })
    // This page is not below /app, so the browser does not show what was written: reading back says so.
    expect(failure(() => storage.write(session(), context))).toMatchObject({ code: 'storage_failed' })
    for (const { attributes } of writes) expect(attributes.path).toBe('/app')
  })

  test('two storages of other names do not see each other, nor share a lock', () => {
    const [one, two] = [cookieStorage(), cookieStorage({ accessName: 'a2', refreshName: 'r2', recordName: 's2' })]
    void one.write(session(), context)
    expect(two.read()).toBeNull()
    expect(one.key).toBeTruthy()
    expect(one.key).not.toBe(two.key)
    expect(one.key).toBe(cookieStorage().key)
  })
})

describe('the order of writing', () => {
  test('the refresh token is written first', () => {
    expect(Object.keys(written())[0]).toBe('refresh-token')
  })

  test('a sign-out writes its marker first, then removes every piece of the tokens, the refresh token last', () => {
    const storage = cookieStorage()
    const user = { name: 'x'.repeat(9_000) }
    void storage.write(session({ accessToken: 'a'.repeat(9_000), record: record({ user }) }), context)
    expect(cookieNames().length).toBeGreaterThan(6)
    const writes = spyOnCookies()
    void signOut(storage)
    expect(cookieNames()).toEqual(['auth-session'])
    expect(writes[0]).toMatchObject({ name: 'auth-session', deletes: false })
    expect(writes.slice(1).every((write) => write.deletes)).toBe(true)
    expect(writes.at(-1)?.name).toBe('refresh-token')
  })

  test('other cookies of the app are left alone', () => {
    rawWrite('theme=dark; path=/')
    rawWrite('auth-token-of-somebody-else=1; path=/')
    const storage = cookieStorage()
    void storage.write(session(), context)
    void signOut(storage)
    expect(cookieNames()).toEqual(['auth-session', 'auth-token-of-somebody-else', 'theme'])
  })
})

describe('the pieces of a long token', () => {
  const long = (size: number) => session({ accessToken: 'a'.repeat(size), refreshToken: 'r'.repeat(size) })

  test('no cookie exceeds 4096 bytes, name and value together', () => {
    for (const { name, value } of Object.values(written({ accessName: 'n'.repeat(64) }, long(20_000))))
      expect(name.length + value.length).toBeLessThanOrEqual(4096)
  })

  test('more pieces than are looked for after a shorter value', () => {
    const storage = cookieStorage()
    void storage.write(long(80_000), context)
    expect(storage.read()).toEqual(long(80_000))
  })

  test('pieces that are no longer needed are removed', () => {
    const storage = cookieStorage()
    void storage.write(long(9_000), context)
    const many = cookieNames().length
    void storage.write(long(10), context)
    expect(cookieNames()).toEqual(['auth-session', 'auth-token', 'refresh-token'])
    expect(many).toBeGreaterThan(3)
    expect(storage.read()).toEqual(long(10))
  })
})
