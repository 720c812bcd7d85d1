// @vitest-environment jsdom
import { type AuthStorage, cookieStorage } from 'keyturn'
import { beforeEach, describe, expect, test } from 'vitest'
import { cookieNames, rawCookies, rawWrite, resetCookies, spyOnCookies } from './jar.ts'
import { context, marker, session, signOut } from './sessions.ts'

const held = session()

beforeEach(() => {
  resetCookies()
  void cookieStorage().write(held, context)
})

const rawValue = (name: string) =>
  rawCookies()
    .split('; ')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? ''

describe('a record that was written with other tokens is told as such', () => {
  test.each(['b-refresh-token-of-ada', 'a-refresh-token_of-ada', 'a-refresh-token-of-adA', 'a-refresh-token-of-ad'])(
    'beside the refresh token %s',
    (refreshToken) => {
      rawWrite(`refresh-token=${refreshToken}; path=/; secure`)
      expect(cookieStorage().read()).toEqual({ ...held, refreshToken, fits: false })
    },
  )

  test('beside another access token', () => {
    rawWrite('auth-token=another; path=/; secure')
    expect(cookieStorage().read()).toEqual({ ...held, accessToken: 'another', fits: false })
  })

  test('a record of another version of this format counts as absent', () => {
    const envelope = JSON.parse(decodeURIComponent(rawValue('auth-session')))
    rawWrite(`auth-session=${encodeURIComponent(JSON.stringify(envelope))}; path=/; secure`)
    expect(cookieStorage().read()).toEqual(held)
    rawWrite(`auth-session=${encodeURIComponent(JSON.stringify({ ...envelope, v: 2 }))}; path=/; secure`)
    expect(cookieStorage().read()).toEqual({ ...held, record: null })
  })
})

describe('a tab that dies between two cookies', () => {
  /** As the browser leaves it: only the first writes have happened. */
  const dieAfter = (writes: number, run: (storage: AuthStorage) => unknown) => {
    let left = writes
    spyOnCookies(() => left-- > 0)
    expect(() => run(cookieStorage())).toThrow(/did not take/)
    spyOnCookies()
  }
  const next = session({ accessToken: 'next-access', refreshToken: 'next-refresh' })

  test.each<[string, number, object]>([
    ['the refresh token alone is new', 1, { refreshToken: 'next-refresh' }],
    ['both tokens are new, the record is not', 2, { refreshToken: 'next-refresh', accessToken: 'next-access' }],
  ])('of a renewal: %s', (_, writes, change) => {
    dieAfter(writes, (storage) => storage.write(next, context))
    expect(cookieStorage().read()).toEqual({ ...held, ...change, fits: false })
  })

  test.each<[string, number, object]>([
    ['the tokens are there, and the marker says that it is over', 1, { accessToken: held.accessToken }],
    ['the refresh token is left', 2, {}],
  ])('of a sign-out: %s', (_, writes, change) => {
    dieAfter(writes, signOut)
    expect(cookieStorage().read()).toEqual({ ...marker(), refreshToken: held.refreshToken, ...change, fits: false })
  })

  test('of a sign-out: the next one finishes it', () => {
    dieAfter(2, signOut)
    void signOut(cookieStorage())
    expect(cookieStorage().read()).toEqual(marker())
  })
})

describe('on a page by plain http, where browsers take no Secure cookie', () => {
  const plain = { ...context, secure: false }

  beforeEach(() => {
    resetCookies()
    spyOnCookies(({ attributes }) => !('secure' in attributes))
  })

  test('what was written can be deleted', () => {
    const storage = cookieStorage()
    void storage.write(held, plain)
    expect(storage.read()).toEqual(held)
    void storage.write(marker(), plain)
    expect(cookieNames()).toEqual(['auth-session'])
  })

  test('and replaced by something shorter', () => {
    const storage = cookieStorage()
    void storage.write({ ...held, accessToken: 'a'.repeat(9_000) }, plain)
    void storage.write({ ...held, accessToken: null }, plain)
    expect(cookieNames()).toEqual(['auth-session', 'refresh-token'])
  })
})

describe('a tab that dies while it deletes a token in several pieces', () => {
  const large = { ...held, accessToken: 'a'.repeat(12_000) }

  /** The marker, then piece by piece, from the first. */
  const dieAfter = (pieces: number) => {
    let left = 1 + pieces
    spyOnCookies(() => left-- > 0)
    expect(() => signOut(cookieStorage())).toThrow(/did not take/)
    spyOnCookies()
  }

  beforeEach(() => {
    resetCookies()
    void cookieStorage().write(large, context)
    expect(cookieNames().filter((name) => name.startsWith('auth-token'))).toHaveLength(4)
  })

  test.each([1, 2, 3])(
    'leaves no access token to be read after %i of them, and nothing that stays for good',
    (pieces) => {
      dieAfter(pieces)
      expect(cookieStorage().read()).toMatchObject({ accessToken: null, refreshToken: held.refreshToken })
      void signOut(cookieStorage())
      expect(cookieNames()).toEqual(['auth-session'])
    },
  )

  test('nor stands in the way of the next sign-in', () => {
    dieAfter(2)
    void cookieStorage().write(held, context)
    expect(cookieStorage().read()).toEqual(held)
    expect(cookieNames()).toEqual(['auth-session', 'auth-token', 'refresh-token'])
  })
})
