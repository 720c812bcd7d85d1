import { AuthError, type Ports, type RefreshOutcome } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { deferred, gated } from '../storages.ts'
import { createWorld, HOUR, held, jwt, outcome, renewElsewhere, renewed, signedIn } from '../world.ts'

describe('cookies that other tabs have written may be seen late', () => {
  async function refreshing(settle: Ports['settle']) {
    const world = createWorld()
    const { auth } = world.open({ ports: { settle: settle ?? null } })
    await auth.signIn({})
    let done = false
    const refresh = auth.refresh().then(() => {
      done = true
    })
    await world.clock.flush()
    return { ...world, auth, refresh, done: () => done }
  }

  test('a refresh waits until they can be seen, and then asks nobody', async () => {
    const seen = deferred<void>()
    const { refresh, auth, ...world } = await refreshing(() => seen.promise)
    expect(world.server.refreshes).toHaveLength(0)
    const token = renewElsewhere(world)
    seen.resolve()
    await refresh
    expect(world.server.refreshes).toHaveLength(0)
    expect(await auth.getAccessToken()).toBe(token)
  })

  test('where the browser cannot tell when that is, it waits 150 ms', async () => {
    const { refresh, clock, server } = await refreshing(() => undefined)
    await clock.advance(149)
    expect(server.refreshes).toHaveLength(0)
    await clock.advance(1)
    await refresh
    expect(server.refreshes).toHaveLength(1)
  })

  test('where the browser refuses to tell, it goes on', async () => {
    const { refresh, server } = await refreshing(() => Promise.reject(new Error('blocked')))
    await refresh
    expect(server.refreshes).toHaveLength(1)
  })
})

describe('after a sleep, timers run before the answers that lie waiting', () => {
  const asleep = async () => {
    const world = await signedIn()
    const answer = deferred<void>()
    world.server.script.push(async (token) => {
      await answer.promise
      return world.server.rotate(token)
    })
    const result: { error?: unknown } = {}
    const refresh = world.auth.refresh().catch((error) => {
      result.error = error
    })
    await world.clock.flush()
    world.clock.jump(8 * HOUR)
    return { ...world, answer, refresh, result }
  }

  test('an answer that comes a moment after its time limit is still taken', async () => {
    const { clock, answer, refresh, server, result } = await asleep()
    await clock.advance(11_000)
    answer.resolve()
    await refresh
    expect(result.error).toBeUndefined()
    expect(server.refreshes).toHaveLength(1)
  })

  test('one that does not come at all is waited for no longer than two seconds more', async () => {
    const { clock, refresh, result } = await asleep()
    await clock.advance(11_999)
    expect(result.error).toBeUndefined()
    await clock.advance(1)
    await refresh
    expect(result.error).toMatchObject({ code: 'unavailable' })
  })
})

describe('one thing after the other', () => {
  test('what is to be written while a write is under way waits for it, and only the last of it is written', async () => {
    const { open, browser, clock } = createWorld()
    const written: (string | null)[] = []
    const tab = browser.openTab()
    const storage = gated({
      ...tab.storage,
      write(session, context) {
        written.push(session.refreshToken)
        return tab.storage.write(session, context)
      },
    })
    const { auth } = open({ storage })
    await auth.ready
    storage.close('write')
    const first = outcome(auth.signIn({}))
    await clock.flush()
    const second = outcome(auth.signIn({}))
    await clock.advance(1_000)
    // Nobody is shown whose session might yet be refused.
    expect(auth.getState().status).toBe('unauthenticated')
    const signOut = auth.signOut()
    await clock.flush()
    expect(storage.waiting).toEqual(['write'])
    storage.open()
    await signOut
    for (const { result } of [first, second]) expect(result).toMatchObject({ code: 'session_changed' })
    expect(written).toEqual(['refresh-1', null])
    expect(held(browser)).toBeNull()
  })

  test('tokens that another tab stores under the last attempt are enough: the call does not fail', async () => {
    const world = await signedIn()
    const { auth, browser, clock, server } = world
    const conflict = (change: () => void) => (): RefreshOutcome => {
      change()
      return { type: 'conflict', error: new AuthError('unavailable', 'conflict', { status: 409 }) }
    }
    const last = jwt({ sub: 'ada', jti: 'theirs' })
    server.script = [1, 2, 3].map(() => conflict(() => {}))
    server.script.push(
      conflict(() => browser.setStored({ accessToken: last, refreshToken: 'theirs', record: renewed(browser) })),
    )
    const refresh = auth.refresh()
    await clock.advance(10_000)
    await refresh
    expect(server.refreshes).toHaveLength(4)
    expect(await auth.getAccessToken()).toBe(last)
  })

  test('after a refusal, another tab may yet prove to have had newer tokens: the session is back', async () => {
    const world = await signedIn()
    const stored = world.browser.stored()
    world.server.alive = false
    const refused = expect(world.auth.refresh()).rejects.toMatchObject({ code: 'rejected' })
    await world.clock.advance(2_000)
    await refused
    world.browser.setStored(stored)
    const token = renewElsewhere(world)
    world.tab.wake('storage')
    await world.clock.advance(200)
    expect(world.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' } })
    expect(await world.auth.getAccessToken()).toBe(token)
  })
})
