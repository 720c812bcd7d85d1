import { idleLimit } from 'keyturn/idle'
import { expect, test } from 'vitest'
import { createWorld, MINUTE, signedIn } from '../core/world.ts'

const after = 30 * MINUTE

/** A browser with some tabs, all of which count, and the person in the first one has signed in. */
async function desk(count = 3) {
  const world = createWorld()
  const shared = new Map<string, string>()
  const store = {
    getItem: (key: string) => shared.get(key) ?? null,
    setItem: (key: string, value: string) => void shared.set(key, value),
  }
  const open = () => {
    const acts = new Set<() => void>()
    const onActivity = (run: () => void) => {
      acts.add(run)
      return () => acts.delete(run)
    }
    const idle = idleLimit({ after, ports: { clock: world.clock, store, onActivity } })
    const tab = world.open({ renewWhile: idle.isActive })
    const warnings: (number | null)[] = []
    const begin = () => idle.watch(tab.auth, { onWarning: (left) => warnings.push(left) })
    const use = () => {
      for (const act of acts) act()
    }
    return { ...tab, idle, warnings, begin, use, acts }
  }
  const tabs = Array.from({ length: count }, open)
  await tabs[0]?.auth.signIn({})
  await world.clock.advance(1_000)
  const stops = tabs.map(({ begin }) => begin())
  const states = () => tabs.map(({ auth }) => auth.getState())
  return { ...world, tabs, open, stops, states, shared }
}
type Desk = Awaited<ReturnType<typeof desk>>
const first = ({ tabs }: Desk) => tabs[0] as Desk['tabs'][0]
const statuses = (world: Desk) => world.states().map(({ status }) => status)

test('when nobody uses any of three tabs, all sign out with the reason idle, and the server is told', async () => {
  const world = await desk()
  await world.clock.advance(after - 5_000)
  expect(new Set(statuses(world))).toEqual(new Set(['authenticated']))
  await world.clock.advance(10_000)
  for (const state of world.states()) expect(state).toMatchObject({ status: 'unauthenticated', reason: 'idle' })
  expect(world.server.revoked.length).toBeGreaterThan(0)
  await world.clock.advance(after)
  expect(world.clock.pending).toBe(0)
})

test('use of one tab keeps all of them, for hours', async () => {
  const world = await desk()
  for (let times = 0; times < 20; times++) {
    await world.clock.advance(20 * MINUTE)
    first(world).use()
  }
  expect(new Set(statuses(world))).toEqual(new Set(['authenticated']))
  for (const { warnings } of world.tabs) expect(warnings).toEqual([])
})

test('every tab warns a minute before, and the use of any of them ends the warning in all', async () => {
  const world = await desk()
  await world.clock.advance(after - 30_000)
  for (const { warnings } of world.tabs) {
    expect(warnings[0]).toBeGreaterThan(55_000)
    expect(warnings.at(-1)).toBeLessThanOrEqual(31_000)
  }
  first(world).use()
  await world.clock.advance(2_000)
  for (const { warnings } of world.tabs) expect(warnings.at(-1)).toBeNull()
  await world.clock.advance(after - MINUTE - 5_000)
  expect(new Set(statuses(world))).toEqual(new Set(['authenticated']))
})

test('the button of a warning does the same', async () => {
  const world = await desk()
  await world.clock.advance(after - 10_000)
  first(world).idle.stay()
  await world.clock.advance(MINUTE)
  expect(new Set(statuses(world))).toEqual(new Set(['authenticated']))
})

test('the session is renewed of itself only while somebody is there', async () => {
  const world = await desk(1)
  world.server.life = 600
  const tab = first(world)
  await tab.auth.signIn({})
  await world.clock.advance(after - 2 * MINUTE)
  // Once, in the first five minutes at most; never while nobody is there.
  const away = world.server.refreshes.length
  expect(away).toBeLessThanOrEqual(1)
  for (let minutes = 0; minutes < 30; minutes++) {
    tab.use()
    await tab.auth.getAccessToken()
    await world.clock.advance(MINUTE)
  }
  expect(world.server.refreshes.length - away).toBeGreaterThanOrEqual(3)
  expect(tab.auth.getState().status).toBe('authenticated')
})

test('whoever wakes a computer that slept for hours is signed out, though they move the mouse first', async () => {
  const world = await desk()
  world.clock.jump(3 * 60 * MINUTE)
  first(world).use()
  await world.clock.advance(1_000)
  for (const state of world.states()) expect(state).toMatchObject({ status: 'unauthenticated', reason: 'idle' })
})

test('a session of yesterday is not taken up by opening a tab', async () => {
  const world = await desk(1)
  world.stops[0]?.()
  await world.clock.advance(2 * after)
  const tab = world.open()
  tab.begin()
  await world.clock.advance(1_000)
  expect(tab.auth.getState()).toMatchObject({ status: 'unauthenticated' })
})

test('signing in counts as use', async () => {
  const world = await desk()
  await world.clock.advance(after + 5_000)
  await first(world).auth.signIn({})
  await world.clock.advance(after - 5_000)
  expect(new Set(statuses(world))).toEqual(new Set(['authenticated']))
})

test('where tabs can share nothing each counts for itself', async () => {
  const world = await signedIn()
  const blocked = {
    getItem: () => {
      throw new Error('blocked')
    },
    setItem: () => {
      throw new Error('blocked')
    },
  }
  const idle = idleLimit({ after, ports: { clock: world.clock, store: blocked, onActivity: () => () => {} } })
  idle.watch(world.auth)
  await world.clock.advance(after - 5_000)
  expect(world.auth.getState().status).toBe('authenticated')
  await world.clock.advance(6_000)
  expect(world.auth.getState()).toMatchObject({ reason: 'idle' })
})

test('it can be called off', async () => {
  const world = await desk()
  for (const stop of world.stops) stop()
  await world.clock.advance(3 * after)
  expect(new Set(statuses(world))).toEqual(new Set(['authenticated']))
  expect(first(world).acts.size).toBe(0)
})

test.each([
  [{ after: 5_000 }, /after must be/],
  [{ after: Number.NaN }, /after must be/],
  [{ after: MINUTE, warnBefore: MINUTE }, /warnBefore must be/],
])('times that cannot be are said at once: %j', (options, words) => {
  expect(() => idleLimit(options)).toThrow(words)
})
