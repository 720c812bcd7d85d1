import { AuthError, type AuthStorage, isAuthError } from 'keyturn'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { asynchronous, deferred } from '../storages.ts'
import { createWorld, held, MINUTE, never, outcome, signedIn } from '../world.ts'

const refused = () =>
  Promise.reject(new AuthError('credentials_rejected', 'Invalid email or password', { status: 401 }))

describe('a sign-in that is overtaken', () => {
  test('by a sign-out: it rejects with session_changed and its tokens are revoked', async () => {
    const { server, open, browser, clock } = createWorld()
    const answer = deferred<ReturnType<typeof server.issue>>()
    server.signInScript.push(() => answer.promise)
    const { auth, names } = open()
    const signIn = expect(auth.signIn({})).rejects.toMatchObject({ code: 'session_changed' })
    await clock.flush()
    await auth.signOut()
    answer.resolve(server.issue())
    await signIn
    await clock.flush()
    expect(auth.getState().status).toBe('unauthenticated')
    expect(held(browser)).toBeNull()
    expect(server.revoked).toEqual(['refresh-1'])
    expect(names()).not.toContain('signed_in')
  })

  test.each(['before', 'after'])('by a later sign-in: the later wins, answered %s it', async (order) => {
    const { server, open, browser, clock } = createWorld()
    const [first, second] = [deferred<ReturnType<typeof server.issue>>(), deferred<ReturnType<typeof server.issue>>()]
    server.signInScript.push(
      () => first.promise,
      () => second.promise,
    )
    const { auth, events } = open()
    const overtaken = expect(auth.signIn({})).rejects.toMatchObject({ code: 'session_changed' })
    const wins = auth.signIn({})
    await clock.flush()
    const settle = [() => first.resolve(server.issue('ada')), () => second.resolve(server.issue('bob'))]
    for (const step of order === 'before' ? settle : settle.reverse()) {
      step()
      await clock.flush()
    }
    expect(await wins).toEqual({ sub: 'bob' })
    await overtaken
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
    expect(browser.stored()?.record?.subject).toBe('bob')
    expect(server.revoked).toHaveLength(1)
    expect(server.revoked).not.toContain(browser.stored()?.refreshToken)
    expect(events).toEqual([['signed_in', { user: { sub: 'bob' }, by: 'this_tab' }]])
  })
})

test('one that finds, when it is overtaken, that the session before has ended elsewhere: the reason is the true one', async () => {
  const { server, open, clock } = createWorld()
  const ports = { openChannel: null, listenWake: () => () => {} }
  const there = open({ ports })
  await there.auth.signIn({})
  const here = open({ ports })
  const answer = deferred<ReturnType<typeof server.issue>>()
  server.signInScript.push(() => answer.promise, never)
  const overtaken = outcome(here.auth.signIn({}))
  void here.auth.signIn({}).catch(() => {})
  await clock.flush()
  server.current = 'another'
  const refused = outcome(there.auth.refresh())
  await clock.advance(2_000)
  expect(refused.result).toMatchObject({ code: 'rejected' })
  expect(here.auth.getState().status).toBe('authenticated')
  answer.resolve(server.issue())
  await clock.flush()
  expect(overtaken.result).toMatchObject({ code: 'session_changed' })
  expect(here.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
})

test('a sign-out elsewhere that a slow storage has not told of: the sign-in that began before is not written over it', async () => {
  const { server, open, browser, clock } = createWorld()
  const written: unknown[] = []
  const slowly = (storage: AuthStorage): AuthStorage => ({
    ...asynchronous(storage),
    write: async (session, context) => {
      written.push(session.record?.over ?? session.refreshToken)
      return storage.write(session, context)
    },
  })
  const answer = deferred<ReturnType<typeof server.issue>>()
  const here = open({ storage: slowly(browser.openTab().storage) })
  const there = open({ storage: slowly(browser.openTab().storage), ports: { openChannel: null } })
  await Promise.all([here.auth.ready, there.auth.ready])
  await there.auth.signIn({})
  server.signInScript.push(() => answer.promise)
  const overtaken = outcome(here.auth.signIn({}))
  await clock.advance(1_000)
  await there.auth.signOut()
  answer.resolve(server.issue('bob'))
  await clock.advance(1_000)
  expect(overtaken.result).toMatchObject({ code: 'session_changed' })
  expect(here.auth.getState()).toMatchObject({ status: 'unauthenticated' })
  expect(held(browser)).toBeNull()
  expect(written).toEqual(['refresh-1', 'signed_out'])
  expect(server.revoked).toEqual(['refresh-1', 'refresh-2'])
  // Whoever is asked again is let in.
  await here.auth.signIn({})
  expect(held(browser)?.refreshToken).toBe('refresh-3')
})

describe('a sign-in that fails', () => {
  test('leaves the session that was there', async () => {
    const { server, auth, browser, names, clock } = await signedIn()
    const [state, stored] = [auth.getState(), browser.stored()]
    server.signInScript.push(refused)
    await expect(auth.signIn({})).rejects.toMatchObject({ code: 'credentials_rejected', status: 401 })
    expect(auth.getState()).toBe(state)
    expect(browser.stored()).toEqual(stored)
    expect(names()).toEqual([])
    await clock.advance(55 * MINUTE)
    expect(server.refreshes).toHaveLength(1)
  })

  test('leaves a refresh in flight unharmed', async () => {
    const { server, auth, clock } = await signedIn()
    const gate = deferred<void>()
    server.script.push(async (token) => {
      await gate.promise
      return server.rotate(token)
    })
    const refresh = auth.refresh()
    await clock.flush()
    server.signInScript.push(refused)
    await expect(auth.signIn({})).rejects.toMatchObject({ code: 'credentials_rejected' })
    gate.resolve()
    await refresh
    expect(auth.getState().status).toBe('authenticated')
    expect(server.revoked).toEqual([])
  })

  test('a server that hangs: unavailable after the time limit', async () => {
    const { server, auth, clock } = await signedIn()
    server.signInScript.push(never)
    const failed = expect(auth.signIn({})).rejects.toMatchObject({ code: 'unavailable' })
    await clock.advance(10_000)
    await failed
  })

  test.each([
    [
      'throws at once',
      () => {
        throw new Error('bug')
      },
      'unavailable',
    ],
    ['answers undefined', () => undefined as never, 'invalid_response'],
    ['answers without a token', () => ({}) as never, 'invalid_response'],
    ['answers with a number as token', () => ({ accessToken: 7 }) as never, 'invalid_response'],
    ['answers with an empty token', () => ({ accessToken: '' }), 'invalid_response'],
  ] as const)('a backend that %s: a typed error, and nobody is signed in', async (_, step, code) => {
    const { server, open, browser } = createWorld()
    server.signInScript.push(step)
    const { auth } = open()
    const error = await auth.signIn({}).catch((reason) => reason)
    expect(isAuthError(error)).toBe(true)
    expect(error).toMatchObject({ code })
    expect(auth.getState().status).toBe('unauthenticated')
    expect(held(browser)).toBeNull()
    await auth.signIn({})
    expect(auth.getState().status).toBe('authenticated')
  })
})

describe('listeners', () => {
  let reported: unknown[]
  let others: NodeJS.UnhandledRejectionListener[]
  const report = (error: unknown) => void reported.push(error)
  beforeEach(() => {
    reported = []
    others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', report)
  })
  afterEach(() => {
    process.off('unhandledRejection', report)
    for (const other of others) process.on('unhandledRejection', other)
  })

  test('one that throws disturbs nobody else, and is reported', async () => {
    const { auth, names } = createWorld().open()
    const bad = new Error('a bug in the app')
    const seen: string[] = []
    const fail = () => {
      throw bad
    }
    auth.subscribe(fail)
    auth.on('signed_in', fail)
    auth.on('signed_out', fail)
    auth.subscribe(() => seen.push(auth.getState().status))
    await auth.signIn({})
    await auth.refresh()
    await auth.signOut()
    await new Promise(setImmediate)
    expect(seen).toEqual(['authenticated', 'unauthenticated'])
    expect(names().filter((name) => name !== 'refreshed')).toEqual(['signed_in', 'signed_out'])
    expect(reported).toEqual([bad, bad, bad, bad])
  })
})

describe('events', () => {
  test('each thing that happens is told once, and not at all to those who have left', async () => {
    const { server, open, clock } = createWorld()
    const { auth, events } = open()
    const gone: unknown[] = []
    auth.on('signed_in', (payload) => gone.push(payload))()
    auth.subscribe(() => gone.push('state'))()
    await auth.signIn({})
    await clock.advance(55 * MINUTE)
    await auth.signOut()
    server.subject = 'bob'
    await auth.signIn({})
    expect(events).toEqual([
      ['signed_in', { user: { sub: 'ada' }, by: 'this_tab' }],
      ['refreshed', expect.objectContaining({ by: 'this_tab' })],
      ['signed_out', { reason: 'signed_out', error: null }],
      ['signed_in', { user: { sub: 'bob' }, by: 'this_tab' }],
    ])
    expect(gone).toEqual([])
  })

  test('one function subscribed twice is called twice, and leaves once', async () => {
    const { auth } = createWorld().open()
    let calls = 0
    const count = () => {
      calls++
    }
    const leave = auth.subscribe(count)
    auth.subscribe(count)
    await auth.signIn({})
    expect(calls).toBe(2)
    leave()
    leave()
    await auth.signOut()
    expect(calls).toBe(3)
  })
})
