// @vitest-environment jsdom
/** Where and how long: in a frame, in memory, until the browser ends; and the lease of pages that share a domain. */
import { type CookieStorageOptions, cookieStorage } from 'keyturn'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DAY } from '../core/world.ts'
import { cookieNames, rawWrite, resetCookies, spyOnCookies, type Written } from './jar.ts'
import { context, marker, now, session, signOut } from './sessions.ts'

const held = session()

beforeEach(resetCookies)
afterEach(resetCookies)

function written(options: CookieStorageOptions, secure = true): Written[] {
  const writes = spyOnCookies()
  void cookieStorage(options).write(held, { ...context, secure })
  return writes
}

test('a hint is a cookie that the server leaves beside a session that scripts do not see', () => {
  expect(cookieStorage().hint).toBeUndefined()
  const { hint } = cookieStorage({ hintCookie: 'has-session' })
  expect(hint?.()).toBe(false)
  rawWrite('has-session=1')
  expect(hint?.()).toBe(true)
  rawWrite('has-session=; Max-Age=0')
  expect(hint?.()).toBe(false)
})

describe('attributes', () => {
  test('sameSite lax', () => {
    for (const { attributes } of written({ sameSite: 'lax' })) expect(attributes).toMatchObject({ samesite: 'lax' })
  })

  test('sameSite none and partitioned, with Secure as browsers want it', () => {
    const writes = written({ sameSite: 'none', partitioned: true })
    expect(writes).toHaveLength(3)
    for (const { attributes } of writes)
      expect(attributes).toMatchObject({ samesite: 'none', partitioned: true, secure: true })
    expect(cookieStorage({ partitioned: true }).read()).toEqual(held)
  })

  test('each of them brings Secure along, also where the page came by http, as on localhost', () => {
    const writes: Written[] = []
    Object.defineProperty(document, 'cookie', {
      configurable: true,
      get: () => '',
      set: (line: string) => void writes.push({ attributes: { secure: /; secure/i.test(line) || '' } } as never),
    })
    for (const options of [{ sameSite: 'none' as const }, { partitioned: true }])
      expect(() => cookieStorage(options).write(held, { ...context, secure: false })).toThrow()
    expect(writes.length).toBeGreaterThan(1)
    for (const { attributes } of writes) expect(attributes.secure).toBe(true)
  })

  test('partitioned now, and not before: the tokens of before are gone', () => {
    void cookieStorage().write(held, context)
    const storage = cookieStorage({ partitioned: true })
    void storage.read()
    void signOut(storage)
    expect(storage.read()).toEqual(marker())
  })
})

describe('the access token in memory', () => {
  test('is never written, and not read', () => {
    const storage = cookieStorage({ access: 'memory' })
    void storage.write(held, context)
    expect(cookieNames()).toEqual(['auth-session', 'refresh-token'])
    expect(storage.read()).toEqual({ ...held, accessToken: null })
    rawWrite('auth-token=somebodys; path=/; secure')
    expect(storage.read()).toEqual({ ...held, accessToken: null })
  })

  test('the one that an earlier version of the app left in a cookie is deleted', () => {
    void cookieStorage().write(held, context)
    void cookieStorage({ access: 'memory' }).write(held, context)
    expect(cookieNames()).toEqual(['auth-session', 'refresh-token'])
  })

  test('a refresh token that is not the record’s is told as such', () => {
    const storage = cookieStorage({ access: 'memory' })
    void storage.write(held, context)
    rawWrite('refresh-token=another; path=/; secure')
    expect(storage.read()).toMatchObject({ refreshToken: 'another', fits: false })
  })
})

describe('remember me', () => {
  test('not: the cookies end with the browser', () => {
    for (const { attributes } of written({ remember: () => false })) expect('expires' in attributes).toBe(false)
  })

  test('is asked at each write', () => {
    let yes = false
    const storage = cookieStorage({ remember: () => yes })
    const writes = spyOnCookies()
    void storage.write(held, context)
    yes = true
    void storage.write(held, context)
    expect(writes.map(({ attributes }) => 'expires' in attributes)).toEqual([false, false, false, true, true, true])
  })

  test('an answer that throws costs an error, and what was stored stays', () => {
    void cookieStorage().write(held, context)
    const storage = cookieStorage({
      remember: () => {
        throw new Error('no localStorage')
      },
    })
    expect(() => storage.write(session({ refreshToken: 'next' }), context)).toThrow('no localStorage')
    expect(storage.read()).toEqual(held)
  })

  test('how long the longest lives is told', () => {
    expect(cookieStorage().lifetime).toBe(60 * DAY)
    expect(cookieStorage({ refreshDays: 7 }).lifetime).toBe(7 * DAY)
  })
})

describe('the lease', () => {
  const shared = { domain: 'example.test' }

  test('is there where a domain is shared, and only there', () => {
    expect(cookieStorage()).not.toHaveProperty('lease')
    expect(cookieStorage()).not.toHaveProperty('domain')
    expect(cookieStorage({ domain: '' })).not.toHaveProperty('lease')
    expect(cookieStorage(shared).domain).toBe('example.test')
    expect(cookieStorage({ domain: '.Example.Test' }).domain).toBe('example.test')
  })

  test('gives back what was written, to every page of the domain', () => {
    const writes = spyOnCookies()
    const { lease } = cookieStorage(shared)
    expect(lease?.read()).toBeNull()
    lease?.write('tab; 1=2 %', 5)
    expect(cookieStorage(shared).lease?.read()).toBe('tab; 1=2 %')
    expect(writes[0]).toMatchObject({ name: 'auth-lease', attributes: { domain: 'example.test', path: '/' } })
    const left = Date.parse(String(writes[0]?.attributes.expires)) - now
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(60_000)
  })

  test('with 0 seconds is gone', () => {
    const { lease } = cookieStorage(shared)
    lease?.write('mine', 5)
    lease?.write('', 0)
    expect(lease?.read()).toBeNull()
    expect(cookieNames()).toEqual([])
  })

  test('has the prefix, too', () => {
    cookieStorage({ ...shared, prefix: '__Secure-shop-' }).lease?.write('mine', 5)
    expect(cookieNames()).toEqual(['__Secure-shop-auth-lease'])
    expect(cookieStorage(shared).lease?.read()).toBeNull()
  })

  test('stays out of the session', () => {
    const storage = cookieStorage(shared)
    storage.lease?.write('mine', 5)
    expect(storage.read()).toBeNull()
    void storage.write(held, context)
    void signOut(storage)
    expect(storage.lease?.read()).toBe('mine')
  })
})
