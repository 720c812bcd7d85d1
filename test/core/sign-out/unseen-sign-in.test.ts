import { AuthError, type SessionRecord } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { asynchronous, deferred } from '../storages.ts'
import { BOTH_COOKIES, REFRESH_COOKIE, signedIn, unseen } from '../unseen.ts'
import { createWorld, HOUR, held, MINUTE, outcome } from '../world.ts'

describe.each([
  ['the refresh token in a cookie', REFRESH_COOKIE],
  ['both tokens in cookies', BOTH_COOKIES],
])('a sign-in beside a sign-out with %s that scripts do not see', (_, kind) => {
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
