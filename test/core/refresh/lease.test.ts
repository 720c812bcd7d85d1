import type { AuthStorage, LeaseNote } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, HOUR, MINUTE, never, outcome, signedIn, unavailable, type World } from '../world.ts'

/** Answers after 50 ms; a token is spent when it arrives. */
function slowly({ server, clock }: Pick<World, 'server' | 'clock'>) {
  server.script = Array.from({ length: 200 }, () => async (token: string) => {
    const answer = server.rotate(token)
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 50))
    return answer
  })
}

/** Pages of several hosts: they share the jar, but neither locks nor channel. A write is seen by others after `delay` ms. */
function hosts(count: number, delay = 0) {
  const world = createWorld({ locks: false, channels: false })
  const written: { text: string; by: number; at: number; ends: number }[] = []
  const noteOf = (host: number): LeaseNote => ({
    read() {
      const now = world.clock.elapsed()
      const seen = written.filter(({ by, at }) => by === host || now - at >= delay).at(-1)
      return seen && seen.ends > now ? seen.text : null
    },
    write(text, seconds) {
      const now = world.clock.elapsed()
      written.push({ text, by: host, at: now, ends: now + seconds * 1_000 })
    },
  })
  const open = (host: number) => {
    const { storage } = world.browser.openTab()
    const shared: AuthStorage = { ...storage, domain: 'example.test', lease: noteOf(host) }
    return world.open({ storage: shared })
  }
  return { ...world, written, note: noteOf(-1), hosts: Array.from({ length: count }, (_, host) => open(host)) }
}

async function signedInAt(count: number, delay = 0) {
  const world = hosts(count, delay)
  await world.hosts[0]?.auth.signIn({})
  for (const { tab } of world.hosts) tab.wake('visible')
  await world.clock.advance(200)
  return world
}

describe('pages that share the jar, but no locks, take a lease in it', () => {
  test.each([
    ['two', 2, 0],
    ['two, with writes that are seen late', 2, 90],
    ['ten', 10, 0],
    ['ten, with writes that are seen late', 10, 90],
  ])('%s that wake at once ask a strict server once', async (_, count, delay) => {
    const world = await signedInAt(count, delay)
    slowly(world)
    world.clock.jump(2 * HOUR)
    for (const { tab } of world.hosts) tab.wake('visible')
    await world.clock.advance(MINUTE)
    expect(world.server.refreshes).toEqual(['refresh-1'])
    for (const { auth } of world.hosts) {
      expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
      expect(await auth.getAccessToken()).toBe(world.browser.stored()?.accessToken)
    }
  })

  test('for a day: one renewal each period', async () => {
    const world = await signedInAt(3)
    slowly(world)
    await world.clock.advance(24 * HOUR)
    for (const { auth } of world.hosts)
      expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    expect(world.server.refreshes.length).toBeLessThanOrEqual(27)
    expect(new Set(world.server.refreshes).size).toBe(world.server.refreshes.length)
  })

  test('it is written, waited for 100 ms, and looked at once more before the server is asked', async () => {
    const world = await signedInAt(1)
    const [host] = world.hosts
    const refresh = outcome(host?.auth.refresh() as Promise<void>)
    await world.clock.advance(99)
    expect(world.server.refreshes).toEqual([])
    await world.clock.advance(1)
    expect(world.server.refreshes).toEqual(['refresh-1'])
    expect(refresh.result).toBe('done')
    // Let go of at once.
    expect(world.note.read() || null).toBeNull()
  })

  test('it holds a name and an end, and nothing of the session', async () => {
    const world = await signedInAt(1)
    world.server.script.push(never)
    void outcome(world.hosts[0]?.auth.refresh() as Promise<void>)
    await world.clock.advance(200)
    const text = world.note.read() ?? ''
    expect(text).toMatch(/^\S+ \d+$/)
    expect(Number(text.split(' ')[1])).toBeLessThanOrEqual(world.clock.now() + 20_000)
    expect(text).not.toMatch(/refresh|eyJ/)
  })

  test('one that somebody left behind runs out: nobody waits for it for ever', async () => {
    const world = await signedInAt(1)
    world.note.write(`dead ${world.clock.now() + 10_000}`, 10)
    const refresh = outcome(world.hosts[0]?.auth.refresh() as Promise<void>)
    await world.clock.advance(9_000)
    expect(refresh.result).toBeUndefined()
    await world.clock.advance(3_000)
    expect(refresh.result).toBe('done')
  })

  test.each([
    ['that never ends', 'x 9007199254740991'],
    ['of a year', `x ${Date.UTC(2027, 0, 1)}`],
    ['whose end is no number', 'x soon'],
    ['without an end', 'x'],
    ['of junk', '%%% {}'],
    ['that is over', 'x 1'],
  ])('a planted lease %s counts as none', async (_, text) => {
    const world = await signedInAt(1)
    world.note.write(text, 1_000_000)
    const refresh = outcome(world.hosts[0]?.auth.refresh() as Promise<void>)
    await world.clock.advance(500)
    expect(refresh.result).toBe('done')
  })

  test('while a server fails it is held for one attempt only, not through the pauses', async () => {
    const world = await signedInAt(1)
    world.server.script = [() => unavailable(503, 4_000)]
    void outcome(world.hosts[0]?.auth.refresh() as Promise<void>)
    await world.clock.advance(1_000)
    expect(world.note.read() || null).toBeNull()
  })

  test('a holder that stood still finds another’s lease, and asks nobody', async () => {
    const world = await signedInAt(2)
    const [one, other] = world.hosts
    void outcome(one?.auth.refresh() as Promise<void>)
    await world.clock.flush()
    one?.tab.process.freeze()
    await world.clock.advance(30_000)
    const theirs = outcome(other?.auth.refresh() as Promise<void>)
    await world.clock.advance(1_000)
    expect(theirs.result).toBe('done')
    one?.tab.process.thaw()
    await world.clock.advance(5_000)
    expect(world.server.alive).toBe(true)
    for (const { auth } of world.hosts) expect(auth.getState().status).toBe('authenticated')
  })

  test('without it, two pages that wake at once would both ask: this is what it is for', async () => {
    const world = createWorld({ locks: false, channels: false })
    const tabs = [world.open(), world.open()]
    await tabs[0]?.auth.signIn({})
    for (const { tab } of tabs) tab.wake('visible')
    await world.clock.advance(200)
    slowly(world)
    world.clock.jump(2 * HOUR)
    for (const { tab } of tabs) tab.wake('visible')
    await world.clock.advance(MINUTE)
    expect(world.server.refreshes.length).toBeGreaterThan(1)
  })
})

test('a storage that no other host shares takes no lease: a renewal waits for nothing', async () => {
  const { auth, server, clock } = await signedIn()
  void auth.refresh()
  await clock.flush()
  expect(server.refreshes).toHaveLength(1)
})
