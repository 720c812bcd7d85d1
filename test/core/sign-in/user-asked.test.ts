import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../storages.ts'
import { BOTH_COOKIES, unseen } from '../unseen.ts'
import { createWorld, held, outcome, type World } from '../world.ts'

const ada = { id: 1, name: 'Ada' }
const asking = (world: World, answer: () => Promise<unknown>) => {
  const getUser = vi.fn(answer)
  world.server.getUser = getUser
  return getUser
}

describe('when the backend is asked who the user is', () => {
  test('a restore that has to refresh first asks with the new token', async () => {
    const world = createWorld()
    const getUser = asking(world, async () => ada)
    world.browser.setStored({ accessToken: null, refreshToken: world.server.issue().refreshToken ?? '', record: null })
    const { auth } = world.open()
    await auth.ready
    await world.clock.flush()
    expect(getUser).toHaveBeenCalledTimes(1)
    expect(getUser.mock.calls[0]).toEqual([await auth.getAccessToken(), expect.anything()])
    expect(auth.getState().user).toEqual(ada)
    expect(world.browser.stored()?.record?.user).toEqual(ada)
  })

  test('a sign-in of another tab that did not learn it: this tab asks for itself', async () => {
    const world = createWorld()
    const [here] = [world.open(), asking(world, async () => ada)]
    const there = world.open()
    await here.auth.signIn({})
    await world.clock.flush()
    expect(there.auth.getState()).toMatchObject({ status: 'authenticated', user: ada })
  })

  test('a sign-in asks once, also when it learns nothing', async () => {
    const world = createWorld()
    const getUser = asking(world, () => Promise.reject(new Error('bug')))
    const { auth } = world.open()
    await auth.signIn({})
    await world.clock.flush()
    expect(getUser).toHaveBeenCalledTimes(1)
  })

  test('an answer that comes when somebody else has signed in is not taken for theirs', async () => {
    const world = createWorld()
    const late = deferred<unknown>()
    asking(world, () => late.promise)
    world.browser.setStored({ accessToken: 'opaque', refreshToken: 'refresh-1', record: null })
    const { auth } = world.open()
    await world.clock.flush()
    world.server.withUser = { name: 'Bob' }
    await auth.signIn({})
    late.resolve(ada)
    await world.clock.flush()
    expect(auth.getState().user).toEqual({ name: 'Bob' })
    expect(world.browser.stored()?.record?.user).toEqual({ name: 'Bob' })
  })

  test('an answer that comes after a sign-out brings nobody back', async () => {
    const world = createWorld()
    const late = deferred<unknown>()
    asking(world, () => late.promise)
    world.browser.setStored({ accessToken: 'opaque', refreshToken: 'refresh-1', record: null })
    const { auth } = world.open()
    await world.clock.flush()
    await auth.signOut()
    const state = auth.getState()
    late.resolve(ada)
    await world.clock.flush()
    expect(auth.getState()).toBe(state)
    expect(held(world.browser)).toBeNull()
  })
})

test('two sign-ins cross, and nothing that scripts see tells whose cookie was set last: the server is asked', async () => {
  const world = createWorld({ locks: false })
  const site = unseen(world, BOTH_COOKIES)
  // The browser has Bob's cookie when Ada's answer, which came before his, gets to its tab.
  const late = deferred<void>()
  const backend: typeof site.backend = {
    ...site.backend,
    async signIn(credentials, context) {
      const { name } = credentials as { readonly name: string }
      const answer = await site.backend.signIn(credentials, context)
      if (name === 'Ada') await late.promise
      return { ...answer, user: { id: name } }
    },
    getUser: async () => ({ id: 'Bob' }),
  }
  const [here, there] = [world.open({ backend }), world.open({ backend })]
  const entered = outcome(here.auth.signIn({ name: 'Ada' }))
  await world.clock.advance(100)
  await there.auth.signIn({ name: 'Bob' })
  await world.clock.advance(100)
  late.resolve()
  await world.clock.advance(1_000)
  expect(entered.result).toBe('done')
  for (const { auth } of [here, there]) expect(auth.getState()).toMatchObject({ user: { id: 'Bob' } })
  expect(held(world.browser)?.record).toMatchObject({ user: { id: 'Bob' }, subject: 'Bob' })
})
