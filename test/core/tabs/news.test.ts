import type { Channel } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, HOUR, held, MINUTE, signedIn } from '../world.ts'

describe('what one tab does, the others show', () => {
  test('a sign-in', async () => {
    const { open, clock } = createWorld()
    const [here, there] = [open(), open()]
    await here.auth.signIn({})
    await clock.flush()
    expect(there.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' } })
    expect(there.events).toEqual([['signed_in', { user: { sub: 'ada' }, by: 'other_tab' }]])
    expect(there.auth.inspect().sessionId).toBe(here.auth.inspect().sessionId)
    expect(await there.auth.getAccessToken()).toBe(await here.auth.getAccessToken())
  })

  test('a sign-out, with its reason, once', async () => {
    const world = await signedIn()
    const there = world.open()
    await world.auth.signOut()
    await world.clock.flush()
    expect(there.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'other_tab', error: null })
    expect(there.events).toEqual([['signed_out', { reason: 'other_tab', error: null }]])
    expect(world.server.revoked).toHaveLength(1)
    await world.clock.advance(HOUR)
    expect(world.clock.pending).toBe(0)
    expect(world.server.refreshes).toHaveLength(0)
  })

  test('a switch of the user', async () => {
    const world = await signedIn()
    const there = world.open()
    world.server.subject = 'bob'
    await world.auth.signIn({})
    await world.clock.flush()
    expect(there.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
    expect(there.names()).toEqual(['signed_in'])
    expect(await there.auth.getAccessToken()).toBe(world.browser.stored()?.accessToken)
  })

  test('a refusal: all are signed out as rejected, each tells it once', async () => {
    const world = await signedIn()
    const there = world.open()
    world.server.alive = false
    const failed = expect(world.auth.refresh()).rejects.toMatchObject({ code: 'rejected' })
    await world.clock.advance(2_000)
    await failed
    for (const tab of [world, there]) {
      expect(tab.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
      expect(tab.names()).toEqual(['signed_out'])
    }
    expect(world.server.refreshes).toHaveLength(1)
  })

  test.each(['storage', 'visible'] as const)('without channels, the wake signal %s is enough', async (signal) => {
    const world = createWorld({ channels: false })
    const [here, there] = [world.open(), world.open()]
    const look = async () => {
      there.tab.wake(signal)
      await world.clock.advance(200)
      return there.auth.getState()
    }
    await here.auth.signIn({})
    expect(await look()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' } })
    world.server.subject = 'bob'
    await here.auth.signIn({})
    expect(await look()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
    await here.auth.signOut()
    expect(await look()).toMatchObject({ status: 'unauthenticated', reason: 'other_tab' })
    expect(there.names()).toEqual(['signed_in', 'signed_in', 'signed_out'])
  })

  test('a user switch during a refresh of another tab: that refresh is not written over it', async () => {
    const world = await signedIn()
    const there = world.open()
    let answer = () => {}
    world.server.script.push(async () => {
      const issued = world.server.issue('ada')
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return { type: 'renewed', answer: issued }
    })
    const overtaken = expect(there.auth.refresh()).rejects.toMatchObject({ code: 'session_changed' })
    await world.clock.flush()
    world.server.subject = 'bob'
    await world.auth.signIn({})
    await world.clock.flush()
    answer()
    await overtaken
    for (const { auth } of [world, there]) expect(auth.getState()).toMatchObject({ user: { sub: 'bob' } })
    expect(world.browser.stored()?.record?.subject).toBe('bob')
  })
})

describe('a storage that changes from outside', () => {
  test('a sign-in that is half written is not believed: no identity of two people', async () => {
    const world = await signedIn()
    const there = world.open()
    const before = world.browser.stored()
    world.server.subject = 'grace'
    const next = world.server.issue()
    const tokens = { accessToken: next.accessToken, refreshToken: next.refreshToken ?? '' }
    // What another tab may see of three cookies that are written one after the other.
    world.browser.setStored({ accessToken: before?.accessToken ?? '', refreshToken: tokens.refreshToken, record: null })
    there.tab.wake('storage')
    await world.clock.advance(60)
    expect(there.auth.getState()).toMatchObject({ user: { sub: 'ada' } })
    expect(await there.auth.getAccessToken()).toBe(before?.accessToken)
    world.browser.setStored({ ...tokens, record: null })
    await world.clock.advance(50)
    const record = {
      id: 'graces',
      receivedAt: world.clock.now(),
      expiresAt: world.clock.now() + HOUR,
      skew: 0,
      user: null,
    }
    world.browser.setStored({ ...tokens, record })
    there.tab.wake('storage')
    await world.clock.advance(100)
    expect(there.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'grace' } })
    expect(there.auth.inspect().sessionId).toBe('graces')
    expect(await there.auth.getAccessToken()).toBe(tokens.accessToken)
    expect(there.names()).toEqual(['signed_in'])
  })

  test('a page that started on a half-written session takes the id that the others know, when it is there', async () => {
    const world = await signedIn()
    const whole = world.browser.stored()
    world.browser.setStored({ accessToken: null, refreshToken: 'refresh-1', ...whole, record: null })
    const there = world.open()
    expect(there.auth.inspect().sessionId).not.toBe(whole?.record?.id)
    world.browser.setStored(whole)
    there.tab.wake('storage')
    await world.clock.advance(200)
    expect(there.auth.inspect().sessionId).toBe(whole?.record?.id)
    expect(there.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' } })
  })

  test('a tab that is told of a sign-out while it writes does not clear what came after', async () => {
    const world = await signedIn()
    const slow = world.browser.openTab()
    let written: (() => void) | undefined
    const write: typeof slow.storage.write = () => new Promise((resolve) => (written = resolve))
    const there = world.open({ storage: { ...slow.storage, write } })
    const refresh = there.auth.refresh().catch(() => {})
    await world.clock.flush()
    expect(written).toBeDefined()
    await world.auth.signOut()
    await world.auth.signIn({})
    const stored = world.browser.stored()
    written?.()
    await refresh
    await world.clock.advance(1_000)
    expect(world.browser.stored()).toEqual(stored)
    expect(world.auth.getState().status).toBe('authenticated')
    expect(there.auth.inspect().sessionId).toBe(stored?.record?.id)
  })

  test('an eviction: storage_lost', async () => {
    const { browser, tab, auth, clock, events, server } = await signedIn()
    browser.setStored(null)
    tab.wake('storage')
    await clock.advance(200)
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'storage_lost' })
    expect(events).toEqual([['signed_out', { reason: 'storage_lost', error: null }]])
    await clock.advance(2 * HOUR)
    expect(server.refreshes).toHaveLength(0)
  })

  test('the cookies are seen to go before the reason is told: storage_lost becomes other_tab', async () => {
    const seen: ((message: string) => void)[] = []
    const silent = (_name: string, receive: (message: string) => void): Channel => {
      seen.push(receive)
      return { post() {}, close() {} }
    }
    const world = await signedIn()
    const there = world.open({ ports: { openChannel: silent } })
    await world.auth.signOut()
    world.browser.setStored(null)
    there.tab.wake('storage')
    await world.clock.advance(200)
    expect(there.auth.getState()).toMatchObject({ reason: 'storage_lost' })
    for (const receive of seen) receive(world.browser.messages.at(-1) ?? '')
    await world.clock.flush()
    expect(there.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'other_tab' })
    expect(there.names()).toEqual(['signed_out'])
  })

  test('only the refresh token is evicted: it is written back, and nobody is signed out', async () => {
    const { browser, tab, auth, clock, names } = await signedIn()
    const stored = browser.stored()
    browser.setStored({ accessToken: stored?.accessToken ?? '', refreshToken: null, record: stored?.record ?? null })
    tab.wake('storage')
    await clock.flush()
    expect(browser.stored()).toEqual(stored)
    expect(auth.getState().status).toBe('authenticated')
    expect(names()).toEqual([])
  })

  test.each(['in the tab that signed out', 'in a tab that was told'])(
    'a late write of a tab that did not know brings nothing back, seen %s',
    async (where) => {
      const world = await signedIn()
      const there = world.open()
      const late = world.browser.stored()
      await world.auth.signOut()
      await world.clock.flush()
      world.browser.setStored(late)
      const tab = where === 'in a tab that was told' ? there : world
      tab.tab.wake('storage')
      await world.clock.flush()
      expect(held(world.browser)).toBeNull()
      for (const { auth } of [world, there]) expect(auth.getState().status).toBe('unauthenticated')
      expect(tab.names()).toEqual(['signed_out'])
    },
  )

  test('after a sign-out, a new sign-in is no late write', async () => {
    const world = await signedIn()
    const there = world.open()
    await world.auth.signOut()
    await world.clock.flush()
    await there.auth.signIn({})
    await world.clock.flush()
    for (const { auth } of [world, there]) expect(auth.getState().status).toBe('authenticated')
    expect(held(world.browser)).not.toBeNull()
  })
})

describe('the channel', () => {
  const junk = ['', 'null', 'undefined', '{', '[]', '7', '"text"', '{}', '{"id":7}', '{"ended":"signed_out"}']
  const lies = [
    'x junk',
    'x constructor',
    'x __proto__',
    'x signed_out',
    'x rejected',
    '{"id":"x","ended":"junk"}',
    ' ',
    '\n',
  ]
  const notText = [null, undefined, 7, { id: 'session-1', ended: 'signed_out' }]

  test.each([...junk, ...lies, ...notText])('the junk %j is ignored', async (message) => {
    const receivers: ((message: string) => void)[] = []
    const world = createWorld()
    const { auth, tab, names } = world.open({
      ports: {
        openChannel(_name, receive) {
          receivers.push(receive)
          return { post() {}, close() {} }
        },
      },
    })
    await auth.signIn({})
    const state = auth.getState()
    const receive = () => {
      for (const receiver of receivers) receiver(message as string)
    }
    expect(receive).not.toThrow()
    await world.clock.flush()
    expect(auth.getState()).toBe(state)
    expect(held(world.browser)).not.toBeNull()
    expect(names()).toEqual(['signed_in'])
    // Nor does it put a word of its own into the state.
    world.browser.setStored(null)
    tab.wake('storage')
    await world.clock.advance(200)
    expect(receive).not.toThrow()
    await world.clock.advance(200)
    const reasons = ['storage_lost', 'other_tab', 'rejected']
    expect(reasons).toContain((auth.getState() as { reason?: string }).reason)
  })

  test('no message carries a token or the user', async () => {
    const world = await signedIn()
    const there = world.open()
    const secrets = ['refresh-', 'ey', 'ada']
    await world.clock.advance(2 * 55 * MINUTE)
    await there.auth.signOut()
    await world.auth.signIn({})
    world.server.alive = false
    world.auth.refresh().catch(() => {})
    await world.clock.advance(2_000)
    expect(world.browser.messages.length).toBeGreaterThan(4)
    for (const message of world.browser.messages) for (const secret of secrets) expect(message).not.toContain(secret)
  })

  test('tabs that talk do not answer each other for ever', async () => {
    const world = createWorld()
    const tabs = Array.from({ length: 8 }, () => world.open())
    await tabs[0]?.auth.signIn({})
    await world.clock.advance(55 * MINUTE)
    await tabs[1]?.auth.signOut()
    await world.clock.advance(MINUTE)
    expect(world.browser.messages.length).toBeLessThanOrEqual(4)
    await tabs[2]?.auth.signIn({})
    await world.clock.flush()
    const before = world.browser.messages.length
    world.server.alive = false
    tabs[3]?.auth.refresh().catch(() => {})
    await world.clock.advance(MINUTE)
    for (const { auth } of tabs) expect(auth.getState()).toMatchObject({ reason: 'rejected' })
    expect(world.browser.messages.length - before).toBeLessThanOrEqual(2)
  })
})
