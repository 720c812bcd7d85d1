import type { Backend, SessionTokens } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, HOUR, never, outcome, unavailable } from '../world.ts'

async function signedIn(signOut: Backend['signOut'] = async () => {}) {
  const world = createWorld()
  const told: SessionTokens[] = []
  const backend: Backend = {
    ...world.server.backend,
    signOut: (tokens, ...rest) => {
      told.push(tokens)
      return signOut(tokens, ...rest)
    },
  }
  const tab = world.open({ backend })
  await tab.auth.signIn({})
  return { ...world, ...tab, told }
}

describe('what the server is told at a sign-out', () => {
  test('both tokens, while the access token is fresh', async () => {
    const world = await signedIn()
    const { accessToken, refreshToken } = world.browser.stored() ?? {}
    await world.auth.signOut()
    expect(world.told).toEqual([{ accessToken, refreshToken }])
  })

  test('the refresh token alone, when the access token has run out: it would only be answered 401', async () => {
    const world = await signedIn()
    world.clock.jump(2 * HOUR)
    expect(await world.auth.signOut()).toEqual({ revoked: true })
    expect(world.told).toEqual([{ accessToken: null, refreshToken: 'refresh-1' }])
  })

  test('a backend without an endpoint says so: revoked is false', async () => {
    const world = await signedIn((async () => false) as unknown as Backend['signOut'])
    expect(await world.auth.signOut()).toEqual({ revoked: false })
  })

  test('nobody is signed in, and nothing is told', async () => {
    const world = createWorld()
    expect(await world.open().auth.signOut()).toEqual({ revoked: false })
    expect(world.server.revoked).toEqual([])
  })
})

describe('signing out in the middle of something', () => {
  test('in a listener of signed_in: the sign-in fails with session_changed, and events come in their order', async () => {
    const world = createWorld()
    const tab = world.open()
    const order: string[] = []
    tab.auth.on('signed_in', () => {
      order.push('signed_in')
      void tab.auth.signOut()
    })
    tab.auth.on('signed_out', () => void order.push('signed_out'))
    const signIn = outcome(tab.auth.signIn({}))
    await world.clock.flush()
    expect(signIn.result).toMatchObject({ code: 'session_changed' })
    expect(order).toEqual(['signed_in', 'signed_out'])
    expect(tab.names()).toEqual(['signed_in', 'signed_out'])
    expect(tab.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'signed_out' })
  })

  test('in a subscriber: events in their order, and whoever is told after it sees each state', async () => {
    const world = createWorld()
    const tab = world.open()
    const seen: string[] = []
    let once = true
    tab.auth.subscribe(() => {
      seen.push(tab.auth.getState().status)
      if (tab.auth.getState().status === 'authenticated' && once) {
        once = false
        void tab.auth.signOut()
      }
    })
    const signIn = outcome(tab.auth.signIn({}))
    await world.clock.flush()
    expect(signIn.result).toMatchObject({ code: 'session_changed' })
    expect(tab.names()).toEqual(['signed_in', 'signed_out'])
    expect(seen.at(-1)).toBe('unauthenticated')
  })

  test('in a listener of user_changed', async () => {
    const world = createWorld()
    const tab = world.open()
    tab.auth.on('user_changed', ({ user }) => void (user && tab.auth.signOut()))
    const signIn = outcome(tab.auth.signIn({}))
    await world.clock.flush()
    expect(signIn.result).toMatchObject({ code: 'session_changed' })
    expect(tab.names()).toEqual(['signed_in', 'signed_out'])
  })

  test('signing in again in a listener of signed_in: the first fails, the second is who is signed in', async () => {
    const world = createWorld()
    const tab = world.open()
    let second: { result?: unknown } | undefined
    tab.auth.on('signed_in', () => {
      second ??= outcome(tab.auth.signIn({}))
    })
    const first = outcome(tab.auth.signIn({}))
    await world.clock.advance(100)
    expect(second?.result).toBe('done')
    expect(tab.auth.getState().status).toBe('authenticated')
    expect(world.browser.stored()?.refreshToken).toBe('refresh-2')
    expect(first.result === 'done' || (first.result as { code: string }).code === 'session_changed').toBe(true)
  })

  test('a renewal that is answered after the sign-out is revoked as well', async () => {
    const world = await signedIn()
    let answer = () => {}
    world.server.script.push(
      (token) =>
        new Promise((resolve) => {
          answer = () => resolve(world.server.rotate(token))
        }),
    )
    void outcome(world.auth.refresh())
    await world.clock.flush()
    const signOut = world.auth.signOut()
    answer()
    await signOut
    await world.clock.flush()
    expect(world.told.map(({ refreshToken }) => refreshToken)).toEqual(['refresh-1', 'refresh-2'])
  })

  test('a server that is down does not keep anybody signed in', async () => {
    const world = await signedIn(never)
    world.server.script = Array.from({ length: 99 }, () => () => unavailable())
    world.clock.jump(2 * HOUR)
    const signOut = outcome(world.auth.signOut())
    expect(world.auth.getState().status).toBe('unauthenticated')
    await world.clock.advance(7_000)
    expect(signOut.result).toBe('done')
  })
})
