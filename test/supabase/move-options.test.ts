// @vitest-environment jsdom
import { memoryStorage } from 'keyturn'
import { type MoveOptions, moveSupabaseSession } from 'keyturn/supabase'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { resetCookies } from '../storage/jar.ts'
import { held, key, move, oldSession, put, tokensOf } from './old-sessions.ts'
import { url } from './project.ts'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  resetCookies()
})
afterEach(() => vi.restoreAllMocks())

describe('other places', () => {
  test('another name', () => {
    const old = oldSession()
    put(old, 'my-session')
    const storage = memoryStorage()
    expect(move(storage)).toBe('none')
    expect(move(storage, { storageKey: 'my-session' })).toBe('moved')
    expect(held(storage)).toMatchObject(tokensOf(old))
    expect(localStorage.getItem('my-session')).toBeNull()
  })

  test('another storage', () => {
    sessionStorage.setItem(key, JSON.stringify(oldSession()))
    const storage = memoryStorage()
    expect(move(storage)).toBe('none')
    expect(move(storage, { from: sessionStorage })).toBe('moved')
    expect(sessionStorage).toHaveLength(0)
  })

  test.each([
    ['http://127.0.0.1:54321', 'sb-127-auth-token'],
    ['http://localhost:54321/', 'sb-localhost-auth-token'],
    ['https://auth.example.com', 'sb-auth-auth-token'],
  ])('%s is kept as %s', (address, name) => {
    put(oldSession(), name)
    expect(move(memoryStorage(), { url: address })).toBe('moved')
  })
})

test('a localStorage that is full does not stop it, it only goes unnoted', () => {
  put(oldSession())
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  expect(move(memoryStorage())).toBe('moved')
  expect(localStorage).toHaveLength(0)
})

test('a localStorage that is blocked is no error', () => {
  vi.spyOn(window, 'localStorage', 'get').mockImplementation(() => {
    throw new DOMException('blocked', 'SecurityError')
  })
  expect(move(memoryStorage())).toBe('none')
})

test('wrong calls are told at once', () => {
  const storage = memoryStorage()
  const wrong: unknown[] = [
    undefined,
    { storage },
    { url: `${url}/auth/v1`, storage },
    { url },
    { url, storage: { ...storage, read: async () => null } },
  ]
  for (const options of wrong)
    expect(() => moveSupabaseSession(options as MoveOptions)).toThrow(
      expect.objectContaining({ code: 'misconfigured', message: expect.stringMatching(/^moveSupabaseSession: /) }),
    )
})
