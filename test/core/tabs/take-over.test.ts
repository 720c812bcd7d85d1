import type { StoredSession, TokenAnswer } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, jwt, never, signedIn, type Tab, type World } from '../world.ts'

/** What the browser holds changes from outside, and the tab is woken. */
async function change({ browser, tab, clock }: World & Tab, part: Partial<StoredSession>) {
  const stored = { accessToken: null, refreshToken: null, record: null, ...browser.stored(), ...part }
  browser.setStored(stored)
  tab.wake('storage')
  await clock.advance(1_000)
  return stored
}

describe('tokens that another tab has stored are taken over', () => {
  test('a new refresh token beside the same access token: the next refresh uses the new one', async () => {
    const world = await signedIn()
    world.server.current = 'theirs'
    await change(world, { refreshToken: 'theirs' })
    await world.clock.advance(2_000)
    await world.auth.refresh()
    expect(world.server.refreshes).toEqual(['theirs'])
  })

  test('a new access token beside the same refresh token, from a server that does not rotate', async () => {
    const world = await signedIn()
    const { accessToken } = await change(world, { accessToken: jwt({ sub: 'ada', jti: 'theirs' }) })
    expect(await world.auth.getAccessToken()).toBe(accessToken)
    expect(world.events).toEqual([['refreshed', { by: 'other_tab' }]])
  })

  test('but an access token that is gone, as its cookie goes with it, is not: the one in memory still serves', async () => {
    const world = await signedIn()
    const mine = await world.auth.getAccessToken()
    await change(world, { accessToken: null })
    expect(await world.auth.getAccessToken()).toBe(mine)
    expect(world.events).toEqual([])
  })

  test('with the user as they are now; where the record does not tell one, the user stays', async () => {
    const world = createWorld()
    world.server.withUser = { name: 'Ada' }
    const tab = { ...world, ...world.open() }
    await tab.auth.signIn({})
    const record = world.browser.stored()?.record ?? null
    const next = (user: unknown, number: number) =>
      change(tab, { accessToken: jwt({ sub: 'ada', jti: number }), record: record && { ...record, user } })
    await next({ name: 'Ada Lovelace' }, 2)
    expect(tab.auth.getState().user).toEqual({ name: 'Ada Lovelace' })
    await next(null, 3)
    expect(tab.auth.getState().user).toEqual({ name: 'Ada Lovelace' })
  })
})

test('tokens that are due as soon as they are taken over are renewed once they are a second old here', async () => {
  const world = await signedIn({}, 60)
  const record = world.browser.stored()?.record
  if (!record) throw new Error('no record')
  const now = world.clock.now()
  const { refreshToken = null } = world.server.issue()
  await change(world, {
    accessToken: jwt({ sub: 'ada', jti: 'theirs' }),
    refreshToken,
    record: { ...record, receivedAt: now - 39_600, expiresAt: now + 20_400 },
  })
  await world.clock.advance(500)
  expect(world.server.refreshes).toEqual([refreshToken])
})

test('a writer that is slow between two cookies is waited for: its tokens are taken over once, when they are whole', async () => {
  const world = await signedIn()
  const { accessToken, refreshToken = null } = world.server.issue()
  const { record = null } = world.browser.stored() ?? {}
  world.browser.setStored({ accessToken: null, refreshToken, record: null })
  world.tab.wake('storage')
  await world.clock.advance(600)
  expect(world.events).toEqual([])
  world.browser.setStored({ accessToken, refreshToken, record })
  await world.clock.advance(200)
  expect(world.events).toEqual([['refreshed', { by: 'other_tab' }]])
  expect(await world.auth.getAccessToken()).toBe(accessToken)
})

test('a tab that waits for the lock goes on waiting when only a refresh token is new: its owner is still renewing', async () => {
  const world = createWorld()
  const tab = { ...world, ...world.open({ ports: { lock: never } }) }
  await tab.auth.signIn({})
  const refresh = tab.auth.refresh()
  world.server.current = 'theirs'
  await change(tab, { refreshToken: 'theirs' })
  expect(tab.names()).toEqual(['signed_in', 'refreshed'])
  expect(world.server.refreshes).toEqual([])
  await world.clock.advance(11_000)
  await refresh
  expect(world.server.refreshes).toEqual(['theirs'])
})

describe('whether it is another session', () => {
  test('the same person who signs in again elsewhere has a new one', async () => {
    const world = await signedIn()
    const there = world.open()
    await world.auth.signIn({})
    await world.clock.flush()
    expect(there.events).toEqual([['signed_in', { user: { sub: 'ada' }, by: 'other_tab' }]])
    expect(there.auth.inspect().sessionId).toBe(world.auth.inspect().sessionId)
  })

  test('a switch of the user is noticed where sessions have no refresh token', async () => {
    const world = createWorld()
    const bare = (subject: string) => (): TokenAnswer => ({ ...world.server.issue(subject), refreshToken: null })
    world.server.signInScript.push(bare('ada'), bare('bob'))
    const [here, there] = [world.open(), world.open()]
    await here.auth.signIn({})
    await world.clock.flush()
    await here.auth.signIn({})
    await world.clock.flush()
    expect(there.names()).toEqual(['signed_in', 'signed_in'])
    expect(there.auth.getState()).toMatchObject({ user: { sub: 'bob' } })
  })

  test('the id that was lost with a torn record is no new session when it is there again', async () => {
    const world = await signedIn()
    const whole = world.browser.stored()
    world.browser.setStored({ accessToken: '', refreshToken: '', ...whole, record: null })
    const there = { ...world, ...world.open() }
    await change(there, { record: whole?.record ?? null })
    expect(there.auth.inspect().sessionId).toBe(whole?.record?.id)
    expect(there.names()).toEqual(['refreshed'])
  })

  test.each<[string, string, string, boolean]>([
    ['of the same person', jwt({ sub: 'ada' }), jwt({ sub: 'ada', jti: 2 }), true],
    ['of somebody else', jwt({ sub: 'ada' }), jwt({ sub: 'eve' }), false],
    ['that do not tell whose they are', jwt({ sub: 'ada' }), 'opaque', false],
    ['that do not tell it, as those before', 'opaque', 'opaque too', false],
    ['that tell it, after those that did not', 'opaque', jwt({ sub: 'ada' }), true],
  ])('without a record, new tokens %s', async (_, before, after, same) => {
    const world = createWorld()
    world.server.signInScript.push(() => ({ accessToken: before, refreshToken: 'refresh-1' }))
    const tab = { ...world, ...world.open() }
    await tab.auth.signIn({})
    const { sessionId } = tab.auth.inspect()
    await change(tab, { accessToken: after, refreshToken: 'refresh-2', record: null })
    expect(await tab.auth.getAccessToken()).toBe(after)
    expect(tab.auth.inspect().sessionId === sessionId).toBe(same)
    expect(tab.names()).toEqual(['signed_in', same ? 'refreshed' : 'signed_in'])
  })

  test('one that was given up for another because its record came late is itself again, when the record is there', async () => {
    const world = createWorld()
    world.server.signInScript.push(() => ({ accessToken: 'opaque', refreshToken: 'refresh-1' }))
    const tab = { ...world, ...world.open() }
    await tab.auth.signIn({})
    const { sessionId } = tab.auth.inspect()
    const record = world.browser.stored()?.record ?? null
    await change(tab, { accessToken: 'opaque too', refreshToken: 'refresh-2', record: null })
    expect(tab.auth.inspect().sessionId).not.toBe(sessionId)
    const whole = await change(tab, { record })
    expect(world.browser.stored()).toEqual(whole)
    expect(tab.auth.inspect().sessionId).toBe(sessionId)
  })

  test('somebody else whose token has run out is shown at once, not only when it has been renewed', async () => {
    const world = await signedIn()
    const record = world.browser.stored()?.record
    if (!record) throw new Error('no record')
    world.server.script.push(never)
    await change(world, {
      accessToken: jwt({ sub: 'bob' }),
      refreshToken: 'theirs',
      record: { ...record, id: 'bobs', subject: 'bob', expiresAt: world.clock.now() - 1 },
    })
    expect(world.server.refreshes).toEqual(['theirs'])
    expect(world.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
  })

  test.each<[string, string, boolean]>([
    ['the same', 'opaque', true],
    ['another', 'opaque too', false],
  ])('with neither a record nor a refresh token, %s opaque token', async (_, accessToken, same) => {
    const world = createWorld()
    world.server.signInScript.push(() => ({ accessToken: 'opaque' }))
    const tab = { ...world, ...world.open() }
    await tab.auth.signIn({})
    const { sessionId } = tab.auth.inspect()
    await change(tab, { accessToken, record: null })
    expect(await tab.auth.getAccessToken()).toBe(accessToken)
    expect(tab.auth.inspect().sessionId === sessionId).toBe(same)
  })

  test('T4-36: a late write of the session that a sign-in here has replaced is undone', async () => {
    const world = await signedIn()
    const late = world.browser.stored()
    world.server.subject = 'bob'
    await world.auth.signIn({})
    const stored = world.browser.stored()
    await change(world, late ?? {})
    expect(world.auth.getState()).toMatchObject({ user: { sub: 'bob' } })
    expect(world.browser.stored()).toEqual(stored)
  })
})
