import type { AuthStorage, TokenAnswer } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { reloaded } from '../reload.ts'
import { createWorld, HOUR, held, jwt, never, outcome, signedIn, type Tab, type World } from '../world.ts'

/** A server without refresh tokens, which answers the same token for the same person each time. */
const always =
  (kind: 'opaque' | 'JWT') =>
  (name: string): TokenAnswer => ({
    accessToken: kind === 'JWT' ? jwt({ sub: name }) : `token-of-${name}`,
    refreshToken: null,
    user: { name },
  })

function openCounted(world: World): Tab & { writes: () => number } {
  const { storage } = world.browser.openTab()
  let writes = 0
  const write: AuthStorage['write'] = (session, context) => {
    writes++
    return storage.write(session, context)
  }
  return { ...world.open({ storage: { ...storage, write } }), writes: () => writes }
}

describe.each(['opaque', 'JWT'] as const)('tabs that sign in one after the other, with the same %s tokens', (kind) => {
  const answer = always(kind)

  test('Ada and then Grace in one tab, Ada in the other: the last sign-in wins in both, and the writing ends', async () => {
    const world = createWorld()
    const [here, there] = [openCounted(world), openCounted(world)]
    const steps = [
      [here, 'ada'],
      [here, 'grace'],
      [there, 'ada'],
    ] as const
    for (const [{ auth }, name] of steps) {
      world.server.signInScript.push(() => answer(name))
      await auth.signIn({})
      await world.clock.advance(100)
    }
    await world.clock.advance(6_000)
    for (const { auth } of [here, there]) expect(auth.getState()).toMatchObject({ user: { name: 'ada' } })
    expect(here.writes()).toBeLessThanOrEqual(4)
    expect(there.writes()).toBeLessThanOrEqual(2)
    expect(there.names().filter((name) => name === 'signed_in')).toHaveLength(3)
    const { writes } = here
    const before = writes() + there.writes()
    for (const { tab } of [here, there]) tab.wake('visible')
    await world.clock.advance(6_000)
    expect(writes() + there.writes()).toBe(before)
  })

  test.each([
    ['at once', 0, true],
    ['by slow messages', 40, true],
    ['without channels', 0, false],
  ])('twelve sign-ins in three tabs, %s: the last wins, with two writes each at most', async (_, delay, channels) => {
    const world = createWorld({ channels, delay: () => delay })
    const tabs = [openCounted(world), openCounted(world), openCounted(world)]
    const names = ['ada', 'grace', 'ada', 'ada', 'eve', 'grace', 'ada', 'eve', 'ada', 'grace', 'grace', 'ada']
    for (const [index, name] of names.entries()) {
      world.server.signInScript.push(() => answer(name))
      void tabs[(index * 2 + (index % 4)) % 3]?.auth.signIn({})
      await world.clock.advance(index % 2 ? 15 : 0)
    }
    for (let count = 0; count < 3; count++) {
      for (const { tab } of tabs) tab.wake('visible')
      await world.clock.advance(2_000)
    }
    for (const { auth } of tabs) expect(auth.getState()).toMatchObject({ user: { name: 'ada' } })
    expect(new Set(tabs.map(({ auth }) => auth.inspect().sessionId)).size).toBe(1)
    for (const { writes } of tabs) expect(writes()).toBeLessThanOrEqual(2 * names.length)
    const total = tabs.reduce((sum, { writes }) => sum + writes(), 0)
    expect(total).toBeLessThanOrEqual(2 * names.length)
  })
})

describe('what ended stays ended', () => {
  test('a frozen tab that writes its session back when it wakes loses to the sign-out, in all tabs', async () => {
    const world = await signedIn()
    const late = world.open()
    late.tab.process.freeze()
    await world.auth.signOut()
    const marker = world.browser.stored()
    late.tab.process.thaw()
    await world.clock.advance(1_000)
    expect(late.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'other_tab' })
    expect(world.browser.stored()).toEqual(marker)
  })

  test('what a tab that ended before it could hear wrote back is written over, also by a page that only now loads', async () => {
    const world = await signedIn()
    const late = world.browser.stored()
    await world.auth.signOut()
    const there = world.open()
    world.browser.setStored(late)
    there.tab.wake('visible')
    await world.clock.advance(2_000)
    expect(there.auth.getState().status).toBe('unauthenticated')
    expect(held(world.browser)).toBeNull()
    expect(there.names()).toEqual([])
  })

  test('a sign-in after the clock was set back is later all the same, where the marker tells', async () => {
    const world = await signedIn()
    await world.auth.signOut()
    world.clock.jump(-24 * HOUR)
    const there = world.open()
    await there.auth.signIn({})
    await world.clock.advance(100)
    for (const { auth } of [world, there]) expect(auth.getState().status).toBe('authenticated')
    world.open()
    expect(held(world.browser)?.refreshToken).toBe(world.server.current)
  })

  test('signOut() ends and revokes the session that another tab has signed in to, though nobody told', async () => {
    const world = createWorld({ channels: false })
    const [here, there] = [world.open(), world.open()]
    await here.auth.signIn({})
    await there.auth.signOut()
    expect(held(world.browser)).toBeNull()
    expect(world.server.revoked).toEqual(['refresh-1'])
    here.tab.wake('visible')
    await world.clock.advance(100)
    expect(here.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'other_tab' })
  })

  test('a sign-in that began before a sign-out elsewhere is revoked, and fails', async () => {
    const world = await signedIn({ channels: false })
    const there = world.open()
    let answer = () => {}
    world.server.signInScript.push(
      () =>
        new Promise((resolve) => {
          answer = () => resolve(world.server.issue())
        }),
    )
    const signIn = outcome(there.auth.signIn({}))
    await world.clock.advance(1_000)
    await world.auth.signOut()
    answer()
    await world.clock.advance(1_000)
    expect(signIn.result).toMatchObject({ code: 'session_changed' })
    expect(world.server.revoked).toEqual(['refresh-1', 'refresh-2'])
    expect(held(world.browser)).toBeNull()
  })
})

describe('a tab that shows nobody signs out', () => {
  test.each([true, false])(
    'while the tab that had signed in stands still (channels: %s): no tab is signed in',
    async (channels) => {
      const world = createWorld({ channels })
      const nobody = world.open()
      nobody.tab.process.freeze()
      const here = world.open()
      await here.auth.signIn({})
      here.tab.process.freeze()
      const third = world.open()
      expect(third.auth.getState().status).toBe('authenticated')
      nobody.tab.process.thaw()
      // It has not looked yet.
      const signOut = nobody.auth.signOut()
      await world.clock.advance(1_000)
      await signOut
      here.tab.process.thaw()
      for (const { tab } of [here, third]) tab.wake('visible')
      await world.clock.advance(1_000)
      for (const { auth } of [here, third, nobody]) expect(auth.getState().status).toBe('unauthenticated')
      expect(world.server.revoked).toContain('refresh-1')
      expect(world.open().auth.getState().status).toBe('unauthenticated')
    },
  )

  test('of a session that it only reads at the start: that is over in the tab that is silent', async () => {
    const world = await reloaded()
    const silent = world.open({ ports: { openChannel: null } })
    const there = world.open()
    world.server.script.push(never)
    await there.auth.signOut()
    await there.auth.signOut()
    silent.tab.wake('storage')
    await world.clock.advance(200)
    expect(silent.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'other_tab' })
  })
})
