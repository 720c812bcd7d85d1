import type { StoredSession } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { fragile } from '../storages.ts'
import { createWorld, jwt, MINUTE, renewed, signedIn } from '../world.ts'

/** A tab whose session the server has refused, with a storage that did not let go of it. */
async function refused() {
  const world = createWorld()
  const { clock, server, browser } = world
  const { control, storage } = fragile(browser.openTab().storage)
  const tab = world.open({ storage })
  await tab.auth.signIn({})
  const left = browser.stored() as StoredSession
  control.broken = true
  server.alive = false
  const failed = expect(tab.auth.refresh()).rejects.toMatchObject({ code: 'rejected' })
  await clock.advance(2_000)
  await failed
  tab.events.length = 0
  const look = async () => {
    tab.tab.wake('storage')
    await clock.advance(MINUTE)
  }
  return { ...world, ...tab, control, left, look }
}

describe('what is left in storage of a session that ended', () => {
  test('is not taken for a sign-in', async () => {
    const { auth, names, server, browser, left, look } = await refused()
    expect(browser.stored()).toEqual(left)
    await look()
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
    expect(names()).not.toContain('signed_in')
    expect(server.refreshes).toHaveLength(1)
  })

  test.each(['accessToken', 'refreshToken'] as const)('nor is it without its record and its %s', async (lost) => {
    const { auth, names, browser, left, look } = await refused()
    browser.setStored({ ...left, record: null, [lost]: null })
    await look()
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
    expect(names()).toEqual([])
  })

  test('is written over by whoever signs in next, as soon as storage takes that', async () => {
    const { auth, server, browser, control, left, look } = await refused()
    server.subject = 'bob'
    await auth.signIn({})
    expect(browser.stored()).toEqual(left)
    control.broken = false
    await look()
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
    expect(browser.stored()?.refreshToken).toBe(server.current)
  })

  test('does not hide a session with one token of its own', async () => {
    const { auth, browser, left, look } = await refused()
    browser.setStored({ ...left, refreshToken: 'refresh-new', record: renewed(browser) })
    await look()
    expect(auth.getState().status).toBe('authenticated')
  })
})

test('the same access token, handed out once more, is the session that was signed in to', async () => {
  const world = createWorld()
  const answer = { ...world.server.issue(), refreshToken: null }
  world.server.signInScript.push(
    () => answer,
    () => answer,
  )
  const { control, storage } = fragile(world.browser.openTab().storage)
  const { auth, tab, names } = world.open({ storage })
  await auth.signIn({})
  await auth.signOut()
  await auth.signIn({})
  const [writes, messages] = [control.attempts.length, world.browser.messages.length]
  tab.wake('storage')
  await world.clock.advance(1_000)
  expect(auth.getState().status).toBe('authenticated')
  expect(names()).toEqual(['signed_in', 'signed_out', 'signed_in'])
  expect([control.attempts.length, world.browser.messages.length]).toEqual([writes, messages])
})

test('somebody else signed in, with a refresh token that the server hands out to both: another session all the same', async () => {
  const { auth, tab, names, browser, clock } = await signedIn()
  const stored = browser.stored()
  const record = stored?.record && { ...stored.record, id: 'another', order: clock.now() + 1, subject: 'bob' }
  const seconds = clock.now() / 1000
  const accessToken = jwt({ sub: 'bob', iat: seconds, exp: seconds + 3600 })
  browser.setStored({ refreshToken: stored?.refreshToken ?? null, accessToken, record: record ?? null })
  tab.wake('storage')
  await clock.advance(1_000)
  expect(names()).toEqual(['signed_in'])
  expect(auth.getState().user).toMatchObject({ sub: 'bob' })
})
