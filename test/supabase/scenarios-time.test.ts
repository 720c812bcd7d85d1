import { AuthError, type Backend, type RefreshOutcome } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { held } from '../core/world.ts'
import {
  createScene,
  expectAgreement,
  expectOneEnd,
  grace,
  HOUR,
  MINUTE,
  SECOND,
  settings,
  signedIn,
  times,
  verdicts,
  watch,
} from './scenario.ts'

describe.each(settings)('late, lost and ended at $profile, through the $dialect dialect', (setting) => {
  test.each([
    [
      'throws at once',
      () => {
        throw new TypeError('not a function')
      },
    ],
    ['answers junk', async () => 'junk' as unknown as RefreshOutcome],
  ])('a backend function that %s once is no trouble for good', async (_what, broken) => {
    const scene = createScene(setting)
    let calls = 0
    const once = (backend: Backend): Backend => ({
      ...backend,
      refresh: (tokens, context) => (++calls === 1 ? broken() : backend.refresh(tokens, context)),
    })
    const tab = scene.open(once)
    await tab.auth.signIn(scene.ada)
    await scene.clock.advance(2 * HOUR)
    expect(calls).toBeGreaterThan(1)
    await expectAgreement(scene, [tab])
  })

  test('signing out during a refresh: the late tokens are not stored, and no session is left', async () => {
    const scene = await signedIn(setting)
    scene.mock.faults.next('refresh', { type: 'latency', ms: SECOND })
    const refresh = watch(scene.auth.refresh())
    await scene.clock.advance(500)
    void scene.auth.signOut()
    expect(held(scene.browser)).toBeNull()
    await scene.clock.advance(10 * SECOND)
    expect(refresh.result()).toBeInstanceOf(AuthError)
    expectOneEnd(scene, scene.tabs, ['signed_out'])
    expect(scene.mock.admin.sessions().map(({ live }) => live)).toEqual([false])
  })

  test('another user signs in during a refresh: the late tokens are not stored', async () => {
    const scene = await signedIn(setting)
    scene.mock.faults.next('refresh', { type: 'latency', ms: 5 * SECOND })
    const refresh = watch(scene.auth.refresh())
    await scene.clock.advance(500)
    await scene.auth.signIn(grace)
    const stored = scene.browser.stored()
    await scene.clock.advance(20 * SECOND)
    expect(refresh.result()).toMatchObject({ code: 'session_changed' })
    expect(scene.browser.stored()).toEqual(stored)
    expect(scene.auth.getState()).toMatchObject({ status: 'authenticated', user: { email: grace.email } })
    expect((await scene.api('/api/echo')).status).toBe(200)
  })

  test('a request that is aborted while it waits is not sent; others are not disturbed', async () => {
    const scene = await signedIn(setting)
    scene.clock.jump(2 * HOUR)
    scene.mock.faults.next('refresh', { type: 'latency', ms: SECOND })
    const abort = new AbortController()
    const aborted = watch(scene.api('/api/echo/a', { signal: abort.signal }))
    const other = scene.api('/api/echo/b')
    await scene.clock.advance(500)
    abort.abort()
    await scene.clock.flush()
    expect(aborted.result()).toMatchObject({ name: 'AbortError' })
    await scene.clock.advance(SECOND)
    expect((await other).status).toBe(200)
    expect(scene.mock.count('api')).toBe(1)
  })

  test('asleep past the expiry, awake before the network: one refresh, and no flash of signed out', async () => {
    const scene = await signedIn(setting, {}, 3)
    const before = scene.tabs.map(({ statuses }) => statuses.length)
    scene.mock.faults.always('*', { type: 'drop' })
    scene.clock.jump(8 * HOUR)
    for (const { tab } of scene.tabs) tab.wake('visible')
    await scene.clock.advance(30 * SECOND)
    scene.mock.faults.clear()
    for (const { tab } of scene.tabs) tab.wake('online')
    await scene.clock.advance(10 * SECOND)
    expect(verdicts(scene.mock)).toEqual(['rotated'])
    const since = scene.tabs.flatMap(({ statuses }, index) => statuses.slice(before[index]))
    expect(new Set(since)).toEqual(new Set(['authenticated']))
    await expectAgreement(scene, scene.tabs)
  })

  test('dispose() during a refresh: nothing after it', async () => {
    const scene = await signedIn(setting)
    const before = scene.browser.stored()
    scene.mock.faults.next('refresh', { type: 'latency', ms: SECOND })
    const refresh = watch(scene.auth.refresh())
    await scene.clock.advance(500)
    scene.auth.dispose()
    const { length } = scene.mock.log
    await scene.clock.advance(3 * HOUR)
    expect(refresh.result()).toMatchObject({ code: 'disposed' })
    expect(scene.mock.log).toHaveLength(length)
    expect(scene.browser.stored()).toEqual(before)
    expect(scene.tab.held()).toEqual({ timers: 0, channels: 0, wakeListeners: 0 })
  })

  test('Retry-After of a 429 is obeyed', async () => {
    const scene = await signedIn(setting)
    const headers = { 'Retry-After': '120' }
    scene.mock.faults.next('refresh', { type: 'status', status: 429, headers })
    await scene.clock.advance(55 * MINUTE)
    expect(scene.mock.count('refresh')).toBe(1)
    await scene.clock.advance(119 * SECOND)
    expect(scene.mock.count('refresh')).toBe(1)
    await scene.clock.advance(2 * MINUTE)
    expect(scene.mock.count('refresh')).toBe(2)
    await expectAgreement(scene, scene.tabs)
  })

  test('20 browsers that signed in at the same moment do not come back at the same moment', async () => {
    let seed = 7
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const moments = await Promise.all(
      times(20, async () => {
        const scene = await signedIn(setting, { browser: { random } })
        await scene.clock.advance(HOUR)
        return scene.mock.log.find(({ call }) => call === 'refresh')?.at
      }),
    )
    expect(new Set(moments).size).toBeGreaterThan(15)
  })

  test('signing out while offline: at once, in every tab; the server is told if it can be', async () => {
    const scene = await signedIn(setting, {}, 2)
    scene.mock.faults.always('*', { type: 'drop' })
    const result = scene.auth.signOut()
    expect(scene.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'signed_out' })
    expect(held(scene.browser)).toBeNull()
    await scene.clock.advance(10 * SECOND)
    expect(await result).toEqual({ revoked: false })
    expectOneEnd(scene, scene.tabs, ['signed_out', 'other_tab'])
    scene.mock.faults.clear()
    await scene.clock.advance(HOUR)
    expect(held(scene.browser)).toBeNull()
  })
})
