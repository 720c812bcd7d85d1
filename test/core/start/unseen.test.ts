import { AuthError, createAuth } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { deferred } from '../storages.ts'
import { BOTH_COOKIES, REFRESH_COOKIE, type Unseen, unseen, withoutAccess } from '../unseen.ts'
import { createWorld, HOUR, held, MINUTE, outcome, unavailable, type World } from '../world.ts'

interface Place extends World {
  readonly site: Unseen
}

/** A server with a session in a cookie that scripts do not see, of which the page knows nothing. */
function place(kind = REFRESH_COOKIE, there = true): Place {
  const world = createWorld()
  const site = unseen(world, kind)
  if (there) site.cookie = world.server.issue().refreshToken
  return { ...world, site }
}
const always = ({ site }: Place) => ({ backend: site.backend, restore: 'always' as const })

describe.each([
  ['the refresh token in a cookie', REFRESH_COOKIE],
  ['both tokens in cookies', BOTH_COOKIES],
])('%s that scripts do not see, and nothing stored', (_, kind) => {
  test('without a hint the server is not asked', async () => {
    const at = place(kind)
    const { auth, events } = at.open({ backend: at.site.backend })
    expect(await auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'none' })
    await at.clock.advance(HOUR)
    expect(at.server.refreshes).toEqual([])
    expect(events).toEqual([])
  })

  test.each([
    ['always', 'always'],
    ['a hint', 'hint'],
  ] as const)('%s: who is there is signed in, as if it had been stored', async (_, restore) => {
    const at = place(kind)
    const storage = { ...at.browser.openTab().storage, hint: () => restore === 'hint' }
    const { auth, names } = at.open({ backend: at.site.backend, storage, restore })
    expect(auth.getState()).toMatchObject({ status: 'loading', problem: null })
    expect(await auth.ready).toMatchObject({ status: 'authenticated' })
    expect(names()).toEqual(['refreshed'])
    expect(auth.inspect()).toMatchObject({ version: 1, persisted: true })
    expect(held(at.browser)?.record).toMatchObject({ id: auth.inspect().sessionId, version: 1 })
    // As any other session from then on.
    await at.clock.advance(55 * MINUTE)
    expect(at.server.refreshes).toHaveLength(2)
  })

  test('nobody is there: unauthenticated at once, nothing is told, and nothing is stored', async () => {
    const at = place(kind, false)
    const { auth, names } = at.open(always(at))
    expect(await auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'none', error: null })
    expect(at.server.refreshes).toHaveLength(1)
    expect(names()).toEqual([])
    expect(at.browser.stored()).toBeNull()
    await at.clock.advance(HOUR)
    expect(at.server.refreshes).toHaveLength(1)
    expect(await auth.getAccessToken()).toBeNull()
  })

  test('a refusal in words that may mean something else is believed: nothing is lost by it', async () => {
    const at = place(kind, false)
    at.server.script.push(() => ({ type: 'rejected', doubt: true, error: new AuthError('rejected', 'Bad request') }))
    const { auth } = at.open(always(at))
    expect(await auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'none' })
  })

  test('the server cannot be reached: loading, with the problem, until it can', async () => {
    const at = place(kind)
    at.server.script.push(...Array.from({ length: 4 }, () => () => unavailable()))
    const { auth, names } = at.open(always(at))
    await at.clock.advance(1_000)
    expect(auth.getState()).toMatchObject({ status: 'loading', problem: { code: 'unavailable' } })
    await at.clock.advance(MINUTE)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    expect(names()).not.toContain('signed_out')
  })

  test('eight tabs at once: one asks, and the others take what it was told', async () => {
    const at = place(kind)
    const tabs = Array.from({ length: 8 }, () => at.open(always(at)))
    await Promise.all(tabs.map(({ auth }) => auth.ready))
    expect(tabs.map(({ auth }) => auth.getState().status)).toEqual(tabs.map(() => 'authenticated'))
    expect(new Set(tabs.map(({ auth }) => auth.inspect().sessionId)).size).toBe(1)
    expect(at.server.refreshes).toHaveLength(1)
    expect(tabs.flatMap(({ names }) => names()).filter((name) => name !== 'refreshed')).toEqual([])
  })

  test('a tab that looks between two cookies of what another one writes waits for the rest, and asks no second time', async () => {
    const at = place(kind)
    const { storage } = at.browser.openTab()
    const write: typeof storage.write = (session, context) => {
      at.browser.setStored({ ...session, record: null })
      there.tab.wake('storage')
      return storage.write(session, context)
    }
    const { auth } = at.open({ ...always(at), storage: { ...storage, write } })
    const there = at.open(always(at))
    await Promise.all([auth.ready, there.auth.ready])
    await at.clock.advance(2_000)
    expect(at.server.refreshes).toHaveLength(1)
    expect(there.auth.getState().status).toBe('authenticated')
    expect(there.auth.inspect().sessionId).toBe(auth.inspect().sessionId)
    expect(held(at.browser)?.record).toMatchObject({ id: auth.inspect().sessionId, version: 1 })
    expect(there.names()).not.toContain('signed_in')
  })

  test('a request that begins meanwhile waits, and is sent for whoever is there', async () => {
    const at = place(kind)
    const { auth } = at.open(always(at))
    const began: string[] = []
    const tokens: (string | null)[] = []
    const sent = auth.exchange({
      url: '/data',
      origins: ['/'],
      repeatable: true,
      began: (identity) => void began.push(identity),
      send: async ({ token }) => {
        tokens.push(token)
        return { status: 200 }
      },
    })
    await sent
    expect(began).toEqual([expect.stringContaining(`${auth.inspect().sessionId}`)])
    expect(tokens).toEqual([await auth.getAccessToken()])
    if (kind.access === 'token') expect(tokens[0]).toBeTruthy()
  })

  test('a request that begins meanwhile is sent bare when nobody is there', async () => {
    const at = place(kind, false)
    const { auth } = at.open(always(at))
    const { reply } = await auth.exchange({
      url: '/data',
      origins: ['/'],
      repeatable: true,
      send: async ({ token }) => ({ status: token ? 200 : 401 }),
    })
    expect(reply.status).toBe(401)
    expect(auth.getState().status).toBe('unauthenticated')
  })

  test('somebody signs in meanwhile: that counts', async () => {
    const at = place(kind)
    const gate = deferred<void>()
    at.server.script.push(async (token) => {
      await gate.promise
      return at.server.rotate(token)
    })
    const { auth, names } = at.open(always(at))
    await at.clock.flush()
    at.server.subject = 'bob'
    // It waits for the answer, but not for ever.
    const entered = auth.signIn({})
    await at.clock.advance(6_000)
    await entered
    gate.resolve()
    await at.clock.flush()
    expect(auth.getState()).toMatchObject({ status: 'authenticated' })
    expect(names().filter((name) => name !== 'refreshed')).toEqual(['signed_in'])
  })

  test('somebody signs out in another tab meanwhile: nobody is signed in', async () => {
    const at = place(kind)
    const there = at.open({ backend: at.site.backend })
    const gate = deferred<void>()
    at.server.script.push(async (token) => {
      await gate.promise
      return at.server.rotate(token)
    })
    const { auth, names } = at.open(always(at))
    await at.clock.flush()
    await there.auth.signOut()
    await at.clock.advance(100)
    gate.resolve()
    await at.clock.advance(MINUTE)
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'other_tab' })
    expect(names()).toEqual([])
    expect(held(at.browser)).toBeNull()
  })

  test('a sign-out of before does not keep the server from being asked', async () => {
    const at = place(kind, false)
    const before = at.open({ backend: at.site.backend })
    await before.auth.signIn({})
    await before.auth.signOut()
    before.auth.dispose()
    // By a redirect.
    at.site.cookie = at.server.issue('bob').refreshToken
    const { auth, names } = at.open(always(at))
    expect(await auth.ready).toMatchObject({ status: 'authenticated' })
    expect(names()).toEqual(['refreshed'])
    expect(held(at.browser)?.record?.order).toBeGreaterThan(0)
    expect(at.open({ backend: at.site.backend }).auth.getState().status).toBe('authenticated')
  })

  test('no page, no call', async () => {
    const at = place(kind)
    const { auth } = at.open({ ...always(at), ports: { page: null } })
    expect(await auth.ready).toMatchObject({ status: 'unauthenticated' })
    expect(at.server.refreshes).toEqual([])
  })

  describe('auth.refresh()', () => {
    test('finds whoever has come in meanwhile, in all tabs', async () => {
      const at = place(kind)
      const [{ auth, names }, there] = [at.open({ backend: at.site.backend }), at.open({ backend: at.site.backend })]
      await auth.refresh()
      expect(auth.getState().status).toBe('authenticated')
      expect(names()).toEqual(['signed_in', 'refreshed'])
      await at.clock.flush()
      expect(there.auth.getState().status).toBe('authenticated')
      expect(there.names()).toEqual(['signed_in'])
    })

    test.each([
      ['nobody is there', 'rejected'],
      ['the server cannot be reached', 'unavailable'],
    ])('%s: it says so, and nothing else changes', async (_, code) => {
      const at = place(kind, false)
      at.site.offline = code === 'unavailable'
      const { auth, names } = at.open({ backend: at.site.backend })
      const state = auth.getState()
      const asked = outcome(auth.refresh())
      await at.clock.advance(20_000)
      expect(asked.result).toMatchObject({ code })
      expect(auth.getState()).toBe(state)
      expect(names().filter((name) => name !== 'refresh_failed')).toEqual([])
      const calls = at.server.refreshes.length
      await at.clock.advance(HOUR)
      expect(at.server.refreshes).toHaveLength(calls)
    })

    test('called once more while the first call fails: it asks for itself, and finds who is there', async () => {
      const at = place(kind)
      at.site.offline = true
      const { auth } = at.open({ backend: at.site.backend })
      const first = outcome(auth.refresh())
      await at.clock.advance(100)
      const second = outcome(auth.refresh())
      await at.clock.advance(5_000)
      expect(first.result).toMatchObject({ code: 'unavailable' })
      at.site.offline = false
      await at.clock.advance(20_000)
      expect(second.result).toBe('done')
      expect(auth.getState().status).toBe('authenticated')
    })
  })
})

test('with the access token in memory, eight tabs at once ask one after the other', async () => {
  const at = place()
  const tabs = Array.from({ length: 8 }, () =>
    at.open({ ...always(at), storage: withoutAccess(at.browser.openTab().storage) }),
  )
  await Promise.all(tabs.map(({ auth }) => auth.ready))
  expect(tabs.map(({ auth }) => auth.getState().status)).toEqual(tabs.map(() => 'authenticated'))
  expect(at.server.refreshes).toHaveLength(8)
  expect(new Set(at.server.refreshes).size).toBe(8)
  expect(tabs.flatMap(({ names }) => names())).not.toContain('signed_out')
})

test.each([
  [{ restore: 'never' }, /restore must be 'hint' or 'always', not 'never'/],
  [{ restore: 'always' }, /restore: 'always' needs a kind of session that scripts do not see/],
])('%j is refused', (options, message) => {
  const { server, browser } = createWorld()
  const { storage } = browser.openTab()
  expect(() => createAuth({ backend: server.backend, storage, ...(options as object) })).toThrow(message)
})
