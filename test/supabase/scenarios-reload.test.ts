import { describe, expect, test } from 'vitest'
import {
  expectAgreement,
  expectOneEnd,
  HOUR,
  isStrict,
  MINUTE,
  SECOND,
  settings,
  signedIn,
  verdicts,
} from './scenario.ts'

describe.each(settings)('reloads at $profile, through the $dialect dialect', (setting) => {
  test('with only the refresh token: restored by one refresh, guards see loading until then', async () => {
    const scene = await signedIn(setting)
    const refreshToken = scene.browser.stored()?.refreshToken ?? ''
    scene.auth.dispose()
    scene.browser.setStored({ accessToken: null, refreshToken, record: null })
    const { auth, statuses, ...rest } = scene.open()
    expect(await auth.ready).toMatchObject({ status: 'authenticated' })
    expect(statuses).toEqual(['loading', 'authenticated'])
    expect(scene.mock.count('refresh')).toBe(1)
    await expectAgreement(scene, [{ auth, statuses, ...rest }])
  })

  test('a reload while the answer is under way', async () => {
    const scene = await signedIn(setting)
    scene.clock.jump(2 * HOUR)
    scene.mock.faults.next('refresh', { type: 'latency', ms: SECOND })
    void scene.auth.refresh().catch(() => {})
    await scene.clock.advance(500)
    expect(verdicts(scene.mock)).toEqual(['rotated'])
    scene.tab.process.close()
    const page = scene.open()
    await scene.clock.advance(MINUTE)
    if (isStrict(setting)) {
      // The only token that the browser has was spent: one clean sign-out.
      expect(verdicts(scene.mock)).toEqual(['rotated', 'refused'])
      expectOneEnd(scene, [page], ['rejected'])
    } else {
      // The parent of the live token is good for the live token.
      expect(verdicts(scene.mock)).toEqual(['rotated', 'reused'])
      await expectAgreement(scene, [page])
    }
  })

  test('an answer that gets lost on the way to a page that stays', async () => {
    const scene = await signedIn(setting)
    scene.mock.faults.next('refresh', { type: 'lost_answer' })
    await scene.clock.advance(HOUR)
    if (isStrict(setting)) {
      expect(verdicts(scene.mock)).toEqual(['rotated', 'refused'])
      expectOneEnd(scene, scene.tabs, ['rejected'])
    } else {
      expect(verdicts(scene.mock).slice(0, 2)).toEqual(['rotated', 'reused'])
      await expectAgreement(scene, scene.tabs)
    }
  })
})
