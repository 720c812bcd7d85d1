import { describe, expect, test } from 'vitest'
import { asynchronous, deferred } from '../storages.ts'
import { createWorld, HOUR, held, never, signedIn, unavailable } from '../world.ts'

const disposed = (call: Promise<unknown>) =>
  expect(call).rejects.toMatchObject({ code: 'disposed', message: expect.stringMatching(/dispose\(\)/) })

/** After `dispose` nothing may be left: no timer, no lock, no call, no write, no listener. */
async function expectSilence({ clock, server, browser, auth, tab }: Awaited<ReturnType<typeof signedIn>>) {
  await clock.flush()
  expect(clock.pending).toBe(0)
  expect(browser.lockCount()).toBe(0)
  const before = [server.refreshes.length, server.signIns, server.revoked.length, browser.stored(), auth.getState()]
  tab.wake('online')
  tab.wake('visible')
  tab.wake('storage')
  await clock.advance(24 * HOUR)
  const after = [server.refreshes.length, server.signIns, server.revoked.length, browser.stored(), auth.getState()]
  expect(after).toEqual(before)
  expect(clock.pending).toBe(0)
}

describe('dispose', () => {
  test('at rest: no timer is left, and the session stays stored', async () => {
    const world = await signedIn()
    world.auth.dispose()
    world.auth.dispose()
    expect(world.clock.pending).toBe(0)
    expect(world.browser.stored()?.refreshToken).toBe('refresh-1')
    await expectSilence(world)
  })

  test('leaves the wake signals and the channel, and reads storage no more', async () => {
    const world = createWorld()
    const left: string[] = []
    const inner = world.browser.openTab()
    let reads = 0
    const read = () => {
      reads++
      return inner.storage.read()
    }
    const { auth, tab } = world.open({
      storage: { ...inner.storage, read },
      ports: {
        onWake: (wake) => {
          const stop = inner.ports.onWake(wake)
          return () => {
            left.push('wake')
            stop()
          }
        },
        openChannel: () => ({ post() {}, close: () => void left.push('channel') }),
      },
    })
    await auth.signIn({})
    auth.dispose()
    auth.dispose()
    expect(left.sort()).toEqual(['channel', 'wake'])
    const before = reads
    for (const one of [tab, inner]) one.wake('visible')
    await world.clock.advance(HOUR)
    expect(reads).toBe(before)
  })

  test('during a refresh: waiters reject at once, the call is aborted, the late answer is not written', async () => {
    const world = await signedIn()
    const { server, auth, clock, browser, names } = world
    const gate = deferred<void>()
    let signal: AbortSignal | undefined
    server.script.push(async (token, context) => {
      signal = context.signal
      await gate.promise
      return server.rotate(token)
    })
    const waiters = [auth.refresh(), auth.refresh()].map(disposed)
    await clock.flush()
    const stored = browser.stored()
    auth.dispose()
    await Promise.all(waiters)
    await clock.flush()
    expect(signal?.aborted).toBe(true)
    gate.resolve()
    await clock.flush()
    expect(browser.stored()).toEqual(stored)
    expect(names()).toEqual([])
    await expectSilence(world)
  })

  test('during the wait for the lock', async () => {
    const world = await signedIn()
    const { server, auth, clock } = world
    const holder = world.open()
    server.script.push(never)
    const held = disposed(holder.auth.refresh())
    await clock.flush()
    const waiter = disposed(auth.refresh())
    await clock.flush()
    expect(auth.inspect().lock).toBe('waiting')
    auth.dispose()
    await waiter
    expect(server.refreshes).toHaveLength(1)
    holder.auth.dispose()
    await held
    await expectSilence(world)
  })

  test('during a back-off', async () => {
    const world = await signedIn()
    world.server.script = Array.from({ length: 9 }, () => () => unavailable())
    const waiter = disposed(world.auth.refresh())
    await world.clock.advance(100)
    expect(world.server.refreshes).toHaveLength(1)
    world.auth.dispose()
    await waiter
    await expectSilence(world)
  })

  test('during the second look after a refusal', async () => {
    const world = await signedIn()
    world.server.alive = false
    const waiter = disposed(world.auth.refresh())
    await world.clock.advance(50)
    world.auth.dispose()
    await waiter
    expect(world.auth.getState().status).toBe('authenticated')
    await expectSilence(world)
  })

  test('during a sign-in', async () => {
    const world = await signedIn()
    const { server, auth, clock, browser } = world
    const answer = deferred<ReturnType<typeof server.issue>>()
    server.signInScript.push(() => answer.promise)
    const waiter = disposed(auth.signIn({}))
    await clock.flush()
    const stored = browser.stored()
    auth.dispose()
    await waiter
    answer.resolve(server.issue('bob'))
    await clock.flush()
    expect(browser.stored()).toEqual(stored)
    await expectSilence(world)
  })

  test('during a sign-out: done here, and the caller is told that the server was not heard', async () => {
    const world = await signedIn()
    world.server.signOutResult = never
    const signOut = world.auth.signOut()
    await world.clock.flush()
    world.auth.dispose()
    expect(await signOut).toEqual({ revoked: false })
    expect(held(world.browser)).toBeNull()
    await expectSilence(world)
  })

  test('during a restore: ready resolves', async () => {
    const world = createWorld()
    world.browser.setStored({ accessToken: null, refreshToken: world.server.issue().refreshToken ?? '', record: null })
    world.server.script.push(never)
    const opened = world.open()
    await world.clock.flush()
    expect(world.server.refreshes).toHaveLength(1)
    opened.auth.dispose()
    expect(await opened.auth.ready).toMatchObject({ status: 'loading' })
    await expectSilence({ ...world, ...opened })
  })

  test('a request that waits for a token rejects, and is not sent', async () => {
    const world = await signedIn()
    world.clock.jump(2 * HOUR)
    world.server.script.push(never)
    let sent = 0
    const send = async () => {
      sent++
      return { status: 200 }
    }
    const waiter = disposed(world.auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send }))
    await world.clock.flush()
    world.auth.dispose()
    await waiter
    expect(sent).toBe(0)
    await expectSilence(world)
  })

  test('afterwards every call rejects, and getState and inspect still answer', async () => {
    const { auth } = await signedIn()
    auth.dispose()
    const send = async () => ({ status: 200 })
    await Promise.all(
      [
        auth.refresh(),
        auth.signIn({}),
        auth.signOut(),
        auth.getAccessToken(),
        auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send }),
      ].map(disposed),
    )
    expect(auth.getState().status).toBe('authenticated')
    expect(auth.inspect().nextRefreshAt === null || auth.inspect().status === 'authenticated').toBe(true)
  })

  test('a request that a library sends again afterwards rejects, and sets no timer', async () => {
    const world = createWorld()
    const tab = world.browser.openTab()
    let timers = 0
    const setTimeout: typeof tab.ports.clock.setTimeout = (...args) => {
      timers++
      return tab.ports.clock.setTimeout(...args)
    }
    const { auth } = world.open({ ports: { clock: { ...tab.ports.clock, setTimeout } } })
    await auth.signIn({})
    auth.dispose()
    timers = 0
    const again = auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send: never })
    await expect(again).rejects.toMatchObject({ code: 'disposed' })
    expect(timers).toBe(0)
  })

  test('no listener is called any more, and other tabs go on', async () => {
    const world = await signedIn()
    const other = world.open()
    let calls = 0
    world.auth.subscribe(() => calls++)
    world.auth.dispose()
    await other.auth.signOut()
    await world.clock.flush()
    expect(calls).toBe(0)
    expect(world.names()).toEqual([])
    expect(world.auth.getState().status).toBe('authenticated')
  })

  test('a write that has not begun, over a storage that answers by promise, asks for no lock any more', async () => {
    const world = createWorld()
    const tab = world.browser.openTab()
    let asked = 0
    const lock: typeof tab.ports.lock = async (name, signal, task) => {
      asked++
      return tab.ports.lock?.(name, signal, task)
    }
    const { auth } = world.open({ storage: asynchronous(tab.storage), ports: { lock } })
    await auth.ready
    auth.signOut().catch(() => {})
    auth.dispose()
    await world.clock.flush()
    expect(asked).toBe(0)
    expect(world.clock.pending).toBe(0)
  })
})
