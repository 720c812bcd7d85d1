// @vitest-environment jsdom
import { memoryStorage } from 'keyturn'
import { moveSupabaseSession } from 'keyturn/supabase'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { resetCookies } from '../storage/jar.ts'
import { held, key, move, oldSession, put, tokensOf } from './old-sessions.ts'
import { url, user } from './project.ts'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  resetCookies()
})
afterEach(() => vi.restoreAllMocks())

test('a session of supabase-js moves: tokens, expiry and user', () => {
  const old = oldSession()
  put(old)
  const storage = memoryStorage()
  expect(move(storage)).toBe('moved')
  expect(held(storage)).toMatchObject({
    ...tokensOf(old),
    record: {
      id: 'session-1',
      expiresAt: old.expires_at * 1000,
      skew: 0,
      user: { ...user, user_metadata: { name: 'Ada' } },
    },
  })
  expect(localStorage.getItem(key)).toBeNull()
})

test('a second call, and a page without an old session, find nothing to do', () => {
  const storage = memoryStorage()
  expect(move(storage)).toBe('none')
  expect(localStorage).toHaveLength(0)
  const old = oldSession()
  put(old)
  move(storage)
  const before = held(storage)
  expect(move(storage)).toBe('none')
  expect(held(storage)).toBe(before)
})

test('an access token that has run out moves too', () => {
  const old = oldSession({ left: -86_400 })
  put(old)
  const storage = memoryStorage()
  expect(move(storage)).toBe('moved')
  expect(held(storage)).toMatchObject(tokensOf(old))
})

test('toUser makes the user, as it does in the backend', () => {
  put(oldSession())
  const storage = memoryStorage()
  moveSupabaseSession({ url, storage, toUser: ({ id, user_metadata }) => ({ id, name: user_metadata.name }) })
  expect(held(storage)?.record?.user).toEqual({ id: user.id, name: 'Ada' })
})

test('without a user in it, or without a session id, the tokens are enough', () => {
  const { user: _, ...bare } = oldSession()
  put(bare)
  const storage = memoryStorage()
  expect(move(storage)).toBe('moved')
  expect(held(storage)?.record).toMatchObject({ id: 'session-1', user: null })

  const opaque = { ...oldSession(), access_token: 'no-jwt' }
  put(opaque)
  const other = memoryStorage()
  expect(move(other)).toBe('moved')
  expect(held(other)).toEqual({ ...tokensOf(opaque), record: null })
  expect(localStorage.getItem(key)).toBeNull()
})

test('the neighbours stay: code verifiers of a sign-in under way; the user that was kept apart goes', () => {
  put(oldSession())
  const verifiers = [
    `${key}-code-verifier`,
    `${key}-flows-code-verifier`,
    `${key}-flow-${'0'.repeat(32)}-code-verifier`,
  ]
  for (const name of verifiers) localStorage.setItem(name, '"verifier"')
  put({ user }, `${key}-user`)
  put(oldSession(), 'sb-other-auth-token')
  move(memoryStorage())
  expect(Object.keys(localStorage).sort()).toEqual([...verifiers, `${key}-moved`, 'sb-other-auth-token'].sort())
})

describe('what cannot be read is nothing to move, and stays where it is', () => {
  const session = oldSession()
  test.each<[string, string]>([
    ['an empty text', ''],
    ['no JSON', 'undefined'],
    ['JSON that breaks off', JSON.stringify(session).slice(0, -20)],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"session"'],
    ['a list, as older helpers wrote it', JSON.stringify([session.access_token, session.refresh_token, null])],
    ['the shape of version 1', JSON.stringify({ currentSession: session, expiresAt: 1 })],
    ['no access token', JSON.stringify({ ...session, access_token: undefined })],
    ['an empty access token', JSON.stringify({ ...session, access_token: '' })],
    ['no refresh token', JSON.stringify({ ...session, refresh_token: undefined })],
    ['a number as refresh token', JSON.stringify({ ...session, refresh_token: 7 })],
    ['no expiry', JSON.stringify({ ...session, expires_at: undefined })],
    ['base64 of junk', 'base64-%%%'],
    ['base64 of no session', `base64-${Buffer.from('{}').toString('base64url')}`],
  ])('%s', (_, text) => {
    localStorage.setItem(key, text)
    const storage = memoryStorage()
    expect(move(storage)).toBe('none')
    expect(held(storage)).toBeNull()
    expect(localStorage.getItem(key)).toBe(text)
    expect(localStorage).toHaveLength(1)
  })
})
