import type { TokenAnswer } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, HOUR, MINUTE, signedIn, unavailable } from '../world.ts'

describe('when people see that refreshes fail', () => {
  test('from the expiry on, though the server wants the next try to be later', async () => {
    const { auth, clock, server } = await signedIn()
    server.script.push(() => unavailable(429, 20 * MINUTE))
    await clock.advance(HOUR - 1)
    expect(server.refreshes).toHaveLength(1)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    await clock.advance(1)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: { status: 429 } })
    expect(server.refreshes).toHaveLength(1)
  })

  test('from the expiry on, though the next try is only a moment away', async () => {
    const world = createWorld()
    const { auth } = world.open({ refreshMargin: 0 })
    await auth.signIn({})
    await world.clock.advance(HOUR - 2_750)
    world.server.script = Array.from({ length: 5 }, () => () => unavailable())
    const failed = expect(auth.refresh()).rejects.toMatchObject({ status: 503 })
    await world.clock.advance(2_749)
    await failed
    expect(auth.getState()).toMatchObject({ problem: null })
    await world.clock.advance(1)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: { status: 503 } })
    expect(world.server.refreshes).toHaveLength(4)
  })
})

describe('a session without a refresh token', () => {
  test('that runs out in a tab without news does not take with it the session that another tab has begun', async () => {
    const world = createWorld({ channels: false })
    const bare = (): TokenAnswer => ({ ...world.server.issue(), refreshToken: null })
    world.server.signInScript.push(bare, bare)
    const here = world.open()
    await here.auth.signIn({})
    const there = world.open()
    await world.clock.advance(30 * MINUTE)
    await here.auth.signIn({})
    const stored = world.browser.stored()
    // The first session runs out in the other tab.
    await world.clock.advance(31 * MINUTE)
    expect(world.browser.stored()).toEqual(stored)
    expect(there.auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    expect(await there.auth.getAccessToken()).toBe(stored?.accessToken)
  })
})
