import type { SessionRecord, StoredSession } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, HOUR, signedIn } from '../world.ts'

const odd: readonly unknown[] = [
  'soon',
  '',
  '1',
  {},
  [],
  true,
  Number.NaN,
  Infinity,
  -Infinity,
  1e300,
  () => 1,
  Symbol('x'),
  1n,
]

describe.each(['receivedAt', 'expiresAt', 'skew', 'order', 'version', 'id', 'subject', 'backend', 'over'] as const)(
  'a record whose %s is of another type, or out of range',
  (field) => {
    const values = odd.filter((value) => !(['subject', 'id', 'backend'].includes(field) && typeof value === 'string'))
    const more =
      field === 'order' || field === 'version'
        ? [0, -1, 1.5, 2 ** 52 + 1, 2 ** 53]
        : field === 'id'
          ? ['a b', 'x'.repeat(201)]
          : []

    test('counts as absent: no storm, no exception, nobody signed out by it', async () => {
      for (const value of [...values, ...more]) {
        const world = await signedIn()
        const { clock, browser, server, auth, tab } = world
        const stored = browser.stored() as StoredSession
        const record = { ...stored.record, [field]: value } as unknown as SessionRecord
        browser.setStored({ ...stored, record })
        const there = world.open()
        tab.wake('storage')
        await clock.advance(5_000)
        expect(server.refreshes.length, String(value)).toBeLessThanOrEqual(1)
        for (const one of [auth, there.auth]) {
          expect(one.getState().status, String(value)).toBe('authenticated')
          expect(typeof (await one.getAccessToken())).toBe('string')
          expect(one.inspect().nextRefreshAt).toBeGreaterThan(clock.now())
        }
        // Whoever notices writes a whole record again.
        expect(Number.isFinite(browser.stored()?.record?.receivedAt)).toBe(true)
        for (const one of [auth, there.auth]) one.dispose()
        expect(clock.pending, String(value)).toBe(0)
      }
    })
  },
)

describe('tokens that are none', () => {
  test.each<[string, unknown]>([
    ['an object', {}],
    ['a number', 7],
    ['a function', () => 'x'],
    ['a text with a line break', 'a\nb'],
    ['a text with a blank', 'a b'],
  ])('%s in place of the access token is not handed out', async (_, value) => {
    const world = await signedIn()
    const stored = world.browser.stored() as StoredSession
    world.browser.setStored({ ...stored, accessToken: value as string })
    const there = world.open()
    await world.clock.advance(2_000)
    const token = await there.auth.getAccessToken()
    expect(token).toMatch(/^[!-~]+$/)
    expect(world.server.refreshes.length).toBeLessThanOrEqual(1)
  })

  test.each<[string, unknown]>([
    ['text', 'session'],
    ['a number', 1],
    ['a list', []],
    ['an empty object', {}],
    ['true', true],
  ])('%s in place of the session is nobody', async (_, value) => {
    const world = createWorld()
    world.browser.setStored(value as StoredSession)
    const { auth, events } = world.open()
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'none' })
    await world.clock.advance(5_000)
    expect(events).toEqual([])
  })
})

test('an order of 2^52 leaves room for a sign-in and a sign-out all the same', async () => {
  const world = await signedIn()
  const stored = world.browser.stored() as StoredSession
  world.browser.setStored({ ...stored, record: { ...(stored.record as SessionRecord), id: 'planted', order: 2 ** 52 } })
  const { auth } = world.open()
  await auth.signOut()
  expect(auth.getState().status).toBe('unauthenticated')
  expect(world.open().auth.getState().status).toBe('unauthenticated')
  await auth.signIn({})
  await world.clock.advance(100)
  expect(auth.getState().status).toBe('authenticated')
})

test('a clock that jumps past the life of the storage in an open tab: the session is written again', async () => {
  const world = createWorld()
  const { storage } = world.browser.openTab()
  world.server.life = (400 * 24 * HOUR) / 1000
  const tab = world.open({ storage: { ...storage, lifetime: 60 * 24 * HOUR } })
  await tab.auth.signIn({})
  const stored = world.browser.stored()
  world.clock.jump(61 * 24 * HOUR)
  // The browser drops what has expired.
  world.browser.setStored(null)
  tab.tab.wake('visible')
  await world.clock.advance(1_000)
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' } })
  expect(world.browser.stored()).toEqual(stored)
  expect(tab.names()).toEqual(['signed_in'])
})

test('before that, what has gone from storage was deleted by somebody', async () => {
  const world = createWorld()
  const { storage } = world.browser.openTab()
  world.server.life = (400 * 24 * HOUR) / 1000
  const tab = world.open({ storage: { ...storage, lifetime: 60 * 24 * HOUR } })
  await tab.auth.signIn({})
  world.clock.jump(59 * 24 * HOUR)
  world.browser.setStored(null)
  tab.tab.wake('visible')
  await world.clock.advance(3_000)
  expect(tab.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'storage_lost' })
})
