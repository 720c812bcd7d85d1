import type { SignOutScope, TokenAnswer } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { deferred } from '../storages.ts'
import { createWorld, never, outcome, signedIn, unavailable } from '../world.ts'

describe('whose refresh it is', () => {
  test('one that a listener of signed_in asks for belongs to the new session, not to the flight of the old', async () => {
    const { auth, clock, server } = await signedIn()
    server.script.push(never)
    const old = outcome(auth.refresh())
    await clock.flush()
    let call: { result?: unknown } = {}
    auth.on('signed_in', () => {
      call = outcome(auth.refresh())
    })
    await auth.signIn({})
    await clock.advance(11_000)
    expect(call.result).toBe('done')
    expect(old.result).toMatchObject({ code: 'session_changed' })
    expect(server.refreshes).toEqual(['refresh-1', 'refresh-2'])
  })

  test('the end of the old flight does not make the new one forgotten: whoever asks then joins it', async () => {
    const { auth, clock, server } = await signedIn({ locks: false })
    server.script.push(never, never)
    const old = outcome(auth.refresh())
    await clock.flush()
    auth.on('signed_in', () => void auth.refresh().catch(() => {}))
    await auth.signIn({})
    await clock.flush()
    expect(old.result).toMatchObject({ code: 'session_changed' })
    expect(auth.inspect().refreshing).toBe(true)
    void auth.refresh().catch(() => {})
    await clock.flush()
    expect(server.refreshes).toEqual(['refresh-1', 'refresh-2'])
  })

  test.each([
    ['one that was asked for before the rest of the session was written is that of this session', 500, true],
    ['one that began before that, too, and what is written late does not undo it', 1_000, false],
  ])('%s', async (_, late, named) => {
    const world = await signedIn()
    const whole = world.browser.stored()
    world.browser.setStored({ accessToken: null, refreshToken: 'refresh-1', record: null })
    const answer = deferred<void>()
    world.server.script.push(async (token) => {
      await answer.promise
      return world.server.rotate(token)
    })
    const { auth } = world.open()
    const refresh = outcome(auth.refresh())
    await world.clock.advance(late)
    world.browser.setStored(whole)
    await world.clock.advance(1_000)
    expect(world.server.refreshes).toEqual(['refresh-1'])
    answer.resolve()
    await world.clock.advance(1_000)
    expect(refresh.result).toBe('done')
    expect(auth.inspect().sessionId === whole?.record?.id).toBe(named)
    expect(world.browser.stored()).toMatchObject({
      refreshToken: 'refresh-2',
      record: { id: auth.inspect().sessionId },
    })
  })

  test('when nobody is signed in, asking for one changes nothing', async () => {
    const { auth } = await signedIn()
    await auth.signOut()
    const state = auth.getState()
    await expect(auth.refresh()).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(auth.getState()).toBe(state)
  })

  test('a tab that signs out while it waits in line for the lock leaves the line', async () => {
    const { auth, clock, server, browser, open } = await signedIn()
    const holder = open()
    server.script.push(never)
    const held = outcome(holder.auth.refresh())
    await clock.flush()
    const waiting = outcome(auth.refresh())
    await clock.flush()
    expect(browser.lockCount()).toBe(2)
    await auth.signOut()
    expect(waiting.result).toMatchObject({ code: 'session_changed' })
    await clock.flush()
    expect(browser.lockCount()).toBe(1)
    expect(held.result).toMatchObject({ code: 'session_changed' })
  })
})

describe('tokens that nobody will use', () => {
  test('are revoked for themselves alone: the other devices of the person stay signed in', async () => {
    const world = createWorld()
    const revoked: [string | null, SignOutScope][] = []
    const { auth } = world.open({
      backend: {
        ...world.server.backend,
        signOut: async ({ refreshToken }, scope) => void revoked.push([refreshToken, scope]),
      },
    })
    const [first, last] = [deferred<ReturnType<typeof world.server.issue>>(), world.server.issue('bob')]
    world.server.signInScript.push(
      () => first.promise,
      () => last,
    )
    const overtaken = outcome(auth.signIn({}))
    await world.clock.flush()
    // An answer that is two steps late is as late as one that is one step late.
    await auth.signOut()
    await auth.signIn({})
    first.resolve(world.server.issue('ada'))
    await world.clock.flush()
    expect(overtaken.result).toMatchObject({ code: 'session_changed' })
    expect(auth.getState()).toMatchObject({ user: { sub: 'bob' } })
    expect(revoked).toEqual([['refresh-2', 'local']])
  })

  test.each([
    ['somebody else has signed in there: revoked', 'bob', ['refresh-2']],
    ['the same person has: left alone, for they may be the tokens of now', 'ada', []],
  ])('a refresh that is answered after another tab has signed in. When %s', async (_, subject, revoked) => {
    const world = await signedIn()
    const there = world.open()
    const answer = deferred<TokenAnswer>()
    world.server.script.push(async () => ({ type: 'renewed', answer: await answer.promise }))
    const refresh = outcome(there.auth.refresh())
    await world.clock.flush()
    const late = world.server.issue('ada')
    world.server.subject = subject
    await world.auth.signIn({})
    await world.clock.flush()
    expect(refresh.result).toMatchObject({ code: 'session_changed' })
    answer.resolve(late)
    await world.clock.flush()
    expect(world.server.revoked).toEqual(revoked)
    expect(there.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: subject } })
  })

  test('a refresh that fails after a sign-out has brought none: nothing more is revoked', async () => {
    const { auth, server, clock } = await signedIn()
    const answer = deferred<void>()
    server.script.push(async () => {
      await answer.promise
      return unavailable()
    })
    const refresh = outcome(auth.refresh())
    await clock.flush()
    await auth.signOut()
    answer.resolve()
    await clock.flush()
    expect(refresh.result).toMatchObject({ code: 'session_changed' })
    expect(server.revoked).toEqual(['refresh-1'])
  })

  test('a refresh that is answered after the session got lost is not revoked: another tab may still use it', async () => {
    const world = await signedIn()
    const answer = deferred<TokenAnswer>()
    world.server.script.push(async () => ({ type: 'renewed', answer: await answer.promise }))
    const refresh = outcome(world.auth.refresh())
    await world.clock.flush()
    world.browser.setStored(null)
    world.tab.wake('storage')
    await world.clock.advance(200)
    expect(refresh.result).toMatchObject({ code: 'session_changed' })
    answer.resolve(world.server.issue())
    await world.clock.flush()
    expect(world.server.revoked).toEqual([])
  })
})

test('signing out the other devices does not overtake a sign-in that is under way', async () => {
  const { server, open, clock } = createWorld()
  const { auth } = open()
  const answer = deferred<TokenAnswer>()
  server.signInScript.push(() => answer.promise)
  const signIn = outcome(auth.signIn({}))
  await clock.flush()
  expect(await auth.signOut({ scope: 'others' })).toEqual({ revoked: false })
  answer.resolve(server.issue())
  await clock.flush()
  expect(signIn.result).toBe('done')
  expect(auth.getState().status).toBe('authenticated')
})
