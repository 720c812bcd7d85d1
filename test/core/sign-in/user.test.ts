import type { AuthState, Backend } from 'keyturn'
import { describe, expect, test, vi } from 'vitest'
import { createWorld, signedIn } from '../world.ts'

const ada = { id: 1, name: 'Ada', roles: ['admin'] }
const opaque = () => ({ accessToken: 'opaque-1', refreshToken: 'refresh-opaque', expiresIn: 3600 })

describe('who the user is', () => {
  test('the sign-in answer tells, before the claims of its token', async () => {
    const { server, open, browser } = createWorld()
    server.withUser = ada
    const { auth, events } = open()
    expect(await auth.signIn({})).toEqual(ada)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: ada })
    expect(events).toEqual([['signed_in', { user: ada, by: 'this_tab' }]])
    expect(browser.stored()?.record?.user).toEqual(ada)
  })

  test('else the claims of the token tell, without those that change with every token', async () => {
    const { auth } = await signedIn()
    expect(auth.getState().user).toEqual({ sub: 'ada' })
  })

  test('after a reload the record tells, with no request', async () => {
    const { server, open } = createWorld()
    server.withUser = ada
    await open().auth.signIn({})
    server.getUser = vi.fn(async () => ({ other: true }))
    expect(open().auth.getState()).toMatchObject({ status: 'authenticated', user: ada })
    expect(server.getUser).not.toHaveBeenCalled()
  })

  test('getUser is asked once when the sign-in answer did not tell, and the answer is kept', async () => {
    const { server, open, browser } = createWorld()
    const getUser = vi.fn<NonNullable<Backend['getUser']>>(async () => ada)
    server.getUser = getUser
    server.signInScript.push(opaque)
    const { auth } = open()
    expect(await auth.signIn({})).toEqual(ada)
    expect(auth.getState().user).toEqual(ada)
    expect(getUser).toHaveBeenCalledTimes(1)
    expect(getUser.mock.calls[0]?.[0]).toBe('opaque-1')
    expect(browser.stored()?.record?.user).toEqual(ada)
  })

  test('getUser is asked at start when neither the record nor a token answer told', async () => {
    const { server, open, browser, clock } = createWorld()
    server.getUser = vi.fn(async () => ada)
    browser.setStored({ accessToken: 'opaque-1', refreshToken: server.issue().refreshToken ?? null, record: null })
    const { auth } = open()
    // Nothing tells whose the token is: it is renewed before anybody is shown.
    expect(auth.getState().status).toBe('loading')
    await clock.advance(1_000)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: ada })
    expect(server.refreshes).toHaveLength(1)
    expect(server.getUser).toHaveBeenCalledTimes(1)
  })

  test.each([
    [
      'fails',
      async () => {
        throw new Error('bug')
      },
    ],
    [
      'throws at once',
      () => {
        throw new Error('bug')
      },
    ],
  ] as [string, NonNullable<Backend['getUser']>][])('a getUser that %s keeps nobody out', async (_, getUser) => {
    const { server, open } = createWorld()
    server.getUser = getUser
    const { auth } = open()
    await auth.signIn({})
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' } })
  })

  test('a late getUser of the user before does not rename the one of now', async () => {
    const { server, open, clock } = createWorld()
    let tell = (_user: unknown) => {}
    server.getUser = () =>
      new Promise((resolve) => {
        tell = resolve
      })
    server.withUser = null
    const { auth } = open()
    const first = expect(auth.signIn({})).rejects.toMatchObject({ code: 'session_changed' })
    await clock.flush()
    server.withUser = { name: 'Bob' }
    await auth.signIn({})
    tell(ada)
    await first
    expect(auth.getState().user).toEqual({ name: 'Bob' })
  })
})

describe('the user is replaced only when it differs by value', () => {
  const rotate = async (user: unknown) => {
    const world = createWorld()
    world.server.withUser = structuredClone(ada)
    const { auth } = world.open()
    await auth.signIn({})
    const before = auth.getState()
    const seen: AuthState[] = []
    auth.subscribe(() => seen.push(auth.getState()))
    world.server.withUser = user
    await world.clock.advance(55 * 60_000)
    expect(world.server.refreshes).toHaveLength(1)
    return { before, after: auth.getState(), seen }
  }

  test('an equal user from a refresh changes nothing', async () => {
    const { before, after, seen } = await rotate(structuredClone(ada))
    expect(after).toBe(before)
    expect(seen).toEqual([])
  })

  test('a refresh that tells no user keeps the one of the sign-in', async () => {
    const { before, after, seen } = await rotate(null)
    expect(after.user).toEqual(before.user)
    expect(seen).toEqual([])
  })

  test('another user is shown, once', async () => {
    const { after, seen } = await rotate({ ...ada, roles: [] })
    expect(after.user).toEqual({ ...ada, roles: [] })
    expect(seen).toEqual([after])
  })
})
