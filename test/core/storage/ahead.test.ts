import { AuthError } from 'keyturn'
import { expect, test } from 'vitest'
import { asynchronous, gated } from '../storages.ts'
import { createWorld, held, MINUTE, outcome } from '../world.ts'

const refuse = () => Promise.reject(new AuthError('credentials_rejected', 'Invalid email or password', { status: 401 }))

/** A tab that is signed in, over a storage that answers by promise, and when told to. */
async function place() {
  const world = createWorld()
  const storage = gated(world.browser.openTab().storage)
  const tab = world.open({ storage })
  await tab.auth.signIn({})
  await world.clock.advance(MINUTE)
  tab.events.length = 0
  return { ...world, ...tab, storage }
}

test('new tokens are told, shown and used when storage has them, not before', async () => {
  const { auth, clock, events, server, storage, tab } = await place()
  const before = await auth.getAccessToken()
  storage.close('write')
  const refreshed = outcome(auth.refresh())
  await clock.advance(1_000)
  expect(server.refreshes).toHaveLength(1)
  expect(storage.waiting).toEqual(['write'])
  // Nor are they taken for another tab's.
  tab.wake('storage')
  await clock.advance(1_000)
  expect(events).toEqual([])
  expect(await auth.getAccessToken()).toBe(before)
  storage.open()
  await clock.advance(1_000)
  expect(refreshed.result).toBe('done')
  expect(events).toEqual([['refreshed', { by: 'this_tab' }]])
  expect(await auth.getAccessToken()).not.toBe(before)
})

test('a sign-in that is being written is told once, as this tab’s', async () => {
  const { open, browser, clock } = createWorld()
  const storage = gated(browser.openTab().storage)
  const { auth, events, tab } = open({ storage })
  await clock.flush()
  storage.close('write')
  const entered = outcome(auth.signIn({}))
  await clock.advance(1_000)
  tab.wake('storage')
  await clock.advance(1_000)
  expect(events).toEqual([])
  storage.open()
  await clock.advance(1_000)
  expect(entered.result).toBe('done')
  expect(events).toEqual([['signed_in', { user: auth.getState().user, by: 'this_tab' }]])
})

test('a sign-in that is being written is not undone by a later one that fails', async () => {
  const { auth, browser, clock, events, server, storage } = await place()
  storage.close('write')
  server.signInScript.push(() => server.issue('bob'), refuse)
  const entered = outcome(auth.signIn({}))
  await clock.advance(1_000)
  const refused = outcome(auth.signIn({}))
  await clock.advance(1_000)
  expect(refused.result).toMatchObject({ code: 'credentials_rejected' })
  storage.open()
  await clock.advance(1_000)
  expect(entered.result).toBe('done')
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
  expect(held(browser)?.refreshToken).toBe(server.current)
  expect(server.revoked).not.toContain(server.current)
  expect(events.filter(([name]) => name === 'signed_in')).toHaveLength(1)
})

test('a sign-in that is being written is overtaken by a later one that is answered', async () => {
  const { auth, browser, clock, events, server, storage } = await place()
  storage.close('write')
  server.signInScript.push(
    () => server.issue('bob'),
    () => server.issue('eve'),
  )
  const first = outcome(auth.signIn({}))
  await clock.advance(1_000)
  const bobs = server.current
  const second = outcome(auth.signIn({}))
  await clock.advance(1_000)
  storage.open()
  await clock.advance(1_000)
  expect(first.result).toMatchObject({ code: 'session_changed' })
  expect(second.result).toBe('done')
  expect(auth.getState()).toMatchObject({ user: { sub: 'eve' } })
  expect(held(browser)?.refreshToken).toBe(server.current)
  expect(server.revoked).toEqual([bobs])
  expect(events.filter(([name]) => name === 'signed_in')).toHaveLength(1)
})

test('a sign-out while new tokens are being written ends these as well', async () => {
  const { auth, browser, clock, names, server, storage } = await place()
  storage.close('write')
  const refreshed = outcome(auth.refresh())
  await clock.advance(1_000)
  const out = outcome(auth.signOut())
  await clock.advance(1_000)
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'signed_out' })
  storage.open()
  await clock.advance(1_000)
  expect(out.result).toBe('done')
  expect(refreshed.result).toMatchObject({ code: 'session_changed' })
  expect(names()).toEqual(['signed_out'])
  expect(held(browser)).toBeNull()
  expect(server.revoked).toContain(server.current)
})

test('a sign-out in another tab meanwhile counts, and the new tokens are ended', async () => {
  const { auth, browser, clock, names, open, server, storage } = await place()
  const there = open({ storage: asynchronous(browser.openTab().storage) })
  await clock.flush()
  storage.close('write')
  const refreshed = outcome(auth.refresh())
  await clock.advance(1_000)
  const out = outcome(there.auth.signOut())
  await clock.advance(1_000)
  storage.open()
  await clock.advance(1_000)
  expect(out.result).toBe('done')
  expect(refreshed.result).toMatchObject({ code: 'session_changed' })
  expect(names()).toEqual(['signed_out'])
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'other_tab' })
  expect(held(browser)).toBeNull()
  expect(server.revoked).toContain(server.current)
})

test('a storage that refuses them loses nothing: they go on in memory, and it is told', async () => {
  const { browser, clock, open, server } = createWorld()
  const { storage } = browser.openTab()
  const write: typeof storage.write = async (session, context) => {
    if (server.refreshes.length) throw new Error('The disk is full.')
    return storage.write(session, context)
  }
  const { auth, names } = open({ storage: { ...asynchronous(storage), write } })
  await auth.signIn({})
  const before = await auth.getAccessToken()
  await clock.advance(MINUTE)
  await auth.refresh()
  expect(names()).toEqual(['signed_in', 'storage_failed', 'refreshed'])
  expect(auth.inspect()).toMatchObject({ status: 'authenticated', persisted: false })
  expect(await auth.getAccessToken()).not.toBe(before)
})
