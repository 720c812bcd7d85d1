import { describe, expect, test } from 'vitest'
import { deferred } from '../storages.ts'
import { createWorld, held, MINUTE, outcome, signedIn } from '../world.ts'

describe('why a session ended', () => {
  test('a refusal elsewhere is believed as soon as it is told', async () => {
    const world = await signedIn()
    const there = world.open()
    world.server.alive = false
    const failed = expect(world.auth.refresh()).rejects.toMatchObject({ code: 'rejected' })
    await world.clock.advance(1_000)
    await failed
    expect(there.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
  })

  test('an expiry elsewhere: expired', async () => {
    const world = createWorld()
    world.server.signInScript.push(() => ({ ...world.server.issue(), refreshToken: null }))
    const [here, there] = [world.open(), world.open()]
    await here.auth.signIn({})
    await world.clock.flush()
    const send = async () => ({ status: 401 })
    const { error } = await here.auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send })
    expect(error).toMatchObject({
      code: 'unauthenticated',
      message: expect.stringMatching(/no longer good.*nothing/),
    })
    await world.clock.advance(50)
    for (const { auth } of [here, there])
      expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'expired' })
  })

  test('a sign-out elsewhere reaches a tab whose own writes failed', async () => {
    const world = await signedIn()
    const { storage } = world.browser.openTab()
    const full = () => Promise.reject(new Error('full'))
    const there = world.open({ storage: { ...storage, write: full } })
    await there.auth.refresh()
    expect(there.auth.inspect().persisted).toBe(false)
    await world.auth.signOut()
    await world.clock.advance(1_000)
    expect(there.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'other_tab' })
  })

  test('where nobody was signed in, the end of a session elsewhere changes nothing', async () => {
    const receivers: ((message: string) => void)[] = []
    const { auth } = createWorld().open({
      ports: {
        openChannel(_name, receive) {
          receivers.push(receive)
          return { post() {}, close() {} }
        },
      },
    })
    const state = auth.getState()
    for (const receive of receivers) for (const why of ['signed_out', 'rejected', 'expired']) receive(`gone ${why}`)
    expect(auth.getState()).toBe(state)
  })

  test('the tab that missed a sign-out, and wrote late, is told of it by whoever sees that', async () => {
    const world = await signedIn()
    const there = world.open()
    const late = world.browser.stored()
    there.tab.process.freeze('cached')
    await world.auth.signOut()
    await world.clock.flush()
    there.tab.process.thaw()
    world.browser.setStored(late)
    world.tab.wake('storage')
    await world.clock.flush()
    expect(there.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'other_tab' })
    expect(held(world.browser)).toBeNull()
  })
})

describe('what a tab says', () => {
  test('one that takes over a refresh says nothing: the tab that did it has told everybody', async () => {
    const world = await signedIn()
    const tabs = [world, ...Array.from({ length: 4 }, () => world.open())]
    const before = world.browser.messages.length
    await world.clock.advance(MINUTE)
    await Promise.all(tabs.map(({ auth }) => auth.refresh()))
    expect(world.server.refreshes).toHaveLength(1)
    const id = world.auth.inspect().sessionId
    expect(world.browser.messages.slice(before)).toEqual([`${id} renewing`, `${id} `])
  })

  test('one sign-in that overtakes another in the middle of its writing is told once', async () => {
    const world = createWorld()
    const { storage } = world.browser.openTab()
    const gate = deferred<void>()
    const write: typeof storage.write = async (...args) => {
      await gate.promise
      return storage.write(...args)
    }
    const { auth } = world.open({ storage: { ...storage, read: async () => storage.read(), write } })
    await auth.ready
    const first = outcome(auth.signIn({}))
    await world.clock.flush()
    const second = outcome(auth.signIn({}))
    await world.clock.advance(1_000)
    gate.resolve()
    await world.clock.flush()
    expect(first.result).toMatchObject({ code: 'session_changed' })
    expect(second.result).toBe('done')
    expect(world.browser.messages).toEqual([`${world.browser.stored()?.record?.id} `])
  })

  test('its lock and its channel are named by the storage that the tabs share; without a key there are none', async () => {
    const names: string[] = []
    const ports = {
      lock: async (name: string, _signal: AbortSignal, task: () => Promise<void>) => {
        names.push(`lock ${name}`)
        await task()
      },
      openChannel: (name: string) => {
        names.push(`channel ${name}`)
        return { post() {}, close() {} }
      },
    }
    const world = createWorld()
    const { storage } = world.browser.openTab()
    const { auth } = world.open({ storage: { ...storage, key: 'shared' }, ports })
    await auth.signIn({})
    await auth.refresh()
    expect(names).toEqual(['channel keyturn:shared', 'lock keyturn:shared'])
    names.length = 0
    const { key: _, ...own } = storage
    const alone = world.open({ storage: own, ports })
    await alone.auth.signIn({})
    await alone.auth.refresh()
    expect(names).toEqual([])
  })
})
