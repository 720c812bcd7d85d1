import type { Auth, AuthEvents, Backend } from 'keyturn'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, HOUR, jwt, outcome, signedIn, type World } from '../world.ts'

/** What listeners throw is reported as an unhandled rejection: caught here, so that the run does not fail. */
const unhandled: unknown[] = []
const catchIt = (error: unknown) => void unhandled.push(error)
let others: NodeJS.UnhandledRejectionListener[] = []
beforeEach(() => {
  others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', catchIt)
})
afterEach(() => {
  process.removeAllListeners('unhandledRejection')
  for (const one of others) process.on('unhandledRejection', one)
  unhandled.length = 0
})

const bug = () => {
  throw new Error('a bug of the app')
}

/** Memory, storage and state tell of the same session, and it is usable. */
async function whole({ browser }: Pick<World, 'browser'>, auth: Auth) {
  const stored = browser.stored()
  expect(auth.getState().status).toBe('authenticated')
  expect(await auth.getAccessToken()).toBe(stored?.accessToken)
  expect(stored?.record).toMatchObject({ id: auth.inspect().sessionId, version: auth.inspect().version })
}

describe('a listener that throws', () => {
  const events: (keyof AuthEvents | 'state')[] = ['signed_in', 'signed_out', 'refreshed', 'user_changed', 'state']

  test.each(events)('of %s costs nobody a token, and the others are told', async (event) => {
    const world = createWorld()
    const { auth, names } = world.open()
    const later: string[] = []
    if (event === 'state') auth.subscribe(bug)
    else auth.on(event, bug)
    auth.on('signed_in', () => void later.push('signed_in'))
    auth.on('refreshed', () => void later.push('refreshed'))
    await auth.signIn({})
    await whole(world, auth)
    await auth.refresh()
    await whole(world, auth)
    expect(world.browser.stored()?.refreshToken).toBe('refresh-2')
    await auth.signOut()
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'signed_out' })
    expect(names()).toEqual(['signed_in', 'refreshed', 'signed_out'])
    expect(later).toEqual(['signed_in', 'refreshed'])
  })

  test('one that is removed while the event is told is not called any more', async () => {
    const { auth } = createWorld().open()
    const called: string[] = []
    let off = () => {}
    auth.on('signed_in', () => off())
    off = auth.on('signed_in', () => void called.push('removed'))
    await auth.signIn({})
    expect(called).toEqual([])
  })
})

describe('a backend that throws', () => {
  test('in getUser at a sign-in: the claims show who it is', async () => {
    const world = createWorld()
    world.server.getUser = bug
    const { auth } = world.open()
    expect(await auth.signIn({})).toMatchObject({ sub: 'ada' })
    await whole(world, auth)
  })

  test.each<[string, () => Promise<never> | never]>([
    ['at once', bug],
    ['by promise', async () => bug()],
  ])('in refresh, %s: nobody is signed out, and it is tried again', async (_, refresh) => {
    const world = await signedIn()
    world.server.script.push(refresh as never)
    const call = outcome(world.auth.refresh())
    await world.clock.advance(5_000)
    expect(call.result).toBe('done')
    await whole(world, world.auth)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'renewed'],
    ['an unknown type', { type: 'rotated' }],
    ['renewed without an answer', { type: 'renewed' }],
    ['unavailable without an error', { type: 'unavailable' }],
  ])('that answers %s to a refresh: nobody is signed out', async (_, answer) => {
    const world = await signedIn()
    world.server.script = Array.from({ length: 4 }, () => () => answer as never)
    const call = outcome(world.auth.refresh())
    await world.clock.advance(10_000)
    expect(call.result).toMatchObject({ name: 'AuthError' })
    expect(world.auth.getState().status).toBe('authenticated')
    await world.clock.advance(10_000)
    await whole(world, world.auth)
  })

  test('in signOut: the person is signed out', async () => {
    const world = createWorld()
    const backend = { ...world.server.backend, signOut: bug as unknown as Backend['signOut'] }
    const { auth } = world.open({ backend })
    await auth.signIn({})
    expect(await auth.signOut()).toEqual({ revoked: false })
    expect(auth.getState().status).toBe('unauthenticated')
  })
})

describe('a user that cannot be stored', () => {
  const cycle: Record<string, unknown> = { name: 'Ada' }
  cycle.self = cycle
  let deep: unknown = 'bottom'
  for (let level = 0; level < 100_000; level++) deep = { deep }
  const throws = {
    toJSON: bug,
    get name() {
      return bug()
    },
  }

  test.each<[string, unknown]>([
    ['a BigInt', { id: 1n }],
    ['a cycle', cycle],
    ['a hundred thousand levels', { deep }],
    ['a toJSON that throws', throws],
  ])('%s: tokens are stored first; it is shown, and told as a diagnostic', async (_, user) => {
    const world = createWorld()
    world.server.withUser = user
    const tab = world.open()
    await tab.auth.signIn({})
    await whole(world, tab.auth)
    await tab.auth.refresh()
    await whole(world, tab.auth)
    expect(world.browser.stored()?.refreshToken).toBe('refresh-2')
    await world.clock.advance(2 * HOUR)
    await whole(world, tab.auth)
    expect(tab.names()).toContain('diagnostic')
    const page = world.open()
    expect(page.auth.getState().status).toBe('authenticated')
  })
})

test('a trace that an app did not ask for is not written, and one that it did changes nothing', async () => {
  const { auth } = createWorld().open({ ports: { trace: () => {} } })
  await auth.signIn({})
  expect(await auth.getAccessToken()).toMatch(new RegExp(`^${jwt({ sub: 'ada' }).split('.')[0]}`))
})
