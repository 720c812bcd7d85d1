// @vitest-environment jsdom
/** Fault 7: several cookies of one name, from other scopes. */
import { type AuthError, cookieStorage, type StoredSession } from 'keyturn'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { goTo, rawCookies, rawWrite, resetCookies, spyOnCookies } from './jar.ts'
import { context, marker, now, record, session, signOut } from './sessions.ts'

const ada = session()
const grace = session({
  accessToken: 'access-of-grace',
  refreshToken: 'refresh-of-grace',
  record: record({ id: 'session-2', order: now + 10, subject: 'grace', user: { sub: 'grace' } }),
})
const pairs = (name: string) =>
  rawCookies()
    .split('; ')
    .filter((pair) => pair.startsWith(`${name}=`))
const tokens = () => [...pairs('auth-token'), ...pairs('refresh-token')]
const failure = (run: () => unknown): AuthError | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    return error as AuthError
  }
}
/** What a page shows after a reload: nothing is remembered. */
const reload = (options = {}) => cookieStorage(options).read()

beforeEach(() => {
  resetCookies()
  goTo('/app/x')
})
afterEach(resetCookies)

describe.each([
  ['this host, then its domain', {}, { domain: 'example.test' }],
  ['the domain, then this host', { domain: 'example.test' }, {}],
  ['the domain, then this host as a domain', { domain: 'example.test' }, { domain: 'app.example.test' }],
  ['one path, then one above it', { path: '/app' }, { path: '/' }],
  ['one path, then one below it', { path: '/' }, { path: '/app/x' }],
  ['a path with and without a slash at its end', { path: '/app' }, { path: '/app/' }],
  ['another path and another domain', { path: '/app', domain: 'example.test' }, {}],
])('an app whose cookies were for %s', (_, before, after) => {
  beforeEach(() => {
    void cookieStorage(before).write(ada, context)
  })

  test('finds the session', () => {
    expect(reload(after)).toEqual(ada)
  })

  test('signs out: no token is left, and a reload finds the marker', () => {
    const storage = cookieStorage(after)
    void storage.read()
    void signOut(storage)
    expect(tokens()).toEqual([])
    expect(pairs('auth-session')).toHaveLength(1)
    expect(reload(after)).toEqual(marker())
    expect(reload(before)).toEqual(marker())
  })

  test('renews: the tokens of before are gone, and a reload finds the new ones', () => {
    const storage = cookieStorage(after)
    void storage.read()
    const next = session({ accessToken: 'next', refreshToken: 'next-refresh', record: record({ version: 2 }) })
    void storage.write(next, context)
    expect(tokens()).toEqual(['auth-token=next', 'refresh-token=next-refresh'])
    expect(reload(after)).toEqual(next)
  })

  test('switches the user: a reload finds the later one', () => {
    const storage = cookieStorage(after)
    void storage.read()
    void storage.write(grace, context)
    expect(tokens()).toHaveLength(2)
    expect(reload(after)).toEqual(grace)
    expect(reload(before)).toEqual(grace)
  })

  test('signs in without having looked: the later session counts, and the one of before stays out of it', () => {
    void cookieStorage(after).write(grace, context)
    expect(reload(after)).toEqual(grace)
    void signOut(cookieStorage(after), { id: 'session-2', order: now + 20 })
    expect(reload(after)).toEqual(marker({ id: 'session-2', order: now + 20 }))
  })
})

test('a long token is deleted elsewhere with all its pieces', () => {
  const long: StoredSession = { ...ada, accessToken: 'a'.repeat(4_000), refreshToken: 'r'.repeat(4_000) }
  void cookieStorage({ path: '/app' }).write(long, context)
  const storage = cookieStorage()
  expect(storage.read()).toEqual(long)
  void storage.write({ ...long, accessToken: 'b'.repeat(4_000) }, context)
  expect(reload()).toEqual({ ...long, accessToken: 'b'.repeat(4_000) })
  void signOut(storage)
  expect(rawCookies()).toMatch(/^auth-session=[^;]+$/)
})

describe('what is not this app’s stays', () => {
  const other = session({
    accessToken: 'access-of-another',
    refreshToken: 'refresh-of-another',
    record: record({ id: 'another', backend: 'https://other.example.test', order: now + 100 }),
  })
  const shared = { domain: 'example.test' }

  test('another back end’s session on the domain, through sign-in, renewal and sign-out', () => {
    void cookieStorage(shared).write(other, context)
    const foreign = rawCookies().split('; ').sort()
    const storage = cookieStorage()
    void storage.read()
    void storage.write(ada, context)
    expect(storage.read()).toEqual(ada)
    void signOut(storage)
    expect(rawCookies().split('; ')).toEqual(expect.arrayContaining(foreign))
    expect(tokens().sort()).toEqual(['auth-token=access-of-another', 'refresh-token=refresh-of-another'])
    expect(storage.read()).toEqual(marker())
  })

  test('each finds its own, whichever is the later one', () => {
    void cookieStorage(shared).write(other, context)
    void cookieStorage().write(ada, context)
    expect(reload()).toEqual(ada)
    expect(reload(shared)).toEqual(other)
  })

  test('a token that nobody here has held, beside the session: it is not taken, and not deleted', () => {
    void cookieStorage().write(ada, context)
    rawWrite('refresh-token=stray; domain=example.test; path=/; secure')
    rawWrite('auth-token=stray; path=/app; secure')
    const storage = cookieStorage()
    expect(storage.read()).toEqual(ada)
    void signOut(storage)
    expect(tokens().sort()).toEqual(['auth-token=stray', 'refresh-token=stray'])
    expect(storage.read()).toEqual(marker())
  })

  test('such a stray beside a marker: a reload is told of it once, and after a further write no more', () => {
    rawWrite('refresh-token=stray; domain=example.test; path=/; secure')
    void signOut(cookieStorage())
    const storage = cookieStorage()
    expect(storage.read()).toEqual({ ...marker(), refreshToken: 'stray', fits: false })
    void signOut(storage)
    expect(storage.read()).toEqual(marker())
    rawWrite('refresh-token=another; path=/app; secure')
    expect(storage.read()).toEqual({ ...marker(), refreshToken: 'another', fits: false })
  })

  test('a stray and an old one of ours in two other scopes: the old one goes, the stray is as it was', () => {
    void cookieStorage({ path: '/app/x' }).write(ada, context)
    rawWrite('refresh-token=stray; domain=example.test; path=/app; secure')
    const storage = cookieStorage()
    void storage.read()
    void signOut(storage)
    expect(tokens()).toEqual(['refresh-token=stray'])
  })

  test('a record that names nobody, of another id, is not deleted; the later one counts', () => {
    const old = { ...record({ id: 'old', receivedAt: now - 1 }), order: undefined, backend: undefined }
    void cookieStorage(shared).write({ accessToken: null, refreshToken: null, record: old as never }, context)
    void cookieStorage().write(ada, context)
    expect(pairs('auth-session')).toHaveLength(2)
    expect(reload()).toEqual(ada)
  })
})

describe('where it cannot write', () => {
  test('an HttpOnly cookie of the same name is in its place: the error names the cookie and the cause', () => {
    spyOnCookies(({ name }) => name !== 'refresh-token')
    const error = failure(() => cookieStorage().write(ada, context))
    expect(error).toMatchObject({ code: 'storage_failed' })
    expect(error?.message).toMatch(/the cookie refresh-token: .*HttpOnly.*prefix/)
    expect(error?.message).not.toContain(String(ada.refreshToken))
    expect(rawCookies()).toBe('')
  })

  test.each<[string, object]>([
    ['a domain that is not above this page', { domain: 'other.test' }],
    ['a path that is not above this page', { path: '/elsewhere' }],
  ])('%s: the error says so', (_, options) => {
    const error = failure(() => cookieStorage(options).write(ada, context))
    expect(error).toMatchObject({ code: 'storage_failed' })
    expect(error?.message).toMatch(/the cookie refresh-token: .*domain or path/)
  })

  test('an old token in another scope that cannot be deleted: the sign-out says so, and its marker is there', () => {
    void cookieStorage({ path: '/app' }).write(ada, context)
    const storage = cookieStorage()
    void storage.read()
    spyOnCookies(({ attributes, deletes }) => !(deletes && attributes.path === '/app'))
    expect(failure(() => signOut(storage))).toMatchObject({ code: 'storage_failed' })
    expect(reload()).toMatchObject({ record: { over: 'signed_out' } })
  })
})
