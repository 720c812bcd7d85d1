import type { StoredSession } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { reloaded } from '../reload.ts'
import { asynchronous } from '../storages.ts'
import { createWorld, HOUR, held, jwt, MINUTE, never, signedIn, type World } from '../world.ts'

/** Keeps only the refresh token, as when the access cookie has gone with its token. */
const keepRefreshToken = ({ browser }: World) =>
  browser.setStored({ accessToken: null, refreshToken: browser.stored()?.refreshToken ?? null, record: null })

const offline = ({ server }: World) => {
  server.script = Array.from({ length: 100 }, () => () => Promise.reject(new TypeError('Failed to fetch')))
}

describe('the first state', () => {
  test('a synchronous storage with a session: authenticated at once, with no request', async () => {
    const { open, server, clock } = await reloaded()
    const { auth } = open()
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' }, problem: null })
    expect(await auth.ready).toBe(auth.getState())
    await clock.advance(MINUTE)
    expect(server.refreshes).toHaveLength(0)
  })

  test('an empty storage: unauthenticated at once, without reason to worry', async () => {
    const { open } = createWorld()
    const { auth, names } = open()
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'none', error: null, user: null })
    expect(await auth.ready).toBe(auth.getState())
    expect(await auth.getAccessToken()).toBeNull()
    expect(names()).toEqual([])
  })

  test('an asynchronous storage: loading first, and whoever asks for a token waits for it', async () => {
    const { open, browser } = await reloaded()
    const { auth } = open({ storage: asynchronous(browser.openTab().storage) })
    expect(auth.getState()).toMatchObject({ status: 'loading', user: null, problem: null })
    expect(await auth.getAccessToken()).toBe(browser.stored()?.accessToken)
    expect(await auth.ready).toMatchObject({ status: 'authenticated', user: { sub: 'ada' } })
  })

  test('an asynchronous storage that is empty: loading, then unauthenticated', async () => {
    const { open, browser } = createWorld()
    const { auth } = open({ storage: asynchronous(browser.openTab().storage) })
    expect(auth.getState().status).toBe('loading')
    expect(await auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'none' })
  })

  test('a token with 2 minutes left is shown as signed in, and renewed at once', async () => {
    const { open, server, clock } = await reloaded()
    clock.jump(58 * MINUTE)
    const { auth } = open()
    expect(auth.getState().status).toBe('authenticated')
    await clock.advance(1)
    expect(server.refreshes).toHaveLength(1)
  })

  test('tokens without a record may be anybody’s: they are renewed once, then shown', async () => {
    const { open, server, browser, clock } = await reloaded()
    const { accessToken = null, refreshToken = null } = browser.stored() ?? {}
    browser.setStored({ accessToken, refreshToken, record: null })
    const { auth, names } = open()
    expect(auth.getState()).toMatchObject({ status: 'loading', user: null })
    await clock.advance(MINUTE)
    expect(server.refreshes).toEqual([refreshToken])
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' } })
    expect(browser.stored()?.record).toMatchObject({ id: auth.inspect().sessionId, subject: 'ada' })
    expect(names()).toEqual(['refreshed'])
  })

  test('a record that does not fit whole tokens of the same subject: the token tells the user and the expiry', async () => {
    const { open, server, browser, clock } = await reloaded()
    const { accessToken = null, refreshToken = null, record = null } = browser.stored() ?? {}
    const [receivedAt, expiresAt] = [clock.now() - 2 * HOUR, clock.now() - HOUR]
    browser.setStored({
      accessToken,
      refreshToken,
      record: record && { ...record, receivedAt, expiresAt },
      fits: false,
    })
    const { auth } = open()
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' } })
    expect(auth.inspect().expiresAt).toBe(clock.now() + HOUR)
    await clock.advance(30 * MINUTE)
    expect(server.refreshes).toHaveLength(0)
    await clock.advance(25 * MINUTE)
    expect(server.refreshes).toHaveLength(1)
  })
})

describe('a restore that needs the server', () => {
  test('only the refresh token: loading, one refresh, authenticated', async () => {
    const world = await reloaded()
    keepRefreshToken(world)
    const { auth, names } = world.open()
    expect(auth.getState()).toMatchObject({ status: 'loading', problem: null })
    const tokens = await Promise.all([auth.getAccessToken(), auth.getAccessToken(), auth.refresh().then(() => null)])
    expect(await auth.ready).toMatchObject({ status: 'authenticated', user: { sub: 'ada' }, problem: null })
    expect(world.server.refreshes).toHaveLength(1)
    expect(tokens[0]).toBe(world.browser.stored()?.accessToken)
    expect(names()).not.toContain('signed_in')
  })

  test('an expired access token is not shown or given out, but renewed first', async () => {
    const { open, server, clock } = await reloaded()
    clock.jump(2 * HOUR)
    const { auth } = open()
    expect(auth.getState().status).toBe('loading')
    const token = await auth.getAccessToken()
    expect(server.refreshes).toHaveLength(1)
    expect(token).toBe(jwt({ sub: 'ada', iat: clock.now() / 1000, exp: clock.now() / 1000 + 3600, jti: 2 }))
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })

  test('offline with a record: the user is known, with a problem; ready resolves; online cures it', async () => {
    const world = await reloaded()
    offline(world)
    world.clock.jump(2 * HOUR)
    const { auth, tab } = world.open()
    let ready = false
    void auth.ready.then(() => {
      ready = true
    })
    await world.clock.advance(15_000)
    expect(ready).toBe(true)
    expect(auth.getState()).toMatchObject({
      status: 'authenticated',
      user: { sub: 'ada' },
      problem: { code: 'unavailable' },
    })
    world.server.script = []
    tab.wake('online')
    await world.clock.advance(1_000)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' }, problem: null })
  })

  test('offline without a record: loading with a problem; ready resolves; it recovers by itself', async () => {
    const world = await reloaded()
    keepRefreshToken(world)
    offline(world)
    const { auth } = world.open()
    const failed = expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'unavailable' })
    await world.clock.advance(15_000)
    await failed
    expect(await auth.ready).toMatchObject({ status: 'loading', problem: { code: 'unavailable' } })
    expect(world.browser.stored()?.refreshToken).toBeTruthy()
    world.server.script = []
    await world.clock.advance(5 * MINUTE)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' }, problem: null })
  })

  test('ready never rejects: a server that hangs', async () => {
    const world = await reloaded()
    keepRefreshToken(world)
    world.server.script = Array.from({ length: 9 }, () => never)
    const { auth } = world.open()
    await world.clock.advance(15_000)
    expect(await auth.ready).toMatchObject({ status: 'loading' })
  })

  test('a refused refresh token empties the whole storage; ready tells, once', async () => {
    const world = await reloaded()
    keepRefreshToken(world)
    world.server.alive = false
    const { auth, names } = world.open()
    await world.clock.advance(2_000)
    expect(await auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
    expect(held(world.browser)).toBeNull()
    expect(names()).toEqual(['signed_out'])
    expect(world.server.refreshes).toHaveLength(1)
  })

  test('an expired access token without a refresh token: expired, and nothing is left behind', async () => {
    const { open, browser, clock, server } = await reloaded()
    const stored = browser.stored()
    browser.setStored({ accessToken: stored?.accessToken ?? null, refreshToken: null, record: stored?.record ?? null })
    clock.jump(2 * HOUR)
    const { auth } = open()
    expect(await auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'expired' })
    expect(held(browser)).toBeNull()
    expect(server.refreshes).toHaveLength(0)
  })

  test('an access token known to be stale is never sent', async () => {
    const { open, clock } = await reloaded()
    clock.jump(2 * HOUR)
    const { auth } = open()
    const sent: (string | null)[] = []
    await auth.exchange({
      url: '/data',
      origins: ['/'],
      repeatable: true,
      send: async ({ token }) => {
        sent.push(token)
        return { status: 200 }
      },
    })
    expect(sent).toEqual([await auth.getAccessToken()])
  })

  test('a reload during a refresh recovers where the server hands out the active token again', async () => {
    const { open, server, browser } = await reloaded()
    const before = browser.stored()
    const lost = open().auth
    server.script = [() => server.rotate(server.current) && never()]
    const cut = expect(lost.refresh()).rejects.toMatchObject({ code: 'disposed' })
    lost.dispose()
    await cut
    expect(browser.stored()).toEqual(before)
    const { auth } = open()
    server.script = [() => ({ type: 'renewed', answer: server.issue() })]
    await auth.refresh()
    expect(auth.getState().status).toBe('authenticated')
  })
})

test('a tab that starts while another one writes does not write over it: what it found half written is whole in a moment', async () => {
  const world = await signedIn()
  const { browser, clock, server, auth } = world
  const before = browser.stored() as StoredSession
  await auth.refresh()
  const after = browser.stored() as StoredSession
  auth.dispose()
  // The access token is written, the record is not yet.
  browser.setStored({ ...after, refreshToken: before.refreshToken, record: before.record, fits: false })
  const { storage } = browser.openTab()
  let writes = 0
  const write: typeof storage.write = (...args) => {
    writes++
    return storage.write(...args)
  }
  const there = world.open({ storage: { ...storage, write } })
  there.tab.wake('storage')
  await clock.advance(300)
  expect(writes).toBe(0)
  browser.setStored(after)
  there.tab.wake('storage')
  await clock.advance(MINUTE)
  expect(writes).toBe(0)
  expect(there.auth.inspect()).toMatchObject({ version: after.record?.version })
  expect(await there.auth.getAccessToken()).toBe(after.accessToken)
  expect(server.refreshes).toHaveLength(1)
})
