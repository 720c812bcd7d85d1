import { AuthError, type Backend, type TokenAnswer } from 'keyturn'
import { describe, expect, test, vi } from 'vitest'
import { createWorld, HOUR, MINUTE, outcome, type Tab, type World } from '../world.ts'

/** Somebody who is signed in by an access token alone. */
async function bare(getUser?: Backend['getUser']): Promise<World & Tab> {
  const world = createWorld()
  world.server.getUser = getUser
  world.server.withUser = { name: 'Ada' }
  world.server.signInScript.push((): TokenAnswer => ({ ...world.server.issue(), refreshToken: null }))
  const tab = world.open()
  await tab.auth.signIn({})
  tab.events.length = 0
  return { ...world, ...tab }
}

const ask = ({ auth }: Tab, status: number) =>
  auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send: async () => ({ status }) })

const refused = () => Promise.reject(new AuthError('rejected', 'no such session', { status: 401 }))

describe('a session that has no refresh token', () => {
  test('ends as expired when its access token runs out, once, with no renewal', async () => {
    const world = await bare()
    await world.clock.advance(HOUR - 1)
    expect(world.auth.getState().status).toBe('authenticated')
    await world.clock.advance(1)
    expect(world.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'expired' })
    await world.clock.advance(HOUR)
    expect(world.names()).toEqual(['signed_out'])
    expect(world.server.refreshes).toEqual([])
    expect(world.open().auth.getState().status).toBe('unauthenticated')
  })

  test('also where storage has dropped the token by then, as its cookie does', async () => {
    const world = await bare()
    await world.clock.advance(59 * MINUTE)
    const { record = null } = world.browser.stored() ?? {}
    world.browser.setStored({ accessToken: null, refreshToken: null, record })
    await world.clock.advance(MINUTE)
    world.tab.wake('visible')
    await world.clock.advance(MINUTE)
    expect(world.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'expired' })
  })

  test('a 401 of some endpoint does not end it while the server still knows who it is', async () => {
    const getUser = vi.fn(async () => ({ name: 'Ada' }))
    const world = await bare(getUser)
    const { reply } = await ask(world, 401)
    expect(reply.status).toBe(401)
    expect(getUser).toHaveBeenCalledTimes(1)
    expect(world.auth.getState().status).toBe('authenticated')
    expect(world.names()).not.toContain('signed_out')
  })

  test('a 401 ends it as expired when the server does not know the person either', async () => {
    const world = await bare(refused)
    const { error } = await ask(world, 401)
    expect(error).toMatchObject({ code: 'unauthenticated' })
    expect(world.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'expired' })
  })

  test('a server that cannot be asked ends nothing', async () => {
    const world = await bare(() => Promise.reject(new TypeError('Failed to fetch')))
    const asked = ask(world, 401)
    await world.clock.advance(20_000)
    expect((await asked).reply.status).toBe(401)
    expect(world.auth.getState().status).toBe('authenticated')
  })

  test('a server that could not be asked once is asked again, and not without end when it knows the person', async () => {
    let calls = 0
    const world = await bare(async () => {
      if (++calls === 1) throw new TypeError('Failed to fetch')
      return { name: 'Ada' }
    })
    const asked = ask(world, 401)
    await world.clock.advance(20_000)
    await asked
    expect(calls).toBe(2)
    expect(world.auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })

  test('where there is nobody to ask, a 401 ends it', async () => {
    const world = await bare()
    const { error } = await ask(world, 401)
    expect(error).toMatchObject({ code: 'unauthenticated' })
    expect(world.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'expired' })
  })

  test('a hundred requests that are refused at once ask the server once', async () => {
    const getUser = vi.fn(async () => ({ name: 'Ada' }))
    const world = await bare(getUser)
    await Promise.all(Array.from({ length: 100 }, () => ask(world, 401)))
    expect(getUser).toHaveBeenCalledTimes(1)
  })

  test('refresh() cannot renew it, says so, and ends nothing', async () => {
    const world = await bare()
    const refresh = outcome(world.auth.refresh())
    await world.clock.advance(1_000)
    expect(refresh.result).toMatchObject({ code: 'unauthenticated' })
    expect(world.auth.getState().status).toBe('authenticated')
  })
})

test('a token that renews itself ran out while the tab stood still, and storage has dropped it: expired, not lost', async () => {
  const world = createWorld()
  const kind = { access: 'token', refresh: 'access' } as const
  const { auth, tab } = world.open({ backend: { ...world.server.backend, kind } })
  const { refreshToken: _, ...answer } = world.server.issue()
  await auth.adopt(answer)
  tab.process.freeze()
  await world.clock.advance(2 * HOUR)
  world.browser.setStored(null)
  tab.wake('storage')
  tab.process.thaw()
  await world.clock.advance(1_000)
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'expired' })
})
