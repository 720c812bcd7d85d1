// @vitest-environment jsdom
import { cookieStorage, memoryStorage, type StoredSession } from 'keyturn'
import { moveSupabaseSession } from 'keyturn/supabase'
import { beforeEach, describe, expect, test } from 'vitest'
import { cookieNames, rawCookies, rawWrite, resetCookies, spyOnCookies } from '../storage/jar.ts'
import { encoded, key, oldSession, signOut, writeCookies } from './old-sessions.ts'
import { url } from './project.ts'

const storage = cookieStorage()
const held = () => {
  const session = storage.read() as StoredSession | null
  return session?.record?.over ? null : session
}
const OWN = ['auth-session', 'auth-token', 'refresh-token']
/** Without those of this kit: its cookies may be chunked too. */
const others = () => cookieNames().filter((name) => !OWN.some((own) => name.startsWith(own)))

/** A session too long for one cookie, with characters that take several bytes. */
const long = (more = {}) => ({ ...oldSession(more), provider_token: 'ß𝄞token'.repeat(700) })

beforeEach(() => {
  resetCookies()
  localStorage.clear()
})

describe('a session of @supabase/ssr moves', () => {
  test.each<[string, object, (session: object) => string, string[]]>([
    ['one cookie, base64url', oldSession({ name: 'Ærøskøbing 東京' }), encoded, [key]],
    ['chunks, base64url', long(), encoded, [`${key}.0`, `${key}.1`, `${key}.2`]],
    ['one cookie, raw', oldSession({ name: 'Ærøskøbing "東京"; %41' }), JSON.stringify, [key]],
    ['chunks, raw', long({ name: '100 % 東京' }), JSON.stringify, [`${key}.0`, `${key}.1`]],
  ])('%s', (_, session, encode, names) => {
    const old = session as ReturnType<typeof oldSession>
    writeCookies(encode(old))
    expect(others().slice(0, names.length)).toEqual(names)
    expect(moveSupabaseSession({ url, storage })).toBe('moved')
    expect(held()).toMatchObject({
      accessToken: old.access_token,
      refreshToken: old.refresh_token,
      record: { id: 'session-1', user: old.user },
    })
    expect(others()).toEqual([])
    expect(moveSupabaseSession({ url, storage })).toBe('none')
  })

  test('an access token that has run out: the refresh token is there, the dead token is not kept', () => {
    const old = oldSession({ left: -3600 })
    writeCookies(encoded(old))
    expect(moveSupabaseSession({ url, storage })).toBe('moved')
    expect(held()).toMatchObject({ accessToken: null, refreshToken: old.refresh_token })
  })

  test('the plain name comes before chunks that were left over, and all of them go', () => {
    const old = oldSession()
    writeCookies(encoded(long({ id: 'session-0', refreshToken: 'oooooooooooo' })))
    writeCookies(encoded(old))
    rawWrite(`${key}.17=stale; path=/`)
    moveSupabaseSession({ url, storage })
    expect(held()?.refreshToken).toBe(old.refresh_token)
    expect(others()).toEqual([])
  })

  test('its neighbours stay', () => {
    writeCookies(encoded(oldSession()))
    const neighbours = [
      `${key}-code-verifier`,
      `${key}-code-verifier.0`,
      `${key}.x`,
      `${key}.1.0`,
      `${key}s`,
      'other.0',
    ]
    for (const name of neighbours) rawWrite(`${name}=kept; path=/`)
    moveSupabaseSession({ url, storage })
    expect(others()).toEqual([...neighbours].sort())
  })
})

describe('what cannot be read stays where it is', () => {
  const value = encoded(long())
  test.each<[string, () => void]>([
    [
      'chunks of two generations that do not fit together',
      () => {
        writeCookies(value)
        rawWrite(`${key}.1=${encoded(long({ name: 'Grace' })).slice(3001, 5000)}; path=/`)
      },
    ],
    [
      'a chunk is missing',
      () => {
        writeCookies(value)
        rawWrite(`${key}.1=; path=/; max-age=0`)
      },
    ],
    [
      'the first chunk is missing',
      () => {
        writeCookies(value)
        rawWrite(`${key}.0=; path=/; max-age=0`)
      },
    ],
    ['junk', () => writeCookies('base64-????')],
    ['percent signs that mean nothing', () => rawWrite(`${key}=%E0%A4%A; path=/`)],
  ])('%s', (_, write) => {
    write()
    const before = rawCookies()
    expect(moveSupabaseSession({ url, storage })).toBe('none')
    expect(rawCookies()).toBe(before)
  })
})

test('cookies that the browser does not take: the old ones stay', () => {
  writeCookies(encoded(oldSession()))
  const before = rawCookies()
  spyOnCookies(({ name }) => !OWN.includes(name))
  expect(moveSupabaseSession({ url, storage })).toBe('failed')
  expect(rawCookies()).toBe(before)
})

test('cookies of a parent domain need that domain; without it the old copy is left behind, but never comes back', () => {
  const attributes = 'Path=/; Domain=example.test; SameSite=Lax; Max-Age=34560000'
  const old = oldSession()
  writeCookies(encoded(old), key, attributes)
  expect(moveSupabaseSession({ url, storage })).toBe('left_behind')
  expect(held()?.refreshToken).toBe(old.refresh_token)
  // Signed out.
  signOut(storage)
  expect(moveSupabaseSession({ url, storage })).toBe('left_behind')
  expect(held()).toBeNull()
  expect(moveSupabaseSession({ url, storage, domain: 'example.test' })).toBe('dropped')
  expect(others()).toEqual([])
})

test('with a domain, a copy for this host alone goes too', () => {
  writeCookies(encoded(oldSession()))
  writeCookies(encoded(oldSession()), key, 'Path=/; Domain=example.test; Max-Age=34560000')
  expect(moveSupabaseSession({ url, storage, domain: 'example.test' })).toBe('moved')
  expect(others()).toEqual([])
})

test('of two old copies the one that lives longer moves, and both go', () => {
  for (const cookieLeft of [600, 6000]) {
    resetCookies()
    localStorage.clear()
    const inCookie = oldSession({ id: 'session-1', refreshToken: 'cccccccccccc', left: cookieLeft })
    const inLocal = oldSession({ id: 'session-2', refreshToken: 'llllllllllll', left: 3600 })
    writeCookies(encoded(inCookie))
    localStorage.setItem(key, JSON.stringify(inLocal))
    const target = memoryStorage()
    expect(moveSupabaseSession({ url, storage: target })).toBe('moved')
    expect((target.read() as StoredSession).refreshToken).toBe(cookieLeft > 3600 ? 'cccccccccccc' : 'llllllllllll')
    expect(others()).toEqual([])
    expect(localStorage.getItem(key)).toBeNull()
  }
})

test('what cannot be read stays, also beside a copy that moves', () => {
  localStorage.setItem(key, 'unreadable')
  writeCookies(encoded(oldSession()))
  expect(moveSupabaseSession({ url, storage })).toBe('moved')
  expect(localStorage.getItem(key)).toBe('unreadable')
})
