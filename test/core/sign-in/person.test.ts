import { AuthError, type AuthState, type Backend } from 'keyturn'
import { describe, expect, test, vi } from 'vitest'
import { createWorld, HOUR, jwt, outcome, type Tab, type World } from '../world.ts'

const ada = { name: 'Ada' }
const lovelace = { name: 'Ada Lovelace' }

/** Records what is told of the person, and what could be shown at that moment. */
function recorded({ auth }: Pick<Tab, 'auth'>) {
  const told: unknown[] = []
  const note = (what: string) => {
    told.push([what, (auth.getState() as AuthState<{ name: string }>).user?.name ?? null])
  }
  auth.on('user_changed', ({ previous, user, by }) =>
    told.push(['user_changed', (previous as typeof ada)?.name ?? null, (user as typeof ada)?.name ?? null, by]),
  )
  auth.subscribe(() => note('state'))
  auth.on('signed_in', () => note('signed_in'))
  auth.on('signed_out', () => note('signed_out'))
  auth.on('refreshed', () => note('refreshed'))
  return told
}

/** Two tabs; each sign-in is of the next of `users`. */
async function tabs(...users: unknown[]): Promise<World & { here: Tab; there: Tab; signIn: () => Promise<unknown> }> {
  const world = createWorld()
  const [here, there] = [world.open(), world.open()]
  return {
    ...world,
    here,
    there,
    async signIn() {
      world.server.withUser = users.shift()
      world.server.subject = String((world.server.withUser as typeof ada | null)?.name)
      const user = await here.auth.signIn({})
      await world.clock.advance(100)
      return user
    },
  }
}

describe('user_changed', () => {
  test('is told before anything of the new person can be shown, in every tab', async () => {
    const world = await tabs(ada, { name: 'Grace' })
    const [mine, theirs] = [recorded(world.here), recorded(world.there)]
    await world.signIn()
    await world.signIn()
    await world.here.auth.signOut()
    await world.clock.advance(100)
    const expected = (by: string) => [
      ['user_changed', null, 'Ada', by],
      ['state', 'Ada'],
      ['signed_in', 'Ada'],
      ['user_changed', 'Ada', 'Grace', by],
      ['state', 'Grace'],
      ['signed_in', 'Grace'],
      ['user_changed', 'Grace', null, by],
      ['state', null],
      ['signed_out', null],
    ]
    expect(mine).toEqual(expected('this_tab'))
    expect(theirs).toEqual(expected('other_tab'))
  })

  test('is not told for a session that is restored, nor for the same person with the same data', async () => {
    const world = await tabs(ada, { ...ada })
    await world.signIn()
    const page = world.open()
    const told = recorded(page)
    await world.clock.advance(1_000)
    await page.auth.refresh()
    await world.clock.advance(1_000)
    expect(told.filter((entry) => (entry as string[])[0] === 'user_changed')).toEqual([])
  })

  test('is told for another person with the same data', async () => {
    const world = await tabs(ada)
    await world.signIn()
    const told = recorded(world.here)
    world.server.subject = 'another Ada'
    await world.here.auth.signIn({})
    expect(told[0]).toEqual(['user_changed', 'Ada', 'Ada', 'this_tab'])
  })

  test('a user that cannot be compared is another one each time, and disturbs nobody', async () => {
    const world = createWorld()
    const { auth, names } = world.open()
    const cycle: Record<string, unknown> = { name: 'Ada' }
    cycle.self = cycle
    world.server.withUser = cycle
    await auth.signIn({})
    expect(auth.getState().user).toBe(cycle)
    await auth.refresh()
    expect(auth.getState().status).toBe('authenticated')
    expect(names()).toContain('refreshed')
  })
})

describe('reloadUser()', () => {
  const signedIn = async (getUser: Backend['getUser']) => {
    const world = createWorld()
    world.server.getUser = getUser
    world.server.withUser = ada
    const [here, there] = [world.open(), world.open()]
    await here.auth.signIn({})
    await world.clock.advance(100)
    return { ...world, here, there }
  }

  test('asks again, shows it in all tabs, tells of it, and keeps it', async () => {
    const world = await signedIn(async () => lovelace)
    const told = [recorded(world.here), recorded(world.there)]
    expect(await world.here.auth.reloadUser()).toEqual(lovelace)
    await world.clock.advance(100)
    for (const { auth } of [world.here, world.there]) expect(auth.getState().user).toEqual(lovelace)
    expect(told.map(([first]) => first)).toEqual([
      ['user_changed', 'Ada', 'Ada Lovelace', 'this_tab'],
      ['user_changed', 'Ada', 'Ada Lovelace', 'other_tab'],
    ])
    expect(world.open().auth.getState().user).toEqual(lovelace)
    expect(world.server.refreshes).toEqual([])
  })

  test('the same data renders nothing', async () => {
    const world = await signedIn(async () => ({ ...ada }))
    const told = recorded(world.here)
    const { user } = world.here.auth.getState()
    await world.here.auth.reloadUser()
    expect(told).toEqual([])
    expect(world.here.auth.getState().user).toBe(user)
  })

  test('without getUser: misconfigured; without a session: unauthenticated', async () => {
    const world = createWorld()
    await expect(world.open().auth.reloadUser()).rejects.toMatchObject({ code: 'misconfigured' })
    world.server.getUser = async () => ada
    await expect(world.open().auth.reloadUser()).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('with a token that has run out: it is renewed first', async () => {
    const tokens: unknown[] = []
    const world = await signedIn(async (token) => {
      tokens.push(token)
      return lovelace
    })
    world.clock.jump(2 * HOUR)
    expect(await world.here.auth.reloadUser()).toEqual(lovelace)
    expect(tokens.at(-1)).toBe(world.browser.stored()?.accessToken)
    expect(world.server.refreshes).toHaveLength(1)
  })

  test('with a token that the server refuses: it is renewed, and asked once more', async () => {
    const answers = [() => Promise.reject(new AuthError('rejected', 'expired', { status: 401 })), async () => lovelace]
    const world = await signedIn(async () => answers.shift()?.())
    await world.clock.advance(2_000)
    expect(await world.here.auth.reloadUser()).toEqual(lovelace)
    expect(world.server.refreshes).toHaveLength(1)
  })

  test('when it fails, the user stays', async () => {
    const world = await signedIn(() => Promise.reject(new TypeError('Failed to fetch')))
    const reload = outcome(world.here.auth.reloadUser())
    await world.clock.advance(20_000)
    expect(reload.result).toMatchObject({ code: 'unavailable' })
    expect(world.here.auth.getState()).toMatchObject({ status: 'authenticated', user: ada })
  })

  test('an answer for somebody who has signed out meanwhile is dropped', async () => {
    let answer = (_: unknown) => {}
    const world = await signedIn(
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    const reload = outcome(world.here.auth.reloadUser())
    await world.clock.flush()
    world.server.withUser = { name: 'Grace' }
    await world.here.auth.signIn({})
    answer(lovelace)
    await world.clock.flush()
    expect(reload.result).toMatchObject({ code: 'session_changed' })
    expect(world.here.auth.getState().user).toEqual({ name: 'Grace' })
  })
})

describe('refresh() asks who it is, where the answer does not say', () => {
  test('once, and all tabs show it', async () => {
    const world = createWorld()
    world.server.getUser = vi.fn(async () => lovelace)
    world.server.withUser = ada
    const [here, there] = [world.open(), world.open()]
    await here.auth.signIn({})
    world.server.withUser = null
    await here.auth.refresh()
    await world.clock.advance(100)
    expect(world.server.getUser).toHaveBeenCalledTimes(1)
    for (const { auth } of [here, there]) expect(auth.getState().user).toEqual(lovelace)
  })

  test('not where it does, nor for renewals that nobody called for', async () => {
    const world = createWorld()
    world.server.getUser = vi.fn(async () => lovelace)
    world.server.withUser = ada
    const { auth } = world.open()
    await auth.signIn({})
    await auth.refresh()
    world.server.withUser = null
    await world.clock.advance(3 * HOUR)
    expect(world.server.refreshes.length).toBeGreaterThan(2)
    expect(world.server.getUser).not.toHaveBeenCalled()
  })

  test('claims of the new token are shown without asking', async () => {
    const world = createWorld()
    const { auth } = world.open()
    world.server.signInScript.push(() => ({ accessToken: jwt({ sub: 'ada', role: 'guest' }), refreshToken: 'a' }))
    await auth.signIn({})
    world.server.script.push(() => ({
      type: 'renewed',
      answer: { accessToken: jwt({ sub: 'ada', role: 'admin' }), refreshToken: 'b' },
    }))
    await auth.refresh()
    expect(auth.getState().user).toMatchObject({ role: 'admin' })
  })

  test('when asking fails, the renewal has been done all the same', async () => {
    const world = createWorld()
    world.server.getUser = () => Promise.reject(new TypeError('Failed to fetch'))
    world.server.withUser = ada
    const { auth } = world.open()
    await auth.signIn({})
    world.server.withUser = null
    const refresh = outcome(auth.refresh())
    await world.clock.advance(20_000)
    expect(refresh.result).toBeDefined()
    expect(world.browser.stored()?.refreshToken).toBe('refresh-2')
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: ada })
  })
})
