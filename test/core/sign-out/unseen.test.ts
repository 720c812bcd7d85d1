import { AuthError, type SessionRecord } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { asynchronous, deferred } from '../storages.ts'
import { BOTH_COOKIES, REFRESH_COOKIE, type Unseen, unseen, withoutAccess } from '../unseen.ts'
import { createWorld, HOUR, held, MINUTE, outcome, type Tab, type World } from '../world.ts'

interface Place extends World, Tab {
  readonly site: Unseen
  another(): Tab
  over(): SessionRecord | null | undefined
}

async function signedIn(kind = REFRESH_COOKIE): Promise<Place> {
  const world = createWorld()
  const site = unseen(world, kind)
  const another = () => world.open({ backend: site.backend, restore: 'always' })
  const tab = world.open({ backend: site.backend })
  await tab.auth.signIn({})
  tab.events.length = 0
  return { ...world, ...tab, site, another, over: () => world.browser.stored()?.record }
}

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

  test('somebody signs in before the server has heard: nobody is signed out by what was pending', async () => {
    const at = await signedIn(kind)
    at.site.offline = true
    await at.auth.signOut()
    at.site.offline = false
    const there = at.another()
    await there.auth.ready
    // It has begun to tell: whoever signs in waits for that.
    const entered = there.auth.signIn({})
    at.tab.wake('online')
    await at.clock.advance(MINUTE)
    await entered
    for (const { auth } of [at, there]) expect(auth.getState().status).toBe('authenticated')
    await at.clock.advance(2 * HOUR)
    for (const { auth } of [at, there]) expect(auth.getState().status).toBe('authenticated')
    expect(at.site.signOuts.map(([cookie]) => cookie)).not.toContain(at.site.cookie)
    expect(held(at.browser)?.record?.over).toBeUndefined()
  })

  test('who signs in while the server is being told waits for it: the cookie that comes is the new one', async () => {
    const at = await signedIn(kind)
    const gate = deferred<void>()
    const { signOut } = at.site.backend
    Object.assign(at.site.backend, {
      signOut: async (...call: Parameters<typeof signOut>) => {
        await gate.promise
        return signOut(...call)
      },
    })
    const out = at.auth.signOut()
    await at.clock.flush()
    const there = at.another()
    await at.clock.flush()
    for (const entering of [at.auth.signIn({}), there.auth.signIn({})]) outcome(entering)
    await at.clock.flush()
    expect(at.server.signIns).toBe(1)
    gate.resolve()
    expect(await out).toEqual({ revoked: true })
    await at.clock.advance(MINUTE)
    expect(at.server.signIns).toBe(3)
    await at.auth.refresh()
    for (const { auth } of [at, there]) expect(auth.getState().status).toBe('authenticated')
    expect(at.site.signOuts).toHaveLength(1)
  })

  test('a wrong password does not bring back what the server has not heard of', async () => {
    const at = await signedIn(kind)
    at.site.offline = true
    await at.auth.signOut()
    at.site.offline = false
    at.server.signInScript.push(() => Promise.reject(new AuthError('credentials_rejected', 'Wrong password')))
    await expect(at.auth.signIn({})).rejects.toMatchObject({ code: 'credentials_rejected' })
    expect(at.over()).toMatchObject({ pending: 'local' })
    at.tab.wake('online')
    await at.clock.flush()
    expect(at.site.signOuts).toEqual([['refresh-1', 'local']])
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

  test('a sign-in that it overtakes: the server is told of its cookie, too', async () => {
    const at = await signedIn(kind)
    const gate = deferred<void>()
    at.server.signInScript.push(async () => {
      await gate.promise
      return at.server.issue('bob')
    })
    const overtaken = outcome(at.auth.signIn({}))
    await at.clock.flush()
    await at.auth.signOut()
    gate.resolve()
    await at.clock.advance(MINUTE)
    expect(overtaken.result).toMatchObject({ code: 'session_changed' })
    expect(at.site.cookie).toBeNull()
    expect(at.over()).toMatchObject({ over: 'signed_out' })
  })

  test.each([
    ['with a lock', {}],
    ['without locks', { lock: null }],
    ['in a storage that other tabs do not see', {}],
  ])('of two sign-ins the later waits for the earlier, %s: the cookie is that of the later one', async (how, ports) => {
    const at = await signedIn(kind)
    await at.auth.signOut()
    const { key, ...unshared } = at.tab.storage
    const { auth } = at.open({ backend: at.site.backend, ports, ...(how.startsWith('in') && { storage: unshared }) })
    const gates = [deferred<void>(), deferred<void>()]
    for (const [index, gate] of gates.entries())
      at.server.signInScript.push(async () => {
        await gate.promise
        return at.server.issue(['bob', 'eve'][index])
      })
    const [first, second] = [outcome(auth.signIn({})), outcome(auth.signIn({}))]
    await at.clock.flush()
    expect(at.server.signIns).toBe(2)
    gates[1]?.resolve()
    await at.clock.advance(1_000)
    expect([first.result, second.result]).toEqual([undefined, undefined])
    gates[0]?.resolve()
    await at.clock.advance(1_000)
    expect([first.result, second.result]).toEqual(['done', 'done'])
    expect(at.site.cookie).toBe('refresh-3')
    expect(at.site.signOuts).toHaveLength(1)
    expect(auth.inspect().sessionId).toBe(at.browser.stored()?.record?.id)
  })

  test('a sign-in that waits for a renewal goes on after 6 s', async () => {
    const at = await signedIn(kind)
    at.server.script.push(() => new Promise(() => {}))
    outcome(at.auth.refresh())
    await at.clock.flush()
    const entered = outcome(at.auth.signIn({}))
    await at.clock.advance(5_999)
    expect(at.server.signIns).toBe(1)
    await at.clock.advance(1)
    expect(entered.result).toBe('done')
  })

  test('a sign-in that waits for a renewal when somebody signs out is not sent any more', async () => {
    const at = await signedIn(kind)
    at.server.script.push(() => new Promise(() => {}))
    outcome(at.auth.refresh())
    await at.clock.flush()
    const entered = outcome(at.auth.signIn({}))
    await at.clock.advance(1_000)
    await at.auth.signOut()
    await at.clock.advance(MINUTE)
    expect(entered.result).toMatchObject({ code: 'session_changed' })
    expect(at.server.signIns).toBe(1)
    expect(at.site.cookie).toBeNull()
  })

  test('a sign-in that is overtaken, and another tab has had a later sign-out confirmed: the server is told of its cookie all the same', async () => {
    const at = await signedIn(kind)
    // It hears of nothing, and its storage answers by promise.
    const storage = asynchronous(at.browser.openTab().storage)
    const deaf = at.open({ backend: at.site.backend, storage, ports: { openChannel: null, lock: null } })
    await at.clock.flush()
    const gate = deferred<void>()
    at.server.signInScript.push(async () => {
      await gate.promise
      return at.server.issue('bob')
    })
    outcome(deaf.auth.signIn({}))
    await at.clock.flush()
    await deaf.auth.signOut()
    await at.clock.advance(1_000)
    const over = at.browser.stored()
    const later: SessionRecord = { ...(over?.record as SessionRecord), version: 9 }
    at.browser.setStored({ accessToken: null, refreshToken: null, record: later })
    gate.resolve()
    await at.clock.advance(MINUTE)
    expect(at.site.cookie).toBeNull()
    expect(at.over()?.pending).toBeUndefined()
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

test('over a storage that answers by promise, who signs in waits for a sign-out from its first moment on', async () => {
  const world = createWorld()
  const site = unseen(world)
  const gate = deferred<void>()
  const { signOut } = site.backend
  Object.assign(site.backend, {
    signOut: async (...call: Parameters<typeof signOut>) => {
      await gate.promise
      return signOut(...call)
    },
  })
  const { auth } = world.open({ backend: site.backend, storage: asynchronous(world.browser.openTab().storage) })
  await auth.signIn({})
  const out = outcome(auth.signOut())
  const entered = outcome(auth.signIn({}))
  await world.clock.advance(1_000)
  expect(world.server.signIns).toBe(1)
  gate.resolve()
  await world.clock.advance(1_000)
  expect([out.result, entered.result, world.server.signIns]).toEqual(['done', 'done', 2])
  expect(site.cookie).toBe('refresh-2')
})
