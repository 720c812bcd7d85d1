import { describe, expect, test } from 'vitest'
import {
  DAY,
  expectAgreement,
  expectOneEnd,
  grace,
  HOUR,
  isStrict,
  MINUTE,
  SECOND,
  settings,
  signedIn,
  times,
  verdicts,
  watch,
} from './scenario.ts'

describe.each(settings)('tabs at $profile, through the $dialect dialect', (setting) => {
  test.each([2, 8, 50])('%i tabs at the threshold: one refresh a period', async (count) => {
    const scene = await signedIn(setting, {}, count)
    await scene.clock.advance(6 * HOUR)
    expect(scene.mock.count('refresh')).toBe(6)
    expect(new Set(verdicts(scene.mock))).toEqual(new Set(['rotated']))
    await expectAgreement(scene, scene.tabs)
    expect(scene.mock.count('sign_in')).toBe(1)
  })

  test('8 tabs that are asked at the same moment after the expiry: one refresh', async () => {
    const scene = await signedIn(setting, {}, 8)
    scene.clock.jump(8 * HOUR)
    const answers = Promise.all(scene.tabs.map(({ api }) => api('/api/echo')))
    await scene.clock.advance(SECOND)
    expect((await answers).map(({ status }) => status)).toEqual(times(8, () => 200))
    expect(scene.mock.count('refresh')).toBe(1)
    await expectAgreement(scene, scene.tabs)
  })

  test('the tab that holds the lock is closed before the server has seen its request', async () => {
    const scene = await signedIn(setting, {}, 3)
    const [holder, ...others] = scene.tabs
    scene.mock.faults.next('refresh', { type: 'hang' })
    void holder?.auth.refresh().catch(() => {})
    await scene.clock.flush()
    holder?.tab.process.close()
    await scene.clock.advance(2 * HOUR)
    expect(new Set(verdicts(scene.mock))).toEqual(new Set(['rotated']))
    await expectAgreement(scene, others)
  })

  test('the tab that holds the lock is frozen for an hour before the server has seen its request', async () => {
    const scene = await signedIn(setting, {}, 3)
    const [holder, ...others] = scene.tabs
    scene.mock.faults.next('refresh', { type: 'hang' })
    void holder?.auth.refresh().catch(() => {})
    await scene.clock.flush()
    holder?.tab.process.freeze()
    const refresh = others[0]?.auth.refresh()
    await scene.clock.advance(HOUR)
    await refresh
    holder?.tab.process.thaw()
    await scene.clock.advance(MINUTE)
    expect(new Set(verdicts(scene.mock))).toEqual(new Set(['rotated']))
    await expectAgreement(scene, scene.tabs)
  })

  test('no Web Locks, and every tab at a moment of its own: nobody is signed out', async () => {
    let seed = 1
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const scene = await signedIn(setting, { browser: { locks: false, random } }, 8)
    await scene.clock.advance(DAY)
    expect(new Set(verdicts(scene.mock))).toEqual(new Set(['rotated']))
    await expectAgreement(scene, scene.tabs)
  })

  test('no Web Locks, and 8 tabs at the very same moment', async () => {
    const scene = await signedIn(setting, { browser: { locks: false } }, 8)
    scene.mock.faults.always('refresh', { type: 'latency', ms: 300 })
    scene.clock.jump(8 * HOUR)
    for (const { tab } of scene.tabs) tab.wake('visible')
    await scene.clock.advance(MINUTE)
    if (isStrict(setting)) {
      // The server has seen a one-time token twice, and ends the session. The tabs find out when they renew it next.
      expect(verdicts(scene.mock)).toContain('refused')
      await scene.clock.advance(HOUR)
      expectOneEnd(
        scene,
        scene.tabs,
        times(8, () => 'rejected'),
      )
    } else await expectAgreement(scene, scene.tabs)
  })

  test('sign-in, user switch and sign-out are seen in the other tabs', async () => {
    const scene = await signedIn(setting, {}, 3)
    const [, second, third] = scene.tabs
    await second?.auth.signIn(grace)
    await scene.clock.flush()
    for (const { auth } of scene.tabs) {
      expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { email: grace.email } })
      expect(await auth.getAccessToken()).toBe(scene.browser.stored()?.accessToken)
    }
    await third?.auth.signOut()
    await scene.clock.flush()
    expect(scene.tabs.map(({ auth }) => auth.getState())).toMatchObject([
      { status: 'unauthenticated', reason: 'other_tab' },
      { status: 'unauthenticated', reason: 'other_tab' },
      { status: 'unauthenticated', reason: 'signed_out' },
    ])
  })

  test('a waiter for the lock outlasts a holder whose request hangs', async () => {
    const scene = await signedIn(setting, {}, 2)
    scene.mock.faults.next('refresh', { type: 'hang' })
    const refreshes = scene.tabs.map(({ auth }) => watch(auth.refresh()))
    await scene.clock.advance(9 * SECOND)
    expect(scene.mock.count('refresh')).toBe(1)
    await scene.clock.advance(10 * SECOND)
    for (const { result } of refreshes) expect(result()).toBeUndefined()
    expect(verdicts(scene.mock)).toEqual(['rotated'])
    await expectAgreement(scene, scene.tabs)
  })

  test('a lock that is stolen while the request is on its way: the effect happens once', async () => {
    const scene = await signedIn(setting, {}, 2)
    scene.mock.faults.next('refresh', { type: 'latency', ms: SECOND })
    const refresh = scene.auth.refresh()
    await scene.clock.advance(100)
    const giveBack = scene.browser.takeLocks(true)
    await scene.clock.advance(5 * SECOND)
    giveBack()
    await refresh
    await scene.clock.advance(5 * SECOND)
    expect(verdicts(scene.mock)).toEqual(['rotated'])
    await expectAgreement(scene, scene.tabs)
  })

  test('the loser of a race is refused before the winner has written, and adopts', async () => {
    // Of a strict server only what this is about: it refuses the loser. (One that ends the session leaves nothing to adopt.)
    const mock = isStrict(setting) ? { revokeOnReuse: false } : {}
    const scene = await signedIn(setting, { mock, browser: { locks: false } }, 2)
    // Supabase's access tokens of one second are all the same.
    await scene.clock.advance(2 * SECOND)
    scene.mock.faults.next('refresh', { type: 'latency', ms: 500 })
    const refreshes = scene.tabs.map(({ auth }) => watch(auth.refresh()))
    await scene.clock.advance(3 * SECOND)
    for (const { result } of refreshes) expect(result()).toBeUndefined()
    expect(verdicts(scene.mock)).toEqual(['rotated', isStrict(setting) ? 'refused' : 'reused'])
    await expectAgreement(scene, scene.tabs)
  })
})
