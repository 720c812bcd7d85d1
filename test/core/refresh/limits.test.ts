import { AuthError, type RefreshOutcome } from 'keyturn'
import { describe, expect, test, vi } from 'vitest'
import { createWorld, HOUR, MINUTE, never, outcome, renewed, signedIn, unavailable } from '../world.ts'

describe('how often the server is asked', () => {
  test('four times for one call, then the call fails', async () => {
    const { auth, clock, server } = await signedIn()
    server.script = Array.from({ length: 99 }, () => () => unavailable())
    const call = outcome(auth.refresh())
    // The pauses are 250, 500 and 1000 ms.
    await clock.advance(1_750)
    expect(call.result).toMatchObject({ code: 'unavailable', status: 503 })
    expect(server.refreshes).toHaveLength(4)
  })

  test('again after 5 s, if the server asks for those, while the caller waits; after more, the caller fails', async () => {
    const { auth, clock, server } = await signedIn()
    server.script = [() => unavailable(503, 5_000), () => unavailable(503, 5_001)]
    const call = outcome(auth.refresh())
    await clock.advance(4_999)
    expect(call.result).toBeUndefined()
    await clock.advance(1)
    expect(server.refreshes).toHaveLength(2)
    expect(call.result).toMatchObject({ code: 'unavailable', status: 503 })
  })

  test('four times too when another tab changes the refresh token under each attempt, and no access token is good', async () => {
    const { auth, clock, server, browser } = await signedIn()
    const accessToken = browser.stored()?.accessToken ?? null
    clock.jump(2 * HOUR)
    server.script = Array.from({ length: 999 }, (_, index) => (): RefreshOutcome => {
      browser.setStored({ accessToken, refreshToken: `theirs-${index + 1}`, record: renewed(browser) })
      return { type: 'conflict', error: new AuthError('unavailable', 'conflict', { status: 409 }) }
    })
    const call = outcome(auth.refresh())
    await clock.advance(MINUTE)
    expect(call.result).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/in time/) })
    expect(server.refreshes.slice(0, 4)).toEqual(['refresh-1', 'theirs-1', 'theirs-2', 'theirs-3'])
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })

  test('not again within a second of a renewal: who asks sooner waits', async () => {
    const { auth, clock, server } = await signedIn()
    await auth.refresh()
    await clock.advance(400)
    const call = outcome(auth.refresh())
    await clock.advance(599)
    expect(server.refreshes).toHaveLength(1)
    expect(call.result).toBeUndefined()
    await clock.advance(1)
    expect(server.refreshes).toHaveLength(2)
    expect(call.result).toBe('done')
  })

  test('at its time, though the clock was moved back meanwhile to when the session before was renewed', async () => {
    const { auth, clock, server } = await signedIn()
    await auth.refresh()
    await clock.advance(30 * MINUTE)
    // Short-lived, so that the clock is moved back by less than would be noticed.
    server.life = 90
    clock.jump(-30 * MINUTE - 60_000)
    await auth.signIn({})
    await clock.advance(90_000)
    expect(server.refreshes).toEqual(['refresh-1', 'refresh-3'])
  })

  test('once a second at most for a token that lives half a second', async () => {
    const { clock, server, open } = createWorld()
    const { auth } = open()
    const short = () => ({ ...server.issue(), accessToken: `opaque-${server.count}`, expiresIn: 0.5 })
    server.signInScript.push(short)
    server.script = Array.from({ length: 99 }, () => () => ({ type: 'renewed', answer: short() }) as const)
    await auth.signIn({})
    await clock.advance(10_000)
    expect(server.refreshes).toHaveLength(10)
  })

  test('no sooner because the storage has changed, while a failure is waited out; but when the network is back', async () => {
    const { auth, clock, server, tab } = await signedIn()
    server.script = Array.from({ length: 4 }, () => () => unavailable())
    const call = outcome(auth.refresh())
    await clock.advance(1_750)
    expect(call.result).toMatchObject({ status: 503 })
    tab.wake('storage')
    await clock.advance(1_500)
    expect(server.refreshes).toHaveLength(4)
    tab.wake('online')
    await clock.advance(0)
    expect(server.refreshes).toHaveLength(5)
  })
})

describe('how long anybody waits', () => {
  test('14 s when neither the lock nor the server answers: then unavailable', async () => {
    const world = createWorld()
    const { auth } = world.open({ ports: { lock: never } })
    await auth.signIn({})
    world.server.script = Array.from({ length: 9 }, () => never)
    const call = outcome(auth.refresh())
    await world.clock.advance(13_999)
    expect(call.result).toBeUndefined()
    await world.clock.advance(1)
    expect(call.result).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/in time/) })
  })

  test('when an attempt has failed before that, the call fails as the attempt did', async () => {
    const { auth, clock, server } = await signedIn()
    server.script = [() => unavailable(502), never, never]
    const call = outcome(auth.refresh())
    await clock.advance(14_000)
    expect(call.result).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/10000 ms/) })
  })

  test('a refusal that another tab has overtaken is looked at 100 ms later, and the caller goes on at once', async () => {
    const { auth, clock, server, browser } = await signedIn({ locks: false })
    const record = browser.stored()?.record ?? null
    server.script = [() => ({ type: 'rejected', error: new AuthError('rejected', 'already used') })]
    const call = outcome(auth.refresh())
    await clock.advance(50)
    const { accessToken, refreshToken = null } = server.issue()
    browser.setStored({ accessToken, refreshToken, record })
    await clock.advance(50)
    expect(call.result).toBe('done')
  })

  test('a refresh that a slow storage holds up is given up after a minute, by those too who came late', async () => {
    const world = createWorld()
    const { storage } = world.browser.openTab()
    let pause = 0
    const read = async () => {
      if (pause) await new Promise<void>((resolve) => world.clock.setTimeout(resolve, pause))
      return storage.read()
    }
    const { auth } = world.open({ storage: { ...storage, read } })
    await auth.ready
    await auth.signIn({})
    // Torn, so that each reading is four readings.
    world.browser.setStored({ accessToken: null, refreshToken: 'refresh-1', record: null })
    pause = 9_900
    world.server.script = Array.from({ length: 9 }, () => never)
    void auth.refresh().catch(() => {})
    await world.clock.advance(50_000)
    const late = outcome(auth.refresh())
    await world.clock.advance(9_999)
    expect(auth.inspect().refreshing).toBe(true)
    expect(late.result).toBeUndefined()
    await world.clock.advance(1)
    expect(late.result).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/stuck/) })
  })
})

test('a clock that is moved back does not prolong the wait that the server asked for by as much', async () => {
  const { auth, clock, server } = await signedIn()
  server.script.push(() => unavailable(429, 30_000))
  await auth.refresh().catch(() => {})
  await clock.advance(10_000)
  clock.jump(-24 * HOUR)
  await clock.advance(20_000 + 30_000)
  expect(server.refreshes).toHaveLength(2)
  expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
})

test('after waking, a failed refresh is tried again as soon as the server allows, though the pause of its own is longer', async () => {
  const { auth, clock, server, tab } = await signedIn()
  for (let count = 0; count < 12; count++) server.script.push(() => unavailable(500))
  server.script.push(() => unavailable(500, 5_000))
  void auth.refresh().catch(() => {})
  while (server.refreshes.length < 13) await clock.advance(1_000)
  tab.wake('online')
  await clock.advance(4_000)
  expect(server.refreshes).toHaveLength(13)
  await clock.advance(2_000)
  expect(server.refreshes).toHaveLength(14)
})

test('ten refreshes leave no listener behind: a session may last for months', async () => {
  const world = createWorld()
  const { auth } = world.open({ ports: { lock: async (_name, _signal, task) => task() } })
  await auth.signIn({})
  const spies = (['addEventListener', 'removeEventListener'] as const).map((name) =>
    vi.spyOn(EventTarget.prototype, name),
  )
  for (let count = 1; count <= 10; count++) {
    await auth.refresh()
    await world.clock.advance(2_000)
  }
  const [added = 0, removed] = spies.map(({ mock }) => mock.calls.filter(([type]) => type === 'abort').length)
  for (const spy of spies) spy.mockRestore()
  expect(world.server.refreshes).toHaveLength(10)
  expect(added).toBeGreaterThanOrEqual(10)
  expect(removed).toBe(added)
})

test.each(['refresh', 'getAccessToken'] as const)(
  '%s waits 14 s in all, for the restore and for the token',
  async (call) => {
    const world = await signedIn()
    world.auth.dispose()
    world.clock.jump(2 * HOUR)
    world.server.script.push(never, never, never)
    const { storage } = world.browser.openTab()
    const read = () =>
      new Promise<Awaited<ReturnType<typeof storage.read>>>((resolve) => {
        world.clock.setTimeout(() => void Promise.resolve(storage.read()).then(resolve), 4_000)
      })
    const { auth } = world.open({ storage: { ...storage, read } })
    const asked = outcome(auth[call]())
    await world.clock.advance(13_999)
    expect(asked.result).toBeUndefined()
    await world.clock.advance(1)
    expect(asked.result).toMatchObject({ code: 'unavailable' })
  },
)
