import { describe, expect, test } from 'vitest'
import { createWorld, DAY, held } from '../world.ts'

describe('the clock of an open tab jumps further ahead than cookies live', () => {
  test('the session in memory is renewed and written again, and nobody is signed out', async () => {
    const world = createWorld()
    const { storage } = world.browser.openTab()
    const { auth, tab, names } = world.open({ storage: { ...storage, lifetime: 60 * DAY } })
    await auth.signIn({})
    world.clock.jump(61 * DAY)
    world.browser.setStored(null)
    tab.wake('visible')
    await world.clock.advance(5_000)
    expect(auth.getState().status).toBe('authenticated')
    expect(names()).not.toContain('signed_out')
    expect(held(world.browser)?.refreshToken).toBe(world.server.current)
  })

  test('what vanishes sooner was deleted: nobody is signed in any more', async () => {
    const world = createWorld()
    const { storage } = world.browser.openTab()
    const { auth, tab } = world.open({ storage: { ...storage, lifetime: 60 * DAY } })
    await auth.signIn({})
    world.clock.jump(59 * DAY)
    world.browser.setStored(null)
    tab.wake('visible')
    await world.clock.advance(5_000)
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'storage_lost' })
  })
})
