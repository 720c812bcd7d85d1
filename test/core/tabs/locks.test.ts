import { AuthError, type Lock, type RefreshOutcome } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, HOUR, MINUTE, never, signedIn, type Tab, unavailable, type World } from '../world.ts'

/** `count` tabs of one session. */
async function openTabs(world: World, count: number): Promise<Tab[]> {
  const first = world.open()
  await first.auth.signIn({})
  return [first, ...Array.from({ length: count - 1 }, () => world.open())]
}

/** All tabs hold what storage holds, are armed for its next refresh, and show nobody a problem. */
async function expectAgreement({ browser }: World, tabs: Tab[]) {
  const stored = browser.stored()
  for (const { auth } of tabs) {
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    expect(await auth.getAccessToken()).toBe(stored?.accessToken)
    expect(auth.inspect()).toMatchObject({ failures: 0, refreshing: false, lock: 'none' })
    expect(auth.inspect().nextRefreshAt).toBe((stored?.record?.expiresAt ?? 0) - 5 * MINUTE)
  }
}

/** As Supabase: the parent of the active token is answered with the active one; anything older is refused. */
function lenient({ server }: World) {
  let parent = ''
  const rotate = (token: string): RefreshOutcome => {
    if (token === server.current) {
      parent = token
      return { type: 'renewed', answer: server.issue() }
    }
    if (token !== parent) return { type: 'rejected', error: new AuthError('rejected', 'already used') }
    const { current } = server
    const { refreshToken: _, ...answer } = server.issue()
    server.current = current
    return { type: 'renewed', answer: { ...answer, refreshToken: current } }
  }
  server.script = Array.from({ length: 500 }, () => rotate)
}

describe('several tabs at the threshold', () => {
  test.each([2, 8, 50])('%i tabs with one-time tokens: one refresh each period', async (count) => {
    const world = createWorld()
    const tabs = await openTabs(world, count)
    await world.clock.advance(55 * MINUTE)
    expect(world.server.refreshes).toEqual(['refresh-1'])
    await expectAgreement(world, tabs)
    await world.clock.advance(55 * MINUTE)
    expect(world.server.refreshes).toEqual(['refresh-1', 'refresh-2'])
    await expectAgreement(world, tabs)
    expect(world.browser.lockCount()).toBe(0)
  })

  test.each([2, 8])('%i tabs that wake from sleep after the expiry: one refresh', async (count) => {
    const world = createWorld()
    const tabs = await openTabs(world, count)
    world.clock.jump(8 * HOUR)
    for (const { tab } of tabs) tab.wake('visible')
    await world.clock.advance(100)
    expect(world.server.refreshes).toHaveLength(1)
    await expectAgreement(world, tabs)
  })

  test.each([2, 8, 50])('%i tabs without Web Locks, at a lenient server: nobody is signed out', async (count) => {
    const world = createWorld({ locks: false })
    const tabs = await openTabs(world, count)
    lenient(world)
    for (let period = 1; period <= 3; period++) {
      await world.clock.advance(55 * MINUTE + 2_000)
      expect(world.server.refreshes.length).toBeLessThanOrEqual(period * count)
      await expectAgreement(world, tabs)
    }
  })

  test('without Web Locks, at a server that refuses the losers: they adopt', async () => {
    const world = createWorld({ locks: false })
    const tabs = await openTabs(world, 8)
    const once = (token: string): RefreshOutcome =>
      token === world.server.current
        ? { type: 'renewed', answer: world.server.issue() }
        : { type: 'rejected', error: new AuthError('rejected', 'already used') }
    world.server.script = Array.from({ length: 50 }, () => once)
    await world.clock.advance(55 * MINUTE + 2_000)
    expect(world.server.count).toBe(2)
    await expectAgreement(world, tabs)
  })

  test('without Web Locks and channels, 8 lenient tabs still stay signed in', async () => {
    const world = createWorld({ locks: false, channels: false })
    const tabs = await openTabs(world, 8)
    lenient(world)
    await world.clock.advance(5 * HOUR)
    for (const { auth } of tabs) expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })

  test("another tab's rotation is taken over: no refresh, no change of state", async () => {
    const world = await signedIn()
    const other = world.open()
    const state = other.auth.getState()
    let calls = 0
    other.auth.subscribe(() => calls++)
    await world.clock.advance(30 * MINUTE)
    await world.auth.refresh()
    await world.clock.flush()
    expect(await other.auth.getAccessToken()).toBe(world.browser.stored()?.accessToken)
    expect(other.auth.getState()).toBe(state)
    expect(calls).toBe(0)
    expect(other.events).toEqual([['refreshed', expect.objectContaining({ by: 'other_tab' })]])
    expect(other.auth.inspect()).toMatchObject({
      lastRefreshBy: 'other_tab',
      sessionId: world.auth.inspect().sessionId,
    })
    await world.clock.advance(30 * MINUTE)
    expect(world.server.refreshes).toHaveLength(1)
  })
})

describe('a lock that does not do its duty', () => {
  /** A tab that asks for a refresh over the given lock, until `ms` have passed. */
  async function withLock(lock: Lock, ms: number) {
    const world = createWorld()
    const tab = world.open({ ports: { lock } })
    await tab.auth.signIn({})
    let result: unknown = 'pending'
    tab.auth.refresh().then(
      () => {
        result = 'renewed'
      },
      (error) => {
        result = error
      },
    )
    await world.clock.advance(ms)
    return { ...world, ...tab, result: () => result }
  }

  test('the holder was closed: the next one gets the lock and refreshes', async () => {
    const world = await signedIn()
    const other = world.open()
    world.server.script.push(never)
    const closed = expect(world.auth.refresh()).rejects.toMatchObject({ code: 'disposed' })
    await world.clock.flush()
    const refresh = other.auth.refresh()
    await world.clock.flush()
    expect(other.auth.inspect().lock).toBe('waiting')
    expect(world.server.refreshes).toHaveLength(1)
    world.auth.dispose()
    await closed
    await refresh
    expect(world.server.refreshes).toHaveLength(2)
    expect(world.browser.lockCount()).toBe(0)
  })

  const frozen: Lock = (_name, signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

  test('the holder is frozen: a waiter outlasts an attempt of the holder, then goes on without the lock', async () => {
    const { clock, server, result, auth } = await withLock(frozen, 10_000)
    expect(server.refreshes).toHaveLength(0)
    expect(result()).toBe('pending')
    await clock.advance(2_000)
    expect(server.refreshes).toHaveLength(1)
    expect(result()).toBe('renewed')
    expect(auth.inspect().lock).toBe('none')
  })

  test('the holder hangs at the server for its whole time: the waiter does not send the same token beside it', async () => {
    const world = await signedIn()
    const other = world.open()
    world.server.script.push(never)
    const first = world.auth.refresh()
    await world.clock.flush()
    const second = other.auth.refresh()
    await world.clock.advance(9_999)
    expect(world.server.refreshes).toHaveLength(1)
    await world.clock.advance(2_000)
    await Promise.all([first, second])
    expect(world.server.refreshes).toEqual(['refresh-1', 'refresh-1'])
    await expectAgreement(world, [world, other])
  })

  test.each<[string, Lock]>([
    ['rejects', () => Promise.reject(new DOMException('blocked', 'SecurityError'))],
    [
      'throws at once',
      () => {
        throw new TypeError('not a function')
      },
    ],
    ['resolves without running the task', async () => {}],
    ['never answers, not even to abort', never],
  ])('a lock that %s: one refresh without it', async (_, lock) => {
    const { clock, server, result } = await withLock(lock, 12_000)
    expect(result()).toBe('renewed')
    expect(server.refreshes).toHaveLength(1)
    await clock.advance(30 * MINUTE)
    expect(server.refreshes).toHaveLength(1)
  })

  test('one holder after the other is slow: a waiter waits anew for each, and sends no token beside one', async () => {
    const { clock, server, open, auth } = await signedIn()
    const tabs = [auth, open().auth, open().auth]
    await clock.advance(MINUTE)
    const later = async <T>(ms: number, result: () => T) => {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, ms))
      return result()
    }
    server.script.push(
      () => later(9_000, () => unavailable(500)),
      (token) => later(9_000, () => server.rotate(token)),
    )
    for (const tab of tabs) tab.refresh().catch(() => {})
    await clock.advance(30_000)
    expect(server.refreshes).toEqual(['refresh-1', 'refresh-1'])
    for (const tab of tabs) expect(tab.getState()).toMatchObject({ status: 'authenticated', problem: null })
    expect(new Set(await Promise.all(tabs.map((tab) => tab.getAccessToken()))).size).toBe(1)
  })

  test('the holder is frozen and the waiters give up one shortly after the other: nobody waits anew for one that is done', async () => {
    const world = await signedIn()
    lenient(world)
    const { clock, browser, server, open } = world
    const tabs = [1, 2, 3].map(() => open({ ports: { lock: frozen } }))
    await clock.advance(MINUTE)
    const calls: Promise<void>[] = []
    for (const { auth } of tabs) {
      calls.push(auth.refresh())
      await clock.advance(500)
    }
    // The first gives up after 11 s. The others hear that it begins, and then that it is done.
    await clock.advance(9_500)
    await Promise.all(calls)
    expect(server.refreshes).toEqual(['refresh-1'])
    for (const { auth } of tabs) expect(await auth.getAccessToken()).toBe(browser.stored()?.accessToken)
  })

  test('a lock that is stolen while the task runs: the effect happens once', async () => {
    const stolen: Lock = async (_name, _signal, task) => {
      void task()
      throw new DOMException('stolen', 'AbortError')
    }
    const { clock, server, result, browser } = await withLock(stolen, 100)
    expect(result()).toBe('renewed')
    expect(server.refreshes).toEqual(['refresh-1'])
    await clock.advance(30 * MINUTE)
    expect(server.refreshes).toHaveLength(1)
    expect(browser.stored()?.refreshToken).toBe('refresh-2')
  })

  test('a lock that is granted after the waiter gave up: the effect happens once', async () => {
    const grants: (() => Promise<void>)[] = []
    const late: Lock = (_name, _signal, task) => {
      grants.push(task)
      return never()
    }
    const { clock, server, result, names, auth } = await withLock(late, 12_000)
    expect(result()).toBe('renewed')
    for (const grant of grants) await grant()
    expect(auth.inspect().lock).toBe('none')
    await clock.advance(MINUTE)
    expect(server.refreshes).toEqual(['refresh-1'])
    expect(names().filter((name) => name === 'refreshed')).toHaveLength(1)
  })

  test('a tab whose writes fail still takes what another tab has stored, before it believes a refusal', async () => {
    const world = createWorld()
    const broken = world.browser.openTab()
    let full = false
    const { auth, names } = world.open({
      storage: {
        ...broken.storage,
        write(session, context) {
          if (full) throw new Error('full')
          return broken.storage.write(session, context)
        },
      },
    })
    await auth.signIn({})
    full = true
    await auth.refresh()
    expect(auth.inspect().persisted).toBe(false)
    const stored = world.browser.stored()
    const newer = world.server.issue()
    world.browser.setStored({
      accessToken: newer.accessToken,
      refreshToken: newer.refreshToken ?? '',
      record: stored?.record ?? null,
    })
    world.server.script.push(() => ({ type: 'rejected', error: new AuthError('rejected', 'already used') }))
    await world.clock.advance(2_000)
    const refresh = auth.refresh()
    await world.clock.advance(2_000)
    await refresh
    expect(await auth.getAccessToken()).toBe(newer.accessToken)
    expect(names()).not.toContain('signed_out')
  })
})
