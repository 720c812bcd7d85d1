// @vitest-environment jsdom
import { type AuthStorage, cookieStorage, type StoredSession } from 'keyturn'
import { beforeEach, describe, expect, test } from 'vitest'
import { HOUR, jwt } from '../core/world.ts'
import { cookieNames, rawCookies, rawWrite, resetCookies, spyOnCookies } from './jar.ts'

const now = Date.now()
const session: StoredSession = {
  accessToken: jwt({ sub: 'ada' }),
  refreshToken: 'a-refresh-token-of-ada',
  record: { id: 'session-1', receivedAt: now, expiresAt: now + HOUR, skew: 0, user: { sub: 'ada' } },
}

beforeEach(() => {
  resetCookies()
  void cookieStorage().write(session, { secure: true, now })
})

const rawValue = (name: string) =>
  rawCookies()
    .split('; ')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? ''

describe('a record is believed only beside the tokens it was written with', () => {
  test.each(['b-refresh-token-of-ada', 'a-refresh-token_of-ada', 'a-refresh-token-of-adA', 'a-refresh-token-of-ad'])(
    'not beside the refresh token %s; nor is the access token, which may be that of the person before',
    (refreshToken) => {
      rawWrite(`refresh-token=${refreshToken}; path=/; secure`)
      expect(cookieStorage().read()).toEqual({ accessToken: null, refreshToken, record: null })
    },
  )

  test('not when it is of another version of this format', () => {
    const held = JSON.parse(decodeURIComponent(rawValue('auth-session')))
    rawWrite(`auth-session=${encodeURIComponent(JSON.stringify(held))}; path=/; secure`)
    expect(cookieStorage().read()).toEqual(session)
    rawWrite(`auth-session=${encodeURIComponent(JSON.stringify({ ...held, v: held.v + 1 }))}; path=/; secure`)
    expect(cookieStorage().read()).toEqual({ ...session, accessToken: null, record: null })
  })
})

describe('on a page by plain http, where browsers take no Secure cookie', () => {
  beforeEach(() => {
    resetCookies()
    spyOnCookies(({ attributes }) => !('secure' in attributes))
  })

  test('what was written can be cleared', () => {
    const storage = cookieStorage()
    void storage.write(session, { secure: false, now })
    expect(storage.read()).toEqual(session)
    void storage.clear()
    expect(cookieNames()).toEqual([])
  })

  test('and replaced by something shorter', () => {
    const storage = cookieStorage()
    void storage.write({ ...session, accessToken: 'a'.repeat(9_000) }, { secure: false, now })
    void storage.write({ ...session, accessToken: null }, { secure: false, now })
    expect(cookieNames()).toEqual(['auth-session', 'refresh-token'])
  })
})

describe('a tab that dies while it deletes a token in several chunks', () => {
  const large = { ...session, accessToken: 'a'.repeat(12_000) }

  /** As the browser leaves it: only the first writes have happened. */
  const dieAfter = (writes: number, run: (storage: AuthStorage) => unknown) => {
    let left = writes
    spyOnCookies(() => left-- > 0)
    expect(() => run(cookieStorage())).toThrow(/did not take/)
    spyOnCookies()
  }

  beforeEach(() => {
    resetCookies()
    void cookieStorage().write(large, { secure: true, now })
    expect(cookieNames().filter((name) => name.startsWith('auth-token'))).toHaveLength(4)
  })

  test.each([2, 3, 4])('leaves no token to be read after %i writes, and nothing that stays for good', (writes) => {
    dieAfter(writes, (storage) => storage.clear())
    expect(cookieStorage().read()).toEqual({ accessToken: null, refreshToken: session.refreshToken, record: null })
    void cookieStorage().clear()
    expect(cookieNames()).toEqual([])
  })

  test('nor stands in the way of the next sign-in', () => {
    dieAfter(3, (storage) => storage.clear())
    void cookieStorage().write(session, { secure: true, now })
    expect(cookieStorage().read()).toEqual(session)
    expect(cookieNames()).toEqual(['auth-session', 'auth-token', 'refresh-token'])
  })
})

test('clearing an empty jar writes nothing', () => {
  resetCookies()
  const writes = spyOnCookies()
  void cookieStorage().clear()
  expect(writes).toEqual([])
})
