import { AuthError, type RefreshOutcome, type SessionRecord } from 'keyturn'
import { expect, test } from 'vitest'
import { deferred } from '../storages.ts'
import { BOTH_COOKIES, unseen, withoutAccess } from '../unseen.ts'
import { createWorld, outcome } from '../world.ts'

test('with the access token in memory, tabs do not keep each other from renewing: no token runs out', async () => {
  const world = createWorld()
  world.server.life = 6
  const site = unseen(world)
  const tabs = Array.from({ length: 6 }, () =>
    world.open({ backend: site.backend, storage: withoutAccess(world.browser.openTab().storage), restore: 'always' }),
  )
  await tabs[0]?.auth.signIn({})
  await world.clock.advance(10_000)
  for (let wait = 0; wait < 40; wait++) {
    await world.clock.advance(500)
    for (const { auth } of tabs) {
      const { expiresAt } = auth.inspect()
      expect(expiresAt).toBeGreaterThan(world.clock.now())
    }
  }
})

test('the access token renews itself and has run out: with cookies that tell of each write, it is not written without end', async () => {
  const world = createWorld()
  let writes = 0
  const { storage, ...tab } = world.browser.openTab()
  const { auth } = world.open({
    backend: {
      ...world.server.backend,
      kind: { access: 'token', refresh: 'access' },
      refresh: () => new Promise(() => {}),
    },
    storage: {
      ...storage,
      // As cookies do: what has run out is not kept.
      read() {
        const found = storage.read() as Exclude<ReturnType<typeof storage.read>, Promise<unknown>>
        const gone = (found?.record?.expiresAt ?? Infinity) <= world.clock.now()
        return found && gone ? { ...found, accessToken: null } : found
      },
      write(session, context) {
        writes++
        void storage.write(session, context)
        if (writes < 100) tab.wake('storage')
      },
    },
    ports: tab.ports,
  })
  await auth.signIn({})
  await world.clock.advance(2 * 3_600_000)
  tab.wake('visible')
  await world.clock.advance(5_000)
  expect(writes).toBeLessThan(5)
})

test.each([
  ['without locks', null, 2],
  ['with a lock', undefined, 1],
])(
  '%s a refusal is believed after so many, for the cookie may have become a newer one since',
  async (_, lock, calls) => {
    const world = createWorld()
    const site = unseen(world)
    const { auth } = world.open({ backend: site.backend, ports: lock === null ? { lock } : {} })
    await auth.signIn({})
    await world.clock.advance(5_000)
    // A tab that died before it could write that had just renewed, by a server that only refuses what is spent.
    world.server.script.push(() => ({ type: 'rejected', error: new AuthError('rejected', 'used', { status: 401 }) }))
    const asked = outcome(auth.refresh())
    await world.clock.advance(5_000)
    expect(world.server.refreshes).toHaveLength(calls)
    if (calls === 2) expect(asked.result).toBe('done')
    else expect(asked.result).toMatchObject({ code: 'rejected' })
    world.server.alive = false
    outcome(auth.refresh())
    await world.clock.advance(5_000)
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
  },
)

test('the tokens are kept where the server does not say in time whose they are', async () => {
  const world = createWorld()
  const site = unseen(world)
  const { refresh } = site.backend
  let asks = true
  const { auth } = world.open({
    backend: {
      ...site.backend,
      async refresh(...call) {
        const result = await refresh(...call)
        const answer = { accessToken: `opaque-${world.server.count}`, expiresIn: 900 }
        return result.type === 'renewed' ? { ...result, answer } : result
      },
      getUser: () => (asks ? Promise.resolve({ id: 'ada' }) : new Promise(() => {})),
    },
  })
  await auth.signIn({})
  await world.clock.advance(5_000)
  asks = false
  const refreshed = outcome(auth.refresh())
  await world.clock.advance(15_000)
  expect(world.server.refreshes).toHaveLength(1)
  expect(await auth.getAccessToken()).toBe('opaque-2')
  expect(auth.inspect().failures).toBe(0)
  expect(refreshed.result).not.toBe('pending')
})

test('a lock that was had for an attempt before does not count: the next one, without it, may have been too late', async () => {
  const world = createWorld()
  const site = unseen(world)
  const { lock } = world.browser.openTab().ports
  let asked = 0
  const { auth } = world.open({
    backend: site.backend,
    // Had once; then a tab that stands still holds it.
    ports: { lock: (...call) => (++asked === 1 && lock ? lock(...call) : new Promise(() => {})) },
  })
  // Sign-ins of such sessions wait for the same lock.
  const signedIn = auth.signIn({})
  await world.clock.advance(5_000)
  await signedIn
  asked = 0
  world.server.script.push(
    () => ({ type: 'unavailable', error: new AuthError('unavailable', 'down', { status: 503 }) }),
    () => ({ type: 'rejected', error: new AuthError('rejected', 'used', { status: 401 }) }),
  )
  outcome(auth.refresh())
  await world.clock.advance(40_000)
  expect(auth.getState().status).toBe('authenticated')
  expect(world.server.refreshes.length).toBeGreaterThanOrEqual(3)
})

/** Ada is signed in; scripts see nothing of it, or keep the access token in the page. */
async function adas(kind = BOTH_COOKIES) {
  const world = createWorld()
  const site = unseen(world, kind)
  const { storage } = world.browser.openTab()
  world.server.withUser = { id: 'ada' }
  const tab = world.open({ backend: site.backend, storage: withoutAccess(storage) })
  await tab.auth.signIn({})
  await world.clock.advance(5_000)
  world.server.withUser = null
  const record = world.browser.stored()?.record as SessionRecord
  expect(record.version).toBe(1)
  const store = (some: Partial<SessionRecord>) =>
    world.browser.setStored({ accessToken: null, refreshToken: null, record: { ...record, ...some } })
  return { ...world, ...tab, store }
}

test('another tab was told that the cookie is another person’s, and no name: the name of the one before is not kept', async () => {
  const { auth, clock, server, store, tab } = await adas({ access: 'token', refresh: 'cookie' })
  server.script.push(() => new Promise(() => {}))
  store({ version: 2, subject: 'bob', user: null })
  tab.wake('storage')
  await clock.advance(1_000)
  expect(auth.getState().user).not.toEqual({ id: 'ada' })
})

test('another tab learns who it is while this one renews: an answer that does not say keeps that', async () => {
  const { auth, clock, server, store, tab } = await adas()
  const gate = deferred<void>()
  server.script.push(async (token) => {
    await gate.promise
    return server.rotate(token)
  })
  const renewed = outcome(auth.refresh())
  await clock.advance(100)
  store({ user: { id: 'ada', name: 'Ada' } })
  tab.wake('storage')
  await clock.advance(100)
  gate.resolve()
  await clock.advance(1_000)
  expect(renewed.result).toBe('done')
  expect(auth.getState().user).toEqual({ id: 'ada', name: 'Ada' })
})

test('with the access token in memory, and without locks, what one tab has got is kept though another one was first', async () => {
  const world = createWorld()
  const { clock, server } = world
  const site = unseen(world)
  const open = () =>
    world.open({
      backend: site.backend,
      storage: withoutAccess(world.browser.openTab().storage),
      restore: 'always',
      ports: { lock: null },
    })
  const [here, there] = [open(), open()]
  await here.auth.ready
  await here.auth.signIn({})
  await clock.advance(5_000)
  await there.auth.getAccessToken()
  await clock.advance(5_000)
  const before = server.refreshes.length
  // The server takes a spent token once more for some time, as most do.
  const slowly = (ms: number) => async (): Promise<RefreshOutcome> => {
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))
    return { type: 'renewed', answer: server.issue() }
  }
  server.script.push(slowly(200), slowly(300))
  const old = await Promise.all([here, there].map(({ auth }) => auth.getAccessToken()))
  const ask = ({ auth }: typeof here, index: number) =>
    auth.exchange({
      url: '/data',
      origins: ['/'],
      repeatable: true,
      send: async ({ token }) => ({ status: token === old[index] ? 401 : 200 }),
    })
  const asked = [ask(here, 0), ask(there, 1)]
  await clock.advance(10_000)
  expect((await Promise.all(asked)).map(({ reply }) => reply.status)).toEqual([200, 200])
  expect(server.refreshes.length - before).toBe(2)
  expect(here.auth.inspect().version).toBe(there.auth.inspect().version)
})
