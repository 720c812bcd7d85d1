// @vitest-environment jsdom
/** Faults 8 to 10: what somebody else put into the jar. */
import { cookieStorage, type SessionRecord } from 'keyturn'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cookieNames, rawCookies, rawWrite, resetCookies } from './jar.ts'
import { context, marker, record, session, signOut } from './sessions.ts'

const held = session()
const envelopeOf = (name = 'auth-session') =>
  JSON.parse(decodeURIComponent(new RegExp(`${name}=([^;]+)`).exec(rawCookies())?.[1] ?? ''))
const plant = (name: string, value: string) => rawWrite(`${name}=${value}; path=/; secure`)

beforeEach(resetCookies)
afterEach(resetCookies)

describe('names that only look alike', () => {
  test.each(['%5F%5FHost-refresh-token', '__Host%2Drefresh-token', '__Host-refresh%2dtoken'])(
    'the cookie %s is not __Host-refresh-token',
    (name) => {
      plant(name, 'of-the-attacker')
      plant('%5F%5FHost-auth-token', 'of-the-attacker')
      expect(cookieStorage({ prefix: '__Host-' }).read()).toBeNull()
    },
  )

  test('nor is it where each name is given by itself', () => {
    const names = ['auth-token', 'refresh-token', 'auth-session'].map((name) => `__Host-${name}`)
    const [accessName, refreshName, recordName] = names as [string, string, string]
    plant('%5F%5FHost-refresh-token', 'of-the-attacker')
    expect(cookieStorage({ accessName, refreshName, recordName }).read()).toBeNull()
  })

  test('nor is one in other letters, or a longer one', () => {
    for (const name of ['Refresh-Token', 'refresh-token2', 'xrefresh-token', 'refresh-token.', 'refresh-token.1'])
      plant(name, 'x')
    expect(cookieStorage().read()).toBeNull()
  })

  test('nor a cookie without a name', () => {
    rawWrite('refresh-token; path=/; secure')
    expect(cookieStorage().read()).toBeNull()
    rawWrite('=; path=/; max-age=0; secure')
  })

  test('an equal sign in a value is part of it', () => {
    plant('refresh-token', 'a==')
    expect(cookieStorage().read()).toMatchObject({ refreshToken: 'a==' })
  })
})

describe('a prefix', () => {
  test('is before all names, and two apps on one host do not see each other', () => {
    const [shop, desk] = [cookieStorage({ prefix: 'shop-' }), cookieStorage({ prefix: 'desk-', accessName: 'at' })]
    void shop.write(held, context)
    expect(desk.read()).toBeNull()
    void desk.write({ ...held, refreshToken: 'other' }, context)
    expect(cookieNames()).toEqual([
      'desk-at',
      'desk-auth-session',
      'desk-refresh-token',
      'shop-auth-session',
      'shop-auth-token',
      'shop-refresh-token',
    ])
    void signOut(desk)
    expect(shop.read()).toEqual(held)
    expect(shop.key).not.toBe(desk.key)
  })
})

describe('planted cookies', () => {
  beforeEach(() => {
    void cookieStorage().write(held, context)
  })

  test.each([
    ['refresh-token.1', 'x'],
    ['auth-token.1', 'x'],
    ['auth-session.1', 'x'],
    ['refresh-token.1', 'x'.repeat(3_600)],
    ['refresh-token.7', 'x'],
    ['auth-token.2', '%E0%A4%A'],
  ])('%s=%.9s is no part of the session', (name, value) => {
    plant(name, value)
    expect(cookieStorage().read()).toEqual(held)
  })

  test.each([3_600, 7_200])('nor is a piece after a token of exactly %i bytes', (size) => {
    const full = session({ refreshToken: 'r'.repeat(size), accessToken: 'a'.repeat(size) })
    void cookieStorage().write(full, context)
    plant(`refresh-token.${size / 3_600}`, 'x')
    plant(`auth-token.${size / 3_600}`, 'x'.repeat(3_600))
    expect(cookieStorage().read()).toEqual(full)
  })

  test('a later write deletes them', () => {
    plant('refresh-token.1', 'x')
    void cookieStorage().write(held, context)
    expect(cookieNames()).toEqual(['auth-session', 'auth-token', 'refresh-token'])
  })

  test('many of one name make no endless reading', () => {
    const long = session({ refreshToken: 'r'.repeat(3_600 * 12) })
    void cookieStorage().write(long, context)
    for (let piece = 1; piece < 12; piece++)
      rawWrite(`refresh-token.${piece}=${'x'.repeat(3_600)}; domain=example.test; path=/; secure`)
    const began = performance.now()
    expect(cookieStorage().read()).toMatchObject({ record: { id: 'session-1' } })
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

describe('a record with something of the wrong type or range counts as absent', () => {
  const change = (bad: object) => {
    void cookieStorage().write(held, context)
    const envelope = envelopeOf()
    plant('auth-session', encodeURIComponent(JSON.stringify({ ...envelope, record: { ...envelope.record, ...bad } })))
    return cookieStorage().read()
  }

  test.each<[string, object]>([
    ['expiresAt', { expiresAt: 'soon' }],
    ['expiresAt', { expiresAt: {} }],
    ['expiresAt', { expiresAt: 1e99 }],
    ['expiresAt', { expiresAt: undefined }],
    ['receivedAt', { receivedAt: '1' }],
    ['receivedAt', { receivedAt: null }],
    ['skew', { skew: [] }],
    ['id', { id: 5 }],
    ['id', { id: '' }],
    ['id', { id: 'x'.repeat(1_000) }],
    ['order', { order: '1' }],
    ['order', { order: 0 }],
    ['order', { order: -1 }],
    ['order', { order: 1.5 }],
    ['order', { order: 2 ** 52 + 1 }],
    ['order', { order: 1e300 }],
    ['version', { version: null }],
    ['version', { version: 2 ** 53 }],
    ['backend', { backend: {} }],
    ['over', { over: true }],
    ['over', { over: 'somehow' }],
    ['subject', { subject: 7 }],
  ])('%s: %j', (_, bad) => {
    expect(change(bad)).toEqual({ ...held, record: null })
  })

  test.each<[string, Partial<SessionRecord>]>([
    ['the greatest order', { order: 2 ** 52 }],
    ['the least', { order: 1, version: 1 }],
    ['an unknown expiry', { expiresAt: null }],
    ['an unknown person and back end', { subject: null, backend: null }],
    ['a user of any kind', { user: [1, { a: 'b' }] }],
  ])('but not %s', (_, good) => {
    expect(change(good)).toEqual({ ...held, record: record(good) })
  })

  test.each(['null', '5', '"x"', '[]', '{}'])('the envelope %s', (text) => {
    void cookieStorage().write(held, context)
    plant('auth-session', encodeURIComponent(text))
    expect(cookieStorage().read()).toEqual({ ...held, record: null })
  })

  test('a planted record of a huge order does not undo the marker for good: the next one is read', () => {
    void signOut(cookieStorage())
    rawWrite('auth-session=%7B%7D; domain=example.test; path=/; secure')
    expect(cookieStorage().read()).toEqual(marker())
  })
})
