// @vitest-environment jsdom
/** Fault 11: how much the cookies take, and who is told. */
import { type AuthError, cookieStorage, type StoredSession } from 'keyturn'
import { beforeEach, describe, expect, test } from 'vitest'
import { rawCookies, resetCookies } from './jar.ts'
import { context, marker, record, session } from './sessions.ts'

beforeEach(resetCookies)

/** What is told to the developer by these writes, one after the other, of one storage. */
function told(...sessions: StoredSession[]): AuthError[] {
  const errors: AuthError[] = []
  const storage = cookieStorage()
  for (const each of sessions) void storage.write(each, { ...context, warn: (error) => errors.push(error) })
  return errors
}
const large = session({ accessToken: 'a'.repeat(3_700) })

describe('cookies of more than 4 kB', () => {
  test('are told once, with what to do, and are stored', () => {
    const errors = told(large, large, session(), large)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ code: 'misconfigured' })
    expect(errors[0]?.message).toMatch(/cookies take 4\d{3} bytes.*toUser.*access: 'memory'/)
    expect(errors[0]?.message).not.toContain('aaaa')
    expect(cookieStorage().read()).toEqual(large)
  })

  test('also where it is the user that is large', () => {
    expect(told(session({ record: record({ user: { about: 'x'.repeat(3_600) } }) }))).toHaveLength(1)
  })

  test('are those as they stand in the jar: what is encoded takes more', () => {
    expect(told(session({ record: record({ user: { about: 'x'.repeat(1_400) } }) }))).toHaveLength(0)
    expect(told(session({ record: record({ user: { about: '愛'.repeat(1_400) } }) }))).toHaveLength(1)
  })

  test('smaller ones are not told', () => {
    expect(told(session(), marker(), session({ accessToken: 'a'.repeat(3_000) }))).toEqual([])
  })

  test('nor is a large token that is kept in memory', () => {
    const storage = cookieStorage({ access: 'memory' })
    let warnings = 0
    void storage.write(large, { ...context, warn: () => warnings++ })
    expect(warnings).toBe(0)
    expect(rawCookies().length).toBeLessThan(1_000)
  })
})

test('a token of 3.7 kB is stored once', () => {
  void cookieStorage().write(large, context)
  expect(rawCookies().length).toBeLessThan(4_500)
})
