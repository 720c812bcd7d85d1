import type { SignOutScope } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { deferred } from './storages.ts'
import { createWorld, never, signedIn } from './world.ts'

const outcome = (call: Promise<unknown>) => {
  const seen: { result?: unknown } = {}
  call.then(
    () => {
      seen.result = 'done'
    },
    (error) => {
      seen.result = error
    },
  )
  return seen
}

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
})
