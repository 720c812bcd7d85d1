import type { AuthStorage } from 'keyturn'
import { expect, test } from 'vitest'
import { fragile } from '../storages.ts'
import { createWorld, held, MINUTE, never, signedIn } from '../world.ts'

test('a write that throws at once is followed by the next one: storage holds the newest session again', async () => {
  const { clock, server, browser, open } = createWorld()
  const shared = fragile(browser.openTab().storage)
  const { auth } = open({ storage: shared.storage })
  await auth.signIn({})
  shared.control.broken = true
  await Promise.all([auth.refresh(), clock.advance(2_000)])
  expect(auth.inspect().persisted).toBe(false)
  shared.control.broken = false
  await Promise.all([auth.refresh(), clock.advance(2_000)])
  expect(browser.stored()?.refreshToken).toBe(server.current)
  expect(auth.inspect().persisted).toBe(true)
})

test('a sign-in that storage did not take is stored at the next look, without another complaint', async () => {
  const { clock, server, browser, open } = createWorld()
  const shared = fragile(browser.openTab().storage)
  const { auth, tab } = open({ storage: shared.storage })
  let complaints = 0
  auth.on('storage_failed', () => complaints++)
  shared.control.broken = true
  await auth.signIn({})
  tab.wake('visible')
  await clock.advance(1_000)
  expect([auth.inspect().persisted, complaints]).toEqual([false, 1])
  shared.control.broken = false
  tab.wake('visible')
  await clock.advance(1_000)
  expect([auth.inspect().persisted, complaints]).toEqual([true, 1])
  expect(browser.stored()?.refreshToken).toBe(server.current)
})

test('signing out after a write that threw empties storage', async () => {
  const { clock, browser, open } = createWorld()
  const shared = fragile(browser.openTab().storage)
  const { auth } = open({ storage: shared.storage })
  await auth.signIn({})
  shared.control.broken = true
  await Promise.all([auth.refresh(), clock.advance(2_000)])
  shared.control.broken = false
  await Promise.all([auth.signOut(), clock.advance(2_000)])
  expect(held(browser)).toBeNull()
})

test('two tabs whose storage does not let go of a session that ended do not tell each other for ever', async () => {
  const { clock, browser, open } = createWorld()
  const shared = fragile(browser.openTab().storage)
  const [one, two] = [open({ storage: shared.storage }), open({ storage: shared.storage })]
  await Promise.all([one.auth.signIn({}), clock.advance(1_000)])
  expect(two.auth.getState().status).toBe('authenticated')
  shared.control.broken = true
  const before = browser.messages.length
  void one.auth.signOut()
  await clock.flush()
  await clock.advance(MINUTE)
  expect(browser.messages.length - before).toBeLessThan(5)
  expect([one, two].map(({ auth }) => auth.getState().status)).toEqual(['unauthenticated', 'unauthenticated'])
})

test('an opaque token without a user renders nothing when it is replaced', async () => {
  const { clock, server, open } = createWorld()
  server.signInScript.push(() => ({ accessToken: 'opaque-1', refreshToken: 'refresh-1', expiresIn: 60 }))
  const { auth } = open()
  await auth.signIn({})
  const shown = auth.getState()
  server.script.push(() => ({ type: 'renewed', answer: { accessToken: 'opaque-2', expiresIn: 60 } }))
  await clock.advance(2_000)
  await Promise.all([auth.refresh(), clock.advance(0)])
  expect(await auth.getAccessToken()).toBe('opaque-2')
  expect(auth.getState()).toBe(shown)
})

test('a disposed engine that was about to look at storage again does not', async () => {
  const { clock, browser, tab, open } = await signedIn()
  let reads = 0
  const counted: AuthStorage = {
    ...tab.storage,
    read: () => {
      reads++
      return tab.storage.read()
    },
  }
  const second = open({ storage: counted })
  // Torn: tokens without their record are looked at a second time.
  browser.setStored({ accessToken: 'a', refreshToken: 'b', record: null })
  second.tab.wake('storage')
  await clock.flush()
  second.auth.dispose()
  const before = reads
  await clock.advance(MINUTE)
  expect(reads).toBe(before)
})

test('a write that dispose() cuts short is no failure of the storage', async () => {
  const { open, browser, clock } = createWorld()
  const { auth, names } = open({ storage: { ...browser.openTab().storage, write: never } })
  const signIn = auth.signIn({})
  await clock.flush()
  auth.dispose()
  await signIn
  await clock.flush()
  expect(names()).toEqual(['signed_in'])
})
