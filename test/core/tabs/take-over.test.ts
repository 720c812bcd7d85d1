import type { StoredSession, TokenAnswer } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, jwt, never, outcome, renewed, signedIn, type Tab, type World } from '../world.ts'

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
  const record = renewed(world.browser)
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
  const { accessToken, refreshToken } = world.server.issue()
  const record = renewed(world.browser)
  world.browser.setStored({ accessToken: null, refreshToken, record: null })
  world.tab.wake('storage')
  await world.clock.advance(600)
  expect(world.events).toEqual([])
  world.browser.setStored({ accessToken, refreshToken, record })
  await world.clock.advance(200)
  expect(world.events).toEqual([['refreshed', { by: 'other_tab' }]])
  expect(await world.auth.getAccessToken()).toBe(accessToken)
})

test('a tab that waits for the lock goes on waiting while what another tab writes is half written', async () => {
  const world = createWorld()
  const tab = { ...world, ...world.open({ ports: { lock: never } }) }
  await tab.auth.signIn({})
  const send = async () => ({ status: 401 })
  const refresh = outcome(tab.auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send }))
  await world.clock.flush()
  const { accessToken, refreshToken } = world.server.issue()
  const record = renewed(world.browser)
  world.browser.setStored({ accessToken: null, refreshToken, record: null })
  tab.tab.wake('storage')
  await world.clock.advance(700)
  expect([tab.names(), refresh.result]).toEqual([['signed_in'], undefined])
  world.browser.setStored({ accessToken, refreshToken, record })
  await world.clock.advance(50)
  expect([tab.names().slice(0, 2), refresh.result]).toEqual([['signed_in', 'refreshed'], 'done'])
  expect(world.server.refreshes).toEqual([])
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
    await world.clock.advance(50)
    await here.auth.signIn({})
    await world.clock.advance(50)
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

  const exp = Date.UTC(2027, 0, 1) / 1000
  const past = Date.UTC(2025, 0, 1) / 1000

  test.each<[string, string, string, boolean]>([
    ['of the same person are taken', jwt({ sub: 'ada' }), jwt({ sub: 'ada', exp }), true],
    [
      'of the same person that have run out are renewed first',
      jwt({ sub: 'ada' }),
      jwt({ sub: 'ada', exp: past }),
      false,
    ],
    ['of somebody else are renewed first', jwt({ sub: 'ada' }), jwt({ sub: 'eve', exp }), false],
    ['that do not tell whose they are are renewed first', jwt({ sub: 'ada' }), 'opaque', false],
    ['that do not tell it, as those before, too', 'opaque', 'opaque-2', false],
    ['that tell it, after those that did not, too', 'opaque', jwt({ sub: 'ada', exp }), false],
  ])('without a record, new tokens %s', async (_, before, after, known) => {
    const world = createWorld()
    world.server.signInScript.push(() => ({ accessToken: before, refreshToken: 'refresh-1' }))
    const tab = { ...world, ...world.open() }
    await tab.auth.signIn({})
    const { sessionId } = tab.auth.inspect()
    world.server.current = 'refresh-2'
    await change(tab, { accessToken: after, refreshToken: 'refresh-2', record: null })
    await world.clock.advance(2_000)
    expect(world.server.refreshes).toEqual(known ? [] : ['refresh-2'])
    expect((await tab.auth.getAccessToken()) === after).toBe(known)
    expect(tab.auth.inspect().sessionId).toBe(sessionId)
    expect(tab.names().filter((name) => name !== 'refreshed')).toEqual(['signed_in'])
    // Whoever takes other tokens raises the version, and gives them their record.
    expect(world.browser.stored()?.record).toMatchObject({ id: sessionId, version: known ? 2 : 3 })
  })

  test('tokens of an unknown owner are taken once a minute, however often they change', async () => {
    const world = await signedIn()
    for (let count = 1; count <= 20; count++) {
      world.server.current = `unknown-${count}`
      await change(world, { accessToken: 'opaque', refreshToken: `unknown-${count}`, record: null })
      await world.clock.advance(2_000)
    }
    // 20 times 3 s.
    expect(world.server.refreshes).toEqual(['unknown-1'])
    await world.clock.advance(2_000)
    world.tab.wake('storage')
    await world.clock.advance(3_000)
    expect(world.server.refreshes).toEqual(['unknown-1', 'unknown-20'])
    expect(world.auth.getState().status).toBe('authenticated')
  })

  test('one whose record came late keeps its name, and tells other tabs no end', async () => {
    const world = createWorld()
    const tab = { ...world, ...world.open() }
    await tab.auth.signIn({})
    const { sessionId } = tab.auth.inspect()
    const record = renewed(world.browser)
    const { accessToken, refreshToken } = world.server.issue()
    await change(tab, { accessToken, refreshToken, record: null })
    await change(tab, { accessToken, refreshToken, record })
    expect(tab.auth.inspect().sessionId).toBe(sessionId)
    expect(await tab.auth.getAccessToken()).toBe(accessToken)
    expect(world.browser.stored()?.refreshToken).toBe(refreshToken)
    expect(tab.names()).not.toContain('signed_out')
  })

  test('somebody else whose token has run out is shown at once, not only when it has been renewed', async () => {
    const world = await signedIn()
    const record = world.browser.stored()?.record
    if (!record) throw new Error('no record')
    world.server.script.push(never)
    await change(world, {
      accessToken: jwt({ sub: 'bob' }),
      refreshToken: 'theirs',
      record: { ...record, id: 'bobs', order: world.clock.now() + 1, subject: 'bob', expiresAt: world.clock.now() - 1 },
    })
    expect(world.server.refreshes).toEqual(['theirs'])
    expect(world.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
  })

  test.each([
    ['the same', 'opaque'],
    ['another', 'opaque-2'],
  ])(
    'with neither a record nor a refresh token, %s opaque token: there is nothing to ask, it is taken',
    async (_, accessToken) => {
      const world = createWorld()
      world.server.signInScript.push(() => ({ accessToken: 'opaque' }))
      const tab = { ...world, ...world.open() }
      await tab.auth.signIn({})
      const { sessionId } = tab.auth.inspect()
      // A tab that has just begun would wait for the record.
      await tab.clock.advance(2_000)
      await change(tab, { accessToken, record: null })
      expect(await tab.auth.getAccessToken()).toBe(accessToken)
      expect(tab.auth.inspect().sessionId).toBe(sessionId)
      expect(world.browser.stored()).toMatchObject({ accessToken, record: { id: sessionId } })
    },
  )

  test('a late write of the session that a sign-in here has replaced is undone', async () => {
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
