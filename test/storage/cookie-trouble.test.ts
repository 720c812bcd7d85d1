// @vitest-environment jsdom
import { type AuthError, cookieStorage, type StoredSession } from 'keyturn'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createWorld, DAY, HOUR, jwt, MINUTE } from '../core/world.ts'
import { blockCookies, cookieNames, rawWrite, resetCookies, spyOnCookies } from './jar.ts'
import { context, session, signOut } from './sessions.ts'

const held = session()
const long = session({ accessToken: jwt({ sub: 'ada', roles: 'x'.repeat(6_000) }) })
const failure = (run: () => unknown): AuthError | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    return error as AuthError
  }
}

beforeEach(resetCookies)
afterEach(() => {
  vi.useRealTimers()
  resetCookies()
})

/** A world whose year is also the year of the jar, or the jar would drop its cookies as out of date. */
function inStep() {
  const world = createWorld()
  vi.useFakeTimers({ toFake: ['Date'], now: world.clock.now() })
  return world
}

describe('what is unreadable counts as absent', () => {
  const without = (...names: string[]) => {
    for (const name of names) rawWrite(`${name}=; path=/; max-age=0; secure`)
  }

  beforeEach(() => {
    void cookieStorage().write(held, context)
  })

  test('tokens without a record', () => {
    without('auth-session')
    expect(cookieStorage().read()).toEqual({ ...held, record: null })
    without('refresh-token')
    expect(cookieStorage().read()).toEqual({ ...held, refreshToken: null, record: null })
  })

  test('the access cookie that ran out with its token tears nothing', () => {
    without('auth-token')
    expect(cookieStorage().read()).toEqual({ ...held, accessToken: null })
  })

  test('nor does the refresh cookie that was deleted: the access token is still that of the record', () => {
    without('refresh-token')
    expect(cookieStorage().read()).toEqual({ ...held, refreshToken: null })
  })

  test('a record alone is handed out', () => {
    without('auth-token', 'refresh-token')
    expect(cookieStorage().read()).toEqual({ ...held, accessToken: null, refreshToken: null })
  })

  test.each([
    '%E0%A4%A',
    'not json',
    '%7B%22v%22',
    'null',
    '7',
    '[]',
    '"x"',
    '%7B%22v%22%3A99%7D',
    '%7B%22v%22%3A1%7D',
  ])('the record %s', (text) => {
    rawWrite(`auth-session=${text}; path=/; secure`)
    expect(cookieStorage().read()).toEqual({ ...held, record: null })
  })

  test('an access token with broken percent escapes: the rest is believed', () => {
    rawWrite('auth-token=%E0%A4%A; path=/; secure')
    expect(cookieStorage().read()).toEqual({ ...held, accessToken: null })
  })

  test('nothing but broken cookies, also of others: no session, no exception', () => {
    for (const name of ['auth-token', 'refresh-token', 'auth-session', '%E0%A4%A', 'other'])
      rawWrite(`${name}=%E0%A4%A; path=/`)
    expect(cookieStorage().read()).toBeNull()
  })
})

describe('a browser that does not keep what is written', () => {
  test('a jar that drops what exceeds 4096 bytes keeps a long token, for it is split', () => {
    spyOnCookies(({ name, value }) => name.length + value.length <= 4096)
    void cookieStorage().write(long, context)
    expect(cookieStorage().read()).toEqual(long)
  })

  test('blocked cookies: storage_failed, with the name and without the value', () => {
    blockCookies()
    const error = failure(() => cookieStorage().write(held, context))
    expect(error).toMatchObject({ code: 'storage_failed' })
    expect(error?.message).toMatch(/cookies?/)
    expect(error?.message).not.toContain('refresh-token-of-ada')
    expect(cookieStorage().read()).toBeNull()
  })

  test('a full jar that refuses one piece: storage_failed', () => {
    spyOnCookies(({ name, deletes }) => deletes || !name.startsWith('auth-token.'))
    expect(failure(() => cookieStorage().write(long, context))).toMatchObject({ code: 'storage_failed' })
  })

  test('a cookie that cannot be deleted: storage_failed, not an endless loop', () => {
    const storage = cookieStorage()
    void storage.write(long, context)
    spyOnCookies(({ deletes }) => !deletes)
    expect(failure(() => signOut(storage))).toMatchObject({ code: 'storage_failed' })
    // What is left of the long token is no part of the short one.
    expect(failure(() => storage.write(held, context))).toBeUndefined()
    expect(storage.read()).toEqual(held)
  })

  test('one cookie that cannot be deleted does not save the others', () => {
    const storage = cookieStorage()
    void storage.write(held, context)
    spyOnCookies(({ name, deletes }) => !(deletes && name === 'auth-token'))
    expect(failure(() => signOut(storage))?.message).toContain('auth-token')
    expect(cookieNames()).toEqual(['auth-session', 'auth-token'])
  })

  test('the engine tells it once, keeps the session in memory and does not loop', async () => {
    blockCookies()
    const world = createWorld()
    const { auth, events, names } = world.open({ storage: cookieStorage() })
    await auth.signIn({})
    expect(names()).toContain('signed_in')
    const told = events.filter(([name]) => name === 'storage_failed')
    expect(told).toEqual([['storage_failed', { error: expect.objectContaining({ code: 'storage_failed' }) }]])
    expect(auth.inspect().persisted).toBe(false)
    await world.clock.advance(54 * MINUTE)
    expect(world.server.refreshes).toHaveLength(0)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    await world.clock.advance(DAY - 54 * MINUTE)
    expect(world.server.refreshes).toHaveLength(26)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    expect(await auth.getAccessToken()).toBeTruthy()
    expect(names().filter((name) => name === 'storage_failed').length).toBeLessThanOrEqual(27)
  })

  test('cookies that are blocked later: the spent tokens they hold do not come back', async () => {
    const world = inStep()
    const { auth, tab } = world.open({ storage: cookieStorage() })
    await auth.signIn({})
    expect(cookieNames()).toContain('refresh-token')
    spyOnCookies(() => false)
    await auth.refresh()
    const token = await auth.getAccessToken()
    tab.wake('storage')
    await world.clock.flush()
    expect(await auth.getAccessToken()).toBe(token)
    await world.clock.advance(2 * HOUR)
    expect(world.server.refreshes).toEqual(['refresh-1', 'refresh-2', 'refresh-3'])
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })
})

describe('with the engine', () => {
  test('a sign-in answer without a refresh token leaves no text "undefined" or "null" in any cookie', async () => {
    const world = inStep()
    world.server.signInScript.push(() => ({ ...world.server.issue(), refreshToken: undefined }))
    const { auth, names } = world.open({ storage: cookieStorage() })
    await auth.signIn({})
    expect(cookieNames()).toEqual(['auth-session', 'auth-token'])
    expect(names()).toEqual(['signed_in'])
    expect(cookieStorage().read()).toMatchObject({ refreshToken: null, accessToken: await auth.getAccessToken() })
  })

  test('a reload reads from the cookies what the page before has written', async () => {
    const world = inStep()
    world.server.withUser = { name: 'Ada "; Path=/ 愛' }
    const before = world.open({ storage: cookieStorage() })
    await before.auth.signIn({})
    const { auth } = world.open({ storage: cookieStorage() })
    expect(auth.getState()).toEqual(before.auth.getState())
    expect(auth.inspect()).toMatchObject({ sessionId: before.auth.inspect().sessionId, persisted: true })
    await auth.signOut()
    expect(cookieNames()).toEqual(['auth-session'])
  })
})

describe('a lost piece', () => {
  test('of a long access token: the first 401 renews it, and the person stays signed in', async () => {
    const world = inStep()
    const answer = world.server.issue()
    world.server.signInScript.push(() => ({ ...answer, accessToken: `${answer.accessToken}${'x'.repeat(8_000)}` }))
    await world.open({ storage: cookieStorage() }).auth.signIn({})
    rawWrite(`${cookieNames().find((name) => name.startsWith('auth-token.'))}=; path=/; max-age=0; secure`)
    const { auth } = world.open({ storage: cookieStorage() })
    const sent: (string | null)[] = []
    const send = async ({ token }: { readonly token: string | null }) => {
      sent.push(token)
      return {
        status:
          token === (cookieStorage().read() as StoredSession).accessToken && token && token.length < 1_000 ? 200 : 401,
      }
    }
    const exchange = auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send })
    // What does not fit its record is looked at again.
    await world.clock.advance(2_000)
    const { reply } = await exchange
    expect(reply.status).toBe(200)
    expect(world.server.refreshes).toEqual([answer.refreshToken])
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })
})

describe('names with a prefix', () => {
  const names = { accessName: '__Host-at', refreshName: '__Host-rt', recordName: '__Host-rec' }
  /** As browsers do (RFC 6265bis 5.7): whoever writes such a name, be it to delete it, must say Secure. */
  const strict = () => spyOnCookies(({ name, attributes }) => !/^__(Host|Secure)-/.test(name) || 'secure' in attributes)

  test.each(['__Host-', '__Secure-'])('%s cookies are written, replaced by shorter ones, and deleted', (prefix) => {
    strict()
    const storage = cookieStorage({ accessName: `${prefix}at`, refreshName: `${prefix}rt`, recordName: `${prefix}rec` })
    void storage.write(long, context)
    expect(storage.read()).toEqual(long)
    void storage.write(held, context)
    expect(storage.read()).toEqual(held)
    void signOut(storage)
    expect(cookieNames()).toEqual([`${prefix}rec`])
  })

  test('on plain http the browser refuses a __Host- name, and that is told', () => {
    // Nor does it take a Secure cookie from a page on plain http.
    spyOnCookies(({ name, attributes }) => !/^__/.test(name) && !('secure' in attributes))
    const error = failure(() => cookieStorage(names).write(held, { ...context, secure: false }))
    expect(error).toMatchObject({ code: 'storage_failed' })
  })
})
