import { describe, expect, test } from 'vitest'
import { reloaded } from '../reload.ts'
import { gated } from '../storages.ts'
import { createWorld, HOUR, held, MINUTE, never } from '../world.ts'

describe('a storage in trouble', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('no storage')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no storage'))],
  ])('a storage whose read %s: nobody is signed in, and signing in works', async (_, read) => {
    const { open, browser } = createWorld()
    const { auth } = open({ storage: { ...browser.openTab().storage, read } })
    expect(await auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'none' })
    await auth.signIn({})
    expect(auth.getState().status).toBe('authenticated')
    expect(await auth.getAccessToken()).toBeTruthy()
  })

  test('a storage whose read hangs: ready resolves, and no caller waits for ever', async () => {
    const { open, browser, clock } = createWorld()
    const { auth } = open({ storage: { ...browser.openTab().storage, read: never } })
    let ready = false
    let settled = false
    void auth.ready.then(() => {
      ready = true
    })
    const done = () => {
      settled = true
    }
    auth.getAccessToken().then(done, done)
    await clock.advance(20_000)
    expect(ready).toBe(true)
    expect(settled).toBe(true)
  })

  test('a storage that hangs: signing in does not', async () => {
    const { open, browser, clock } = createWorld()
    const { auth } = open({ storage: { ...browser.openTab().storage, read: never } })
    let settled = false
    void auth.signIn({}).finally(() => {
      settled = true
    })
    await clock.advance(20_000)
    expect(auth.getState().status).toBe('authenticated')
    expect(settled).toBe(true)
  })
})

describe('a storage that hangs later', () => {
  const settles = async (clock: { advance(ms: number): Promise<void> }, call: Promise<unknown>) => {
    let settled = false
    const done = () => {
      settled = true
    }
    call.then(done, done)
    await clock.advance(20_000)
    return settled
  }

  test('in writing: signing in, refreshing and signing out still settle', async () => {
    const { open, browser, clock } = createWorld()
    const { auth } = open({ storage: { ...browser.openTab().storage, write: never } })
    expect(await settles(clock, auth.signIn({}))).toBe(true)
    expect(auth.getState().status).toBe('authenticated')
    expect(await settles(clock, auth.refresh())).toBe(true)
    expect(await settles(clock, auth.signOut())).toBe(true)
    expect(auth.getState().status).toBe('unauthenticated')
  })

  test('once, in reading: the caller settles, and the next refresh can succeed', async () => {
    const { open, browser, clock, server } = createWorld()
    const { storage } = browser.openTab()
    let hang = false
    const read = () => {
      if (!hang) return storage.read()
      hang = false
      return never()
    }
    const { auth } = open({ storage: { ...storage, read } })
    await auth.signIn({})
    hang = true
    expect(await settles(clock, auth.refresh())).toBe(true)
    await clock.advance(MINUTE)
    expect(server.refreshes).toHaveLength(1)
    const refresh = auth.refresh()
    expect(await settles(clock, refresh)).toBe(true)
    await expect(refresh).resolves.toBeUndefined()
    expect(server.refreshes).toHaveLength(2)
  })
})

describe('whoever acts before ready wins', () => {
  test('signIn: the stored session of somebody else does not come back', async () => {
    const { open, server, browser, clock } = await reloaded()
    const storage = gated(browser.openTab().storage)
    storage.close()
    const { auth } = open({ storage })
    server.subject = 'bob'
    const signIn = auth.signIn({})
    await clock.flush()
    storage.open()
    await signIn
    await auth.ready
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
    expect(browser.stored()?.accessToken).toBe(await auth.getAccessToken())
    expect(browser.stored()?.record?.subject).toBe('bob')
  })

  test('signOut: the stored session is gone', async () => {
    const { open, browser, clock } = await reloaded()
    const storage = gated(browser.openTab().storage)
    storage.close()
    const { auth } = open({ storage })
    const signOut = auth.signOut()
    await clock.flush()
    storage.open()
    await signOut
    expect(await auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'signed_out' })
    expect(held(browser)).toBeNull()
  })

  test('three sign-ins and a sign-out leave one timer, then none', async () => {
    const { open, clock, server } = createWorld()
    const { auth } = open()
    for (const subject of ['ada', 'bob', 'eve']) {
      server.subject = subject
      await auth.signIn({})
    }
    await clock.flush()
    expect(clock.pending).toBe(1)
    await clock.advance(55 * MINUTE)
    expect(server.refreshes).toEqual(['refresh-3'])
    await auth.signOut()
    await clock.flush()
    expect(clock.pending).toBe(0)
    await clock.advance(24 * HOUR)
    expect(server.refreshes).toHaveLength(1)
  })
})
