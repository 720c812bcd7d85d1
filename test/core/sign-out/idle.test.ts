import { describe, expect, test } from 'vitest'
import { createWorld, HOUR, MINUTE, signedIn } from '../world.ts'

describe('signing out for want of use', () => {
  test('every tab is told why, at once and after a reload of its storage', async () => {
    const world = createWorld()
    const [one, two] = [world.open(), world.open()]
    await one.auth.signIn({})
    await world.clock.flush()
    await one.auth.signOut({ reason: 'idle' })
    await world.clock.advance(1_000)
    for (const { auth } of [one, two])
      expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'idle' })
    expect(world.server.revoked).toHaveLength(1)
    expect(world.open().auth.getState()).toMatchObject({ reason: 'none' })
  })

  test('a sign-in that began before it is dropped', async () => {
    const world = createWorld()
    const [one, two] = [world.open(), world.open()]
    await one.auth.signIn({})
    let answer: (value: ReturnType<typeof world.server.issue>) => void = () => {}
    world.server.signInScript.push(
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    const late = two.auth.signIn({}).catch(({ code }) => code)
    await world.clock.flush()
    await one.auth.signOut({ reason: 'idle' })
    answer(world.server.issue())
    await world.clock.advance(1_000)
    expect(await late).toBe('session_changed')
    expect(two.auth.getState().status).toBe('unauthenticated')
  })

  test('another reason is a mistake', async () => {
    const { auth } = await signedIn()
    await expect(auth.signOut({ reason: 'bored' as never })).rejects.toMatchObject({ code: 'misconfigured' })
  })
})

describe('renewing while', () => {
  const watched = async (active: () => boolean) => {
    const world = createWorld()
    const tab = world.open({ renewWhile: active })
    await tab.auth.signIn({})
    return { ...world, ...tab }
  }

  test('nobody is active: nothing is renewed of itself, and no timer runs hot', async () => {
    const { server, clock, auth } = await watched(() => false)
    await clock.advance(24 * HOUR)
    expect(server.refreshes).toHaveLength(0)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })

  test('somebody is: as ever', async () => {
    const { server, clock } = await watched(() => true)
    await clock.advance(2 * HOUR)
    expect(server.refreshes).toHaveLength(2)
  })

  test('whoever comes back and asks for a token has it renewed, and from then on in time', async () => {
    let active = false
    const { server, clock, auth } = await watched(() => active)
    await clock.advance(3 * HOUR)
    active = true
    expect(await auth.getAccessToken()).toMatch(/^ey/)
    expect(server.refreshes).toHaveLength(1)
    await clock.advance(56 * MINUTE)
    expect(server.refreshes).toHaveLength(2)
  })

  test('what throws keeps no session from being renewed', async () => {
    const { server, clock } = await watched(() => {
      throw new Error('a bug')
    })
    await clock.advance(56 * MINUTE)
    expect(server.refreshes).toHaveLength(1)
  })
})
