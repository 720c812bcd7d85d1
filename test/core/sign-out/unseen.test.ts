import { AuthError } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { asynchronous, deferred } from '../storages.ts'
import { BOTH_COOKIES, REFRESH_COOKIE, signedIn, unseen, withoutAccess } from '../unseen.ts'
import { createWorld, HOUR, held, MINUTE, outcome } from '../world.ts'

describe.each([
  ['the refresh token in a cookie', REFRESH_COOKIE],
  ['both tokens in cookies', BOTH_COOKIES],
])('a sign-out with %s that scripts do not see', (_, kind) => {
  test('is confirmed by the server, and forgotten: the next page asks again if it should', async () => {
    const at = await signedIn(kind)
    expect(await at.auth.signOut()).toEqual({ revoked: true })
    expect(at.over()).toMatchObject({ over: 'signed_out' })
    expect(at.over()?.pending).toBeUndefined()
    expect(at.site.cookie).toBeNull()
    const { auth } = at.another()
    expect(await auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'none' })
    expect(at.server.refreshes).toHaveLength(1)
  })

  test('while the server cannot be reached: nobody is signed in, and it hears of it when it can', async () => {
    const at = await signedIn(kind)
    at.site.offline = true
    expect(await at.auth.signOut()).toEqual({ revoked: false })
    expect(at.over()).toMatchObject({ over: 'signed_out', pending: 'local' })
    // Reloaded, and the cookie is still there.
    at.auth.dispose()
    const there = at.another()
    expect(await there.auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'none' })
    expect(at.site.cookie).toBe('refresh-1')
    await at.clock.advance(HOUR)
    expect(at.site.signOuts).toEqual([])
    at.site.offline = false
    there.tab.wake('online')
    await at.clock.flush()
    expect(at.site.signOuts).toEqual([['refresh-1', 'local']])
    expect(at.over()?.pending).toBeUndefined()
    expect(at.server.refreshes).toEqual([])
    expect(there.names()).toEqual([])
    await at.clock.advance(HOUR)
    expect(at.site.signOuts).toHaveLength(1)
  })

  test('of all devices is told again as one of all devices', async () => {
    const at = await signedIn(kind)
    at.site.offline = true
    await at.auth.signOut({ scope: 'global' })
    at.site.offline = false
    await at.clock.advance(MINUTE)
    expect(at.site.signOuts).toEqual([['refresh-1', 'global']])
  })

  test('is told again by one tab of several', async () => {
    const at = await signedIn(kind)
    const tabs = [at.another(), at.another(), at]
    at.site.offline = true
    await at.auth.signOut()
    await at.clock.flush()
    at.site.offline = false
    for (const { tab } of tabs) tab.wake('online')
    await at.clock.advance(HOUR)
    expect(at.site.signOuts).toEqual([['refresh-1', 'local']])
  })

  test('is told again until the server answers, ever more rarely', async () => {
    const at = await signedIn(kind)
    let tries = 0
    const { signOut } = at.site.backend
    Object.assign(at.site.backend, {
      signOut: async (...call: Parameters<typeof signOut>) => {
        tries++
        return signOut(...call)
      },
    })
    at.site.offline = true
    void at.auth.signOut()
    await at.clock.advance(HOUR)
    expect(tries).toBeGreaterThan(10)
    expect(tries).toBeLessThan(25)
    at.site.offline = false
    await at.clock.advance(5 * MINUTE)
    expect(at.site.signOuts).toHaveLength(1)
    at.auth.dispose()
    await at.clock.advance(HOUR)
    expect(at.site.signOuts).toHaveLength(1)
  })

  test('the server says that there is no session: that confirms it', async () => {
    const at = await signedIn(kind)
    at.site.offline = true
    await at.auth.signOut()
    const gone = new AuthError('rejected', 'no such session', { status: 401 })
    Object.assign(at.site.backend, { signOut: () => Promise.reject(gone) })
    at.tab.wake('online')
    await at.clock.flush()
    expect(at.over()?.pending).toBeUndefined()
  })

  test('auth.refresh() finds whoever has come in by a redirect meanwhile', async () => {
    const at = await signedIn(kind)
    at.site.offline = true
    await at.auth.signOut()
    at.site.offline = false
    at.site.cookie = at.server.issue('bob').refreshToken
    await at.auth.refresh()
    expect(at.auth.getState().status).toBe('authenticated')
    await at.clock.advance(HOUR)
    expect(at.site.signOuts).toEqual([])
  })

  test('a renewal that is answered after it sets the cookie anew: the server is told once more', async () => {
    const at = await signedIn(kind)
    const gate = deferred<void>()
    at.server.script.push(async (token) => {
      const outcome = at.server.rotate(token)
      await gate.promise
      return outcome
    })
    outcome(at.auth.refresh())
    await at.clock.flush()
    await at.auth.signOut()
    gate.resolve()
    await at.clock.advance(MINUTE)
    expect(at.site.cookie).toBeNull()
    expect(at.site.signOuts.at(-1)).toEqual(['refresh-2', 'local'])
    expect(at.over()?.pending).toBeUndefined()
    const there = at.another()
    expect(await there.auth.ready).toMatchObject({ status: 'unauthenticated' })
  })

  test('a renewal that is answered while the server is being told: what it confirms then is not the whole', async () => {
    const at = await signedIn(kind)
    const [renewal, confirmation] = [deferred<void>(), deferred<void>()]
    at.server.script.push(async (token) => {
      const outcome = at.server.rotate(token)
      await renewal.promise
      return outcome
    })
    const { signOut } = at.site.backend
    Object.assign(at.site.backend, {
      signOut: async (...call: Parameters<typeof signOut>) => {
        await signOut(...call)
        await confirmation.promise
      },
    })
    outcome(at.auth.refresh())
    await at.clock.flush()
    outcome(at.auth.signOut())
    await at.clock.flush()
    renewal.resolve()
    await at.clock.flush()
    expect(at.site.cookie).toBe('refresh-2')
    confirmation.resolve()
    await at.clock.advance(MINUTE)
    expect(at.site.cookie).toBeNull()
    expect(at.over()?.pending).toBeUndefined()
  })

  test('a renewal that is answered after somebody else has signed in revokes nothing', async () => {
    const at = await signedIn(kind)
    const gate = deferred<void>()
    at.server.script.push(async () => {
      await gate.promise
      return { type: 'unavailable', error: new AuthError('unavailable', 'too late') }
    })
    outcome(at.auth.refresh())
    await at.clock.flush()
    await at.auth.signOut()
    at.server.subject = 'bob'
    const entered = at.auth.signIn({})
    await at.clock.flush()
    gate.resolve()
    await entered
    await at.clock.advance(MINUTE)
    expect(at.site.signOuts).toHaveLength(1)
    expect(at.auth.getState().status).toBe('authenticated')
  })

  test('nobody is known here: the server is told all the same', async () => {
    const world = createWorld()
    const site = unseen(world, kind)
    site.cookie = world.server.issue().refreshToken
    const { auth } = world.open({ backend: site.backend })
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(site.signOuts).toEqual([['refresh-1', 'local']])
  })

  test('over a storage that answers by promise', async () => {
    const world = createWorld()
    const site = unseen(world, kind)
    const open = () =>
      world.open({ backend: site.backend, restore: 'always', storage: asynchronous(world.browser.openTab().storage) })
    const tab = open()
    await tab.auth.ready
    await tab.auth.signIn({})
    site.offline = true
    expect(await tab.auth.signOut()).toEqual({ revoked: false })
    tab.auth.dispose()
    const there = open()
    expect(await there.auth.ready).toMatchObject({ status: 'unauthenticated' })
    expect(held(world.browser)).toBeNull()
    site.offline = false
    there.tab.wake('online')
    await world.clock.advance(MINUTE)
    expect(site.signOuts).toEqual([['refresh-1', 'local']])
    expect(world.browser.stored()?.record?.pending).toBeUndefined()
  })
})

test('with the access token in memory, the server is told once, and confirms it', async () => {
  const world = createWorld()
  const site = unseen(world)
  const { auth } = world.open({ backend: site.backend, storage: withoutAccess(world.browser.openTab().storage) })
  await auth.signIn({})
  expect(await auth.signOut()).toEqual({ revoked: true })
  await world.clock.advance(MINUTE)
  expect(site.signOuts).toEqual([['refresh-1', 'local']])
})

test('the browser refuses its locks: the server is told again after 5 s all the same', async () => {
  const world = createWorld()
  const site = unseen(world)
  const lock = () => Promise.reject(new DOMException('The request was denied.', 'SecurityError'))
  const { auth } = world.open({ backend: site.backend, ports: { lock } })
  await auth.signIn({})
  site.offline = true
  await auth.signOut()
  site.offline = false
  await world.clock.advance(5_000)
  expect(site.signOuts).toEqual([['refresh-1', 'local']])
})
