import { AuthError, type SignOutScope } from 'keyturn'
import { describe, expect, test, vi } from 'vitest'
import { asynchronous, deferred, gated } from '../storages.ts'
import { createWorld, HOUR, held, never, signedIn } from '../world.ts'

const code = (error: unknown) => (error as AuthError).code
const outcome = (call: Promise<unknown>) => call.then(() => 'done', code)

/** A tab whose refresh has reached the server and is not answered before `answer` is called. */
async function refreshing() {
  const world = await signedIn()
  const gate = deferred<void>()
  let late = ''
  world.server.script.push(async () => {
    await gate.promise
    const answer = world.server.issue('ada')
    late = answer.refreshToken ?? ''
    return { type: 'renewed', answer }
  })
  const refresh = outcome(world.auth.refresh())
  await world.clock.flush()
  expect(world.server.refreshes).toHaveLength(1)
  const answer = async () => {
    gate.resolve()
    await world.clock.flush()
    return late
  }
  return { ...world, refresh, answer }
}

describe('signing out during a refresh', () => {
  test('the late answer is not written, its tokens are revoked, the state stays', async () => {
    const { auth, server, browser, clock, refresh, answer, names } = await refreshing()
    const signOut = auth.signOut()
    const state = auth.getState()
    expect(state).toMatchObject({ status: 'unauthenticated', reason: 'signed_out', error: null })
    expect(held(browser)).toBeNull()
    const late = await answer()
    await signOut
    expect(await refresh).toBe('session_changed')
    expect(held(browser)).toBeNull()
    expect(auth.getState()).toBe(state)
    expect(server.revoked).toEqual(['refresh-1', late])
    await clock.advance(24 * HOUR)
    expect(server.refreshes).toHaveLength(1)
    expect(names()).toEqual(['signed_out'])
    expect(clock.pending).toBe(0)
  })

  test('the late answer of the user before is not written over the user of now', async () => {
    const { auth, server, browser, refresh, answer } = await refreshing()
    server.subject = 'bob'
    await auth.signIn({})
    const token = await auth.getAccessToken()
    const late = await answer()
    expect(await refresh).toBe('session_changed')
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
    expect(await auth.getAccessToken()).toBe(token)
    expect(browser.stored()?.accessToken).toBe(token)
    expect(server.revoked).toContain(late)
  })

  test('also when the same person signs in again', async () => {
    const { auth, server, browser, refresh, answer } = await refreshing()
    await auth.signOut()
    await auth.signIn({})
    const token = await auth.getAccessToken()
    const late = await answer()
    expect(await refresh).toBe('session_changed')
    expect(browser.stored()?.accessToken).toBe(token)
    expect(server.revoked).toEqual(['refresh-1', late])
  })

  test('in the middle of an asynchronous write, the sign-out has the last word', async () => {
    const { clock, server, browser, open } = createWorld()
    const storage = gated(browser.openTab().storage)
    const { auth } = open({ storage })
    await auth.signIn({})
    // The first read under the lock passes; the writing is held.
    server.script.push(() => {
      storage.close()
      return server.rotate('refresh-1')
    })
    const refresh = outcome(auth.refresh())
    await clock.flush()
    expect(storage.waiting).not.toEqual([])
    const signOut = auth.signOut()
    expect(auth.getState().status).toBe('unauthenticated')
    storage.open()
    await signOut
    expect(await refresh).not.toBe('done')
    await clock.flush()
    expect(held(browser)).toBeNull()
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'signed_out' })
  })

  test('in the middle of the writing of a sign-in', async () => {
    const { clock, browser, open } = createWorld()
    const storage = gated(browser.openTab().storage)
    const { auth } = open({ storage })
    await auth.ready
    storage.close('write')
    const signIn = outcome(auth.signIn({}))
    await clock.flush()
    expect(storage.waiting).toContain('write')
    const signOut = auth.signOut()
    storage.open()
    await signOut
    await clock.flush()
    expect(await signIn).toBe('session_changed')
    expect(held(browser)).toBeNull()
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'signed_out' })
  })
})

describe('signing out without a server', () => {
  test('offline it is done here at once, and the result says that the server does not know', async () => {
    const { auth, server, browser } = await signedIn()
    server.signOutResult = () => Promise.reject(new TypeError('Failed to fetch'))
    const signOut = auth.signOut()
    expect(auth.getState().status).toBe('unauthenticated')
    expect(held(browser)).toBeNull()
    expect(await signOut).toEqual({ revoked: false })
  })

  test('a server that hangs is waited for 5 s, no longer', async () => {
    const { auth, server, clock } = await signedIn()
    server.signOutResult = never
    let result: unknown
    void auth.signOut().then((value) => {
      result = value
    })
    expect(auth.getState().status).toBe('unauthenticated')
    await clock.advance(4_999)
    expect(result).toBeUndefined()
    await clock.advance(1)
    expect(result).toEqual({ revoked: false })
    expect(clock.pending).toBe(0)
  })

  test('a backend that throws at once changes nothing', async () => {
    const { server, open } = createWorld()
    const signOut = () => {
      throw new Error('bug')
    }
    const { auth } = open({ backend: { ...server.backend, signOut } })
    await auth.signIn({})
    expect(await auth.signOut()).toEqual({ revoked: false })
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'signed_out' })
  })

  test('a second sign-out does nothing', async () => {
    const { auth, server, names } = await signedIn()
    expect(await Promise.all([auth.signOut(), auth.signOut()])).toEqual([{ revoked: true }, { revoked: false }])
    expect(await auth.signOut()).toEqual({ revoked: false })
    expect(server.revoked).toHaveLength(1)
    expect(names()).toEqual(['signed_out'])
    expect(auth.getState()).toMatchObject({ reason: 'signed_out' })
  })
})

describe('whose sessions end', () => {
  const scoped = async () => {
    const world = createWorld()
    const scopes: SignOutScope[] = []
    const signOut = vi.fn(async (_tokens: unknown, scope: SignOutScope) => void scopes.push(scope))
    const tab = world.open({ backend: { ...world.server.backend, signOut } })
    await tab.auth.signIn({})
    return { ...world, ...tab, scopes, signOut }
  }

  test('by default only this one', async () => {
    const { auth, scopes, signOut } = await scoped()
    const accessToken = await auth.getAccessToken()
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(scopes).toEqual(['local'])
    expect(signOut.mock.calls[0]?.[0]).toEqual({ accessToken, refreshToken: 'refresh-1' })
  })

  test('global: the server ends all of them', async () => {
    const { auth, scopes } = await scoped()
    await auth.signOut({ scope: 'global' })
    expect(scopes).toEqual(['global'])
    expect(auth.getState().status).toBe('unauthenticated')
  })

  test('others: this one goes on', async () => {
    const { auth, scopes, browser, names } = await scoped()
    const state = auth.getState()
    const stored = browser.stored()
    expect(await auth.signOut({ scope: 'others' })).toEqual({ revoked: true })
    expect(scopes).toEqual(['others'])
    expect(auth.getState()).toBe(state)
    expect(browser.stored()).toEqual(stored)
    expect(names()).not.toContain('signed_out')
  })

  test.each(['everywhere', '', null, 7])('the scope %j is a mistake, told before anything happens', async (scope) => {
    const { auth, scopes, browser } = await scoped()
    await expect(auth.signOut({ scope: scope as SignOutScope })).rejects.toMatchObject({ code: 'misconfigured' })
    expect(auth.getState().status).toBe('authenticated')
    expect(held(browser)).not.toBeNull()
    expect(scopes).toEqual([])
  })
})

describe('signing out of a session that this tab does not know yet', () => {
  test.each([
    ['and fails', () => Promise.reject(new AuthError('credentials_rejected', 'Wrong password')), null],
    ['and counts', undefined, 'refresh-2'],
  ])('while a slow storage is still being read, and somebody signs in at once %s', async (_, answer, after) => {
    const { server, open, browser, clock } = createWorld()
    await open().auth.signIn({})
    const storage = gated(browser.openTab().storage)
    storage.close()
    const { auth } = open({ storage })
    if (answer) server.signInScript.push(answer)
    const [out, entered] = [outcome(auth.signOut()), outcome(auth.signIn({}))]
    await clock.advance(100)
    storage.open()
    await clock.advance(1_000)
    expect(await out).toBe('done')
    expect(await entered).toBe(after ? 'done' : 'credentials_rejected')
    expect(held(browser)?.refreshToken ?? null).toBe(after)
    expect(server.revoked).toEqual(['refresh-1'])
    expect(auth.getState().status).toBe(after ? 'authenticated' : 'unauthenticated')
  })

  test('while a slow storage is still being read: the server and the other tabs are told', async () => {
    const world = await signedIn()
    const late = world.open({ storage: asynchronous(world.tab.storage) })
    expect(late.auth.getState().status).toBe('loading')
    expect(await late.auth.signOut()).toEqual({ revoked: true })
    await world.clock.flush()
    expect(world.server.revoked).toEqual(['refresh-1'])
    expect(world.names()).toEqual(['signed_out'])
    expect(late.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'signed_out' })
  })

  test('and what is read is not deleted before it is known', async () => {
    const world = await signedIn()
    const gate = deferred<void>()
    const read = async () => {
      await gate.promise
      return world.browser.stored()
    }
    const late = world.open({ storage: { ...world.tab.storage, read } })
    const signOut = late.auth.signOut()
    expect(late.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'signed_out' })
    await world.clock.flush()
    gate.resolve()
    expect(await signOut).toEqual({ revoked: true })
    expect(held(world.browser)).toBeNull()
    expect(world.names()).toEqual(['signed_out'])
  })

  test('after another tab has signed in without a word', async () => {
    const world = createWorld({ channels: false })
    const [here, there] = [world.open(), world.open()]
    await here.auth.signIn({})
    expect(there.auth.getState().status).toBe('unauthenticated')
    expect(await there.auth.signOut()).toEqual({ revoked: true })
    expect(there.auth.getState().status).toBe('unauthenticated')
    expect(held(world.browser)).toBeNull()
    expect(world.server.revoked).toEqual(['refresh-1'])
  })

  test.each(['before the answer of the server', 'after it'])(
    'but not of one that somebody signs in to while storage is read, seen %s',
    async (when) => {
      const { open, browser, clock } = createWorld()
      const storage = gated(browser.openTab().storage)
      const { auth, names } = open({ storage })
      await auth.ready
      storage.close()
      const signOut = auth.signOut()
      const signIn = auth.signIn({})
      if (when === 'after it') await clock.flush()
      storage.open()
      expect(await signOut).toEqual({ revoked: false })
      await signIn
      expect(auth.getState().status).toBe('authenticated')
      expect(names()).toEqual(['signed_in'])
      expect(held(browser)).not.toBeNull()
    },
  )

  test('a look at storage that began before the sign-out does not bring back what it saw', async () => {
    const world = createWorld({ channels: false })
    const gate = deferred<void>()
    let slow = false
    const here = world.open()
    const read = async () => {
      const seen = world.browser.stored()
      if (slow) await gate.promise
      return seen
    }
    const there = world.open()
    const storage = { ...there.tab.storage, read }
    const late = world.open({ storage })
    await here.auth.signIn({})
    slow = true
    late.tab.wake('visible')
    await world.clock.flush()
    slow = false
    await there.auth.signOut()
    const signOut = late.auth.signOut()
    await world.clock.advance(1_000)
    gate.resolve()
    await signOut
    await world.clock.advance(1_000)
    expect(late.auth.getState().status).toBe('unauthenticated')
    expect(late.events).toEqual([])
  })
})

test('a tab that is still reading storage when another tab signs out does not restore what it reads', async () => {
  const world = await signedIn()
  const storage = gated(world.tab.storage)
  const seen = world.browser.stored()
  storage.close()
  const read = async () => {
    await storage.read()
    return seen
  }
  const late = world.open({ storage: { ...storage, read } })
  await world.auth.signOut()
  await world.clock.flush()
  storage.open()
  expect(await late.auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'none' })
})

test('a sign-out that is still looking leaves alone who signs in meanwhile, and ends what that wrote over', async () => {
  const { open, browser, server, clock } = createWorld()
  const storage = gated(browser.openTab().storage)
  storage.close()
  const { auth, names } = open({ storage })
  const signOut = auth.signOut()
  const signIn = auth.signIn({})
  await clock.flush()
  browser.setStored({ accessToken: 'theirs', refreshToken: 'theirs', record: null })
  storage.open()
  expect(await signOut).toEqual({ revoked: true })
  await signIn
  await clock.flush()
  expect(auth.getState().status).toBe('authenticated')
  expect(names()).toEqual(['signed_in'])
  expect(server.revoked).toEqual(['theirs'])
  expect(browser.stored()?.refreshToken).toBe('refresh-1')
})
