import type { AuthStorage } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { reloaded } from '../reload.ts'
import { gated } from '../storages.ts'
import { createWorld, MINUTE, never, renewElsewhere, signedIn, type Tab } from '../world.ts'

const failures = ({ events }: Tab) =>
  events.flatMap(([name, payload]) => (name === 'storage_failed' && 'error' in payload ? [payload.error] : []))

/** A tab that is signed in, over a storage whose `read` can be replaced later. */
async function withRead() {
  const world = createWorld()
  const { storage } = world.browser.openTab()
  let read: AuthStorage['read'] = storage.read
  const tab = world.open({ storage: { ...storage, read: () => read() } })
  await tab.auth.signIn({})
  return {
    ...world,
    ...tab,
    readBy: (next: AuthStorage['read']) => {
      read = next
    },
  }
}

const broken = new Error('The database is gone.')

describe('a storage that cannot be read any more says nothing about the session', () => {
  test.each<[string, AuthStorage['read']]>([
    [
      'throws',
      () => {
        throw broken
      },
    ],
    ['rejects', () => Promise.reject(broken)],
    ['hangs', never],
  ])('one that %s: nobody is signed out, and it is told', async (how, read) => {
    const world = await withRead()
    world.readBy(read)
    world.tab.wake('visible')
    await world.clock.advance(MINUTE)
    expect(world.auth.getState().status).toBe('authenticated')
    const [error] = failures(world)
    expect(error).toMatchObject({ name: 'AuthError', code: 'storage_failed' })
    if (how === 'hangs') expect(error).toMatchObject({ message: expect.stringMatching(/storage.*10000 ms/) })
    else expect(error).toMatchObject({ message: expect.stringMatching(/storage/), cause: broken })
  })
})

describe('a storage in trouble is told of', () => {
  test('at the start, when it answers by promise', async () => {
    const { open, browser } = createWorld()
    const tab = open({ storage: { ...browser.openTab().storage, read: () => Promise.reject(broken) } })
    await tab.auth.ready
    expect(failures(tab)).toEqual([expect.objectContaining({ code: 'storage_failed', cause: broken })])
  })

  test('when it does not answer a write in time: the session is known to be in memory only', async () => {
    const { open, browser, clock } = createWorld()
    const tab = open({ storage: { ...browser.openTab().storage, write: never } })
    void tab.auth.signIn({})
    await clock.advance(10_000)
    expect(tab.auth.inspect()).toMatchObject({ status: 'authenticated', persisted: false })
    expect(failures(tab)).toEqual([expect.objectContaining({ message: expect.stringMatching(/10000 ms/) })])
  })
})

describe('an empty storage', () => {
  test('that is filled again a moment later has lost nothing: cookies are rewritten one by one', async () => {
    const { browser, tab, auth, clock, names } = await signedIn()
    const stored = browser.stored()
    browser.setStored(null)
    tab.wake('storage')
    await clock.advance(90)
    browser.setStored(stored)
    await clock.advance(MINUTE)
    expect(auth.getState().status).toBe('authenticated')
    expect(names()).toEqual([])
  })

  test('found at a refresh is looked at again too, and then ends the session as lost', async () => {
    const { browser, auth, clock, server } = await signedIn()
    const stored = browser.stored()
    browser.setStored(null)
    const refresh = auth.refresh()
    await clock.advance(90)
    browser.setStored(stored)
    await clock.advance(1_000)
    await refresh
    expect(server.refreshes).toHaveLength(1)
    browser.setStored(null)
    await clock.advance(1_000)
    const lost = expect(auth.refresh()).rejects.toMatchObject({ code: 'session_changed' })
    await clock.advance(1_000)
    await lost
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'storage_lost' })
    expect(server.refreshes).toHaveLength(1)
  })

  test('is looked at again where nobody is signed in too: what another tab wrote may be seen a moment later', async () => {
    const { auth: here, open, browser, clock } = await signedIn()
    const stored = browser.stored()
    browser.setStored(null)
    const { auth, tab, names } = open()
    expect(auth.getState().status).toBe('unauthenticated')
    tab.wake('storage')
    await clock.advance(40)
    browser.setStored(stored)
    await clock.advance(10)
    expect(auth.inspect().sessionId).toBe(here.inspect().sessionId)
    expect(names()).toEqual(['signed_in'])
  })
})

describe('news that come while a slow storage is being restored', () => {
  test.each(['a wake signal', 'a message'])('%s: the session is restored, nobody "signed in"', async (news) => {
    const { open, browser, clock } = await reloaded()
    const storage = gated(browser.openTab().storage)
    storage.close()
    let tell = (_message: string) => {}
    const openChannel = (_name: string, receive: typeof tell) => {
      tell = receive
      return { post() {}, close() {} }
    }
    const { auth, tab, names } = open({ storage, ports: { openChannel } })
    if (news === 'a message') tell('session-1 ')
    else tab.wake('visible')
    await clock.flush()
    expect(storage.waiting).toEqual(['read'])
    storage.open()
    await auth.ready
    await clock.flush()
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' } })
    expect(names()).toEqual([])
  })
})

test('two readings at once are done one after the other: none brings the spent tokens back', async () => {
  const { readBy, auth, tab, clock, names, ...world } = await withRead()
  const answers: (() => void)[] = []
  readBy(() => {
    const seen = world.browser.stored()
    return new Promise((resolve) => answers.push(() => resolve(seen)))
  })
  tab.wake('storage')
  await clock.flush()
  const accessToken = renewElsewhere(world)
  tab.wake('storage')
  await clock.flush()
  // The second waits for the first, so that it sees what is there after it.
  expect(answers).toHaveLength(1)
  answers[0]?.()
  await clock.flush()
  expect(answers).toHaveLength(2)
  answers[1]?.()
  await clock.flush()
  answers[2]?.()
  await clock.flush()
  expect(await auth.getAccessToken()).toBe(accessToken)
  expect(names()).toEqual(['signed_in', 'refreshed'])
})

test('a reading that took longer than it may, for the browser stood still, is done again', async () => {
  const { readBy, auth, tab, clock, names, ...world } = await withRead()
  readBy(async () => world.browser.stored())
  tab.wake('storage')
  await clock.advance(100)
  renewElsewhere(world)
  const answers: (() => void)[] = []
  readBy(() => {
    const seen = world.browser.stored()
    return answers.length ? seen : new Promise((resolve) => answers.push(() => resolve(seen)))
  })
  tab.wake('storage')
  await clock.flush()
  const newest = renewElsewhere(world)
  // No timer has noticed: the process was stopped.
  clock.jump(20_000)
  answers[0]?.()
  await clock.advance(0)
  expect(await auth.getAccessToken()).toBe(newest)
  expect(names()).toEqual(['signed_in', 'refreshed'])
})
