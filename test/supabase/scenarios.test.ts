import { describe, expect, test } from 'vitest'
import {
  DAY,
  expectAgreement,
  expectOneEnd,
  HOUR,
  MINUTE,
  SECOND,
  settings,
  signedIn,
  times,
  verdicts,
  watch,
} from './scenario.ts'

describe.each(settings)('requests at $profile, through the $dialect dialect', (setting) => {
  test('20 staggered 401s cause one refresh, and all succeed', async () => {
    const scene = await signedIn(setting)
    scene.mock.admin.expireAccessTokens()
    for (const index of times(20, (each) => each)) scene.mock.faults.next('api', { type: 'latency', ms: 50 * index })
    const answers = Promise.all(times(20, (index) => scene.api(`/api/echo/${index}`)))
    await scene.clock.advance(10 * SECOND)
    expect((await answers).map(({ status }) => status)).toEqual(times(20, () => 200))
    expect(scene.mock.count('refresh')).toBe(1)
    await expectAgreement(scene, scene.tabs)
  })

  test('a late 401 for the old token is only repeated', async () => {
    const scene = await signedIn(setting)
    scene.mock.admin.expireAccessTokens()
    scene.mock.faults.next('api', { type: 'latency', ms: 5 * SECOND })
    const slow = scene.api('/api/echo/slow')
    const quick = await scene.api('/api/echo/quick')
    expect(quick.status).toBe(200)
    await scene.clock.advance(6 * SECOND)
    expect((await slow).status).toBe(200)
    expect(scene.mock.count('refresh')).toBe(1)
    expect(scene.mock.count('api')).toBe(4)
  })

  test('an endpoint that always answers 401 costs one refresh, and nobody the session', async () => {
    const scene = await signedIn(setting)
    const answers = await Promise.all(times(20, () => scene.api('/api/always-401')))
    expect(answers.map(({ status }) => status)).toEqual(times(20, () => 401))
    expect(scene.mock.count('refresh')).toBeLessThanOrEqual(1)
    await expectAgreement(scene, scene.tabs)
  })

  test('a refresh that hangs: every waiter settles, and the next request gets through', async () => {
    const scene = await signedIn(setting)
    scene.mock.admin.expireAccessTokens()
    scene.mock.faults.next('refresh', { type: 'hang' }, 2)
    const waiting = times(20, () => watch(scene.api('/api/echo')))
    await scene.clock.advance(15 * SECOND)
    for (const { result } of waiting) expect(result()).toMatchObject({ status: 401 })
    // The second attempt hangs for its 10 s as well.
    await scene.clock.advance(15 * SECOND)
    const next = scene.api('/api/echo')
    await scene.clock.advance(SECOND)
    expect((await next).status).toBe(200)
    await expectAgreement(scene, scene.tabs)
  })

  test('a refresh that fails: each waiter gets the trouble of its own, with the cause', async () => {
    const scene = await signedIn(setting)
    scene.clock.jump(2 * HOUR)
    scene.mock.faults.always('refresh', { type: 'status', status: 503 })
    const waiting = times(5, (index) => watch(scene.api(`/api/echo/${index}`)))
    await scene.clock.advance(20 * SECOND)
    const errors = waiting.map(({ result }) => result())
    for (const error of errors) expect(error).toMatchObject({ code: 'unavailable', status: 503 })
    expect(scene.mock.count('api')).toBe(0)
    scene.mock.faults.clear()
    await scene.clock.advance(10 * MINUTE)
    await expectAgreement(scene, scene.tabs)
  })

  test('two identical POSTs during a refresh are both sent', async () => {
    const scene = await signedIn(setting)
    scene.mock.admin.expireAccessTokens()
    scene.mock.faults.next('refresh', { type: 'latency', ms: SECOND })
    const posts = Promise.all(times(2, () => scene.api('/api/echo', { method: 'POST', body: '{"a":1}' })))
    await scene.clock.advance(2 * SECOND)
    expect(await Promise.all((await posts).map(async (each) => (await each.json()).body))).toEqual([
      '{"a":1}',
      '{"a":1}',
    ])
    expect(scene.mock.count('refresh')).toBe(1)
  })

  test('two clients, the timer, getAccessToken and refresh() share a flight', async () => {
    const scene = await signedIn(setting)
    await scene.clock.advance(55 * MINUTE - 1)
    scene.mock.faults.next('refresh', { type: 'latency', ms: SECOND })
    scene.mock.admin.expireAccessTokens()
    const all = Promise.all([
      scene.api('/api/echo/1'),
      scene.api('/api/echo/2'),
      scene.auth.refresh(),
      scene.auth.getAccessToken(),
    ])
    await scene.clock.advance(1)
    await scene.clock.advance(2 * SECOND)
    await all
    expect(verdicts(scene.mock)).toEqual(['rotated'])
    await expectAgreement(scene, scene.tabs)
  })
})

describe.each(settings)('what ends a session at $profile, through the $dialect dialect', (setting) => {
  test.each([
    ['is banned', (scene: Awaited<ReturnType<typeof signedIn>>) => scene.mock.admin.ban('ada@example.test')],
    ['was signed out elsewhere', (scene: Awaited<ReturnType<typeof signedIn>>) => scene.mock.admin.revokeSessions()],
  ])('a user who %s is signed out, once, in every tab', async (_what, end) => {
    const scene = await signedIn(setting, {}, 3)
    end(scene)
    await scene.clock.advance(2 * HOUR)
    expectOneEnd(scene, scene.tabs, ['rejected', 'rejected', 'rejected'])
    const after = scene.mock.log.length
    await scene.clock.advance(DAY)
    expect(scene.mock.log).toHaveLength(after)
  })

  test.each([
    ['a time-box', { sessionTimebox: 5000 }],
    ['inactivity', { sessionInactivity: 1000 }],
  ])('a session that %s has ended is over, once', async (_what, mock) => {
    const scene = await signedIn(setting, { mock })
    await scene.clock.advance(3 * HOUR)
    expectOneEnd(scene, scene.tabs, ['rejected'])
  })

  test.each([
    ['503', { type: 'status', status: 503 }],
    ['500', { type: 'status', status: 500 }],
    ['429', { type: 'status', status: 429 }],
    ['408', { type: 'status', status: 408 }],
    ['409', { type: 'status', status: 409 }],
    ['504', { type: 'status', status: 504 }],
    ['522 with a web page', { type: 'html', status: 522 }],
    ['200 with a web page', { type: 'html', status: 200 }],
    ['403 with a web page', { type: 'html', status: 403 }],
    ['JSON that breaks off', { type: 'junk' }],
    ['no connection', { type: 'drop' }],
  ] as const)('%s for two hours costs nobody the session', async (_what, fault) => {
    const scene = await signedIn(setting, {}, 2)
    scene.mock.faults.always('refresh', fault)
    await scene.clock.advance(2 * HOUR)
    for (const { auth, ends } of scene.tabs) {
      expect(auth.getState()).toMatchObject({
        status: 'authenticated',
        problem: { code: expect.stringMatching(/^(unavailable|invalid_response)$/) },
      })
      expect(ends).toEqual([])
    }
    // Patience: minutes apart, not seconds.
    expect(scene.mock.count('refresh')).toBeLessThan(150)
    scene.mock.faults.clear()
    await scene.clock.advance(10 * MINUTE)
    await expectAgreement(scene, scene.tabs)
  })

  test('a token of 10 s, 60 s or 4 min causes no storm, one of 30 or 400 days no early refresh', async () => {
    for (const life of [10, 60, 240]) {
      const scene = await signedIn(setting, { mock: { tokenLifetime: life } })
      await scene.clock.advance(20 * life * SECOND)
      expect(scene.mock.count('refresh')).toBeGreaterThanOrEqual(20)
      expect(scene.mock.count('refresh')).toBeLessThanOrEqual(31)
      await expectAgreement(scene, scene.tabs)
    }
    for (const days of [30, 400]) {
      const scene = await signedIn(setting, { mock: { tokenLifetime: (days * DAY) / SECOND } })
      await scene.clock.advance(20 * DAY)
      expect(scene.mock.count('refresh')).toBe(0)
    }
  })

  test('opaque tokens, and answers without an expiry, are good until a 401', async () => {
    const scene = await signedIn(setting, { mock: { opaqueTokens: true, omitExpiry: true } })
    await scene.clock.advance(2 * HOUR)
    expect(scene.mock.count('refresh')).toBe(0)
    expect((await scene.api('/api/echo')).status).toBe(200)
    expect(scene.mock.count('refresh')).toBe(1)
  })

  test.each([2, -2])('a server whose clock is %i h off', async (hours) => {
    const scene = await signedIn(setting, { mock: { serverSkew: hours * HOUR } })
    await scene.clock.advance(10 * HOUR)
    expect(scene.mock.count('refresh')).toBe(10)
    expect(verdicts(scene.mock)).toEqual(times(10, () => 'rotated'))
    expect((await scene.api('/api/echo')).status).toBe(200)
  })
})
