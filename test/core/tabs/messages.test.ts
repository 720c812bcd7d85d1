import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { AuthStorage } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, HOUR, outcome, signedIn, type World } from '../world.ts'

/** A tab whose reads are counted, and a way to send it any message. */
async function counted() {
  const world = await signedIn()
  const { storage } = world.browser.openTab()
  let reads = 0
  const read: AuthStorage['read'] = () => {
    reads++
    return storage.read()
  }
  const tab = world.open({ storage: { ...storage, read } })
  const channel = world.browser.openTab().ports.openChannel?.('keyturn:fake', () => {})
  await world.clock.advance(1_000)
  return { ...world, ...tab, reads: () => reads, post: (text: unknown) => channel?.post(text as string) }
}

describe('messages from other tabs', () => {
  test('a thousand at once cost at most 20 reads, and leave no timer', async () => {
    const world = await counted()
    const [before, timers] = [world.reads(), world.clock.pending]
    for (let count = 0; count < 1_000; count++) world.post('session-1 ')
    await world.clock.advance(5_000)
    expect(world.reads() - before).toBeGreaterThan(0)
    expect(world.reads() - before).toBeLessThanOrEqual(20)
    expect(world.clock.pending).toBe(timers)
  })

  test('a stream of them for a minute costs at most 20 looks a second', async () => {
    const world = await counted()
    const before = world.reads()
    for (let count = 0; count < 6_000; count++) {
      world.post(`other-${count} `)
      await world.clock.advance(10)
    }
    expect(world.reads() - before).toBeLessThanOrEqual(2 * 20 * 60)
  })

  test.each<[string, unknown]>([
    ['an empty text', ''],
    ['a word', 'hello'],
    ['an unknown end', 'session-1 deleted'],
    ['JSON', '{"type":"signed_out"}'],
    ['an object', { id: 'session-1' }],
    ['a number', 7],
    ['null', null],
    ['an id of 10,000 characters', `${'x'.repeat(10_000)} signed_out`],
    ['two lines', 'session-1 signed_out\nsession-1 signed_out'],
  ])('junk is ignored: %s', async (_, text) => {
    const world = await counted()
    const before = world.reads()
    world.post(text)
    await world.clock.advance(5_000)
    expect(world.reads()).toBe(before)
    expect(world.auth.getState().status).toBe('authenticated')
    expect(world.events).toEqual([])
  })

  test.each(['signed_out', 'rejected', 'expired', 'idle'])(
    'that an unknown session is over (%s) is not believed of this one',
    async (what) => {
      const world = await counted()
      world.post(`unknown ${what}`)
      await world.clock.advance(5_000)
      expect(world.auth.getState().status).toBe('authenticated')
      expect(world.events).toEqual([])
    },
  )

  test.each([
    ['before', 0],
    ['after', 5_000],
  ])(
    'nor is it the reason when this one is gone from storage, be it told %s the tab has seen that',
    async (_, wait) => {
      const world = await counted()
      world.browser.setStored(null)
      if (wait) world.tab.wake('storage')
      await world.clock.advance(wait)
      world.post('unknown rejected')
      await world.clock.advance(5_000)
      expect(world.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'storage_lost' })
    },
  )

  test.each(['rejected', 'expired', 'idle'])('nor that this one is (%s), while storage still has it', async (what) => {
    const world = await counted()
    world.post(`session-1 ${what}`)
    await world.clock.advance(5_000)
    expect(world.auth.getState().status).toBe('authenticated')
  })

  test('none of them, however many, makes a renewal wait or happen', async () => {
    const world = await counted()
    for (let count = 0; count < 100; count++) world.post('session-1 renewing')
    await world.clock.advance(1_000)
    expect(world.server.refreshes).toEqual([])
    const refresh = outcome(world.auth.refresh())
    await world.clock.advance(1_000)
    expect(refresh.result).toBe('done')
    await world.clock.advance(2 * HOUR)
    expect(world.server.refreshes.length).toBeLessThanOrEqual(4)
  })
})

describe('what the engine remembers does not grow', () => {
  /** How many things hang on an engine: whatever its ports were asked to keep. */
  const kept = ({ clock }: World, tab: { held(): object }) => [clock.pending, tab.held()]

  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  /** MB in use after what is unused has gone. */
  const heap = () => {
    for (let count = 0; count < 4; count++) collect()
    return process.memoryUsage().heapUsed / 1e6
  }

  test('with ten thousand sign-ins in two tabs: no timer, channel, listener or heap', async () => {
    const world = createWorld()
    const [here, there] = [world.open(), world.open()]
    const signIns = async (count: number) => {
      for (let number = 0; number < count; number++) {
        const { auth } = number % 2 ? here : there
        world.server.subject = `person-${number % 7}`
        await auth.signIn({})
        if (number % 3 === 0) await auth.signOut()
        for (const { events } of [here, there]) events.length = 0
      }
      world.server.revoked.length = 0
      ;(world.browser.messages as string[]).length = 0
      await here.auth.signIn({})
      await world.clock.advance(1_000)
    }
    await signIns(1_000)
    const before = [...kept(world, here.tab), ...kept(world, there.tab)]
    const used = heap()
    await signIns(9_000)
    expect([...kept(world, here.tab), ...kept(world, there.tab)]).toEqual(before)
    expect(heap() - used).toBeLessThan(2)
  }, 120_000)

  test('with a hundred thousand junk messages', async () => {
    const world = await counted()
    const messages = async (count: number) => {
      for (let number = 0; number < count; number++) {
        world.post(`unknown-${number} ${['', 'signed_out', 'renewing', 'rejected', 'nonsense'][number % 5]}`)
        if (number % 100 === 0) {
          ;(world.browser.messages as string[]).length = 0
          await world.clock.advance(10)
        }
      }
      await world.clock.advance(1_000)
    }
    await messages(2_000)
    const before = kept(world, world.tab)
    const used = heap()
    await messages(98_000)
    expect(kept(world, world.tab)).toEqual(before)
    expect(heap() - used).toBeLessThan(2)
    expect(world.auth.getState().status).toBe('authenticated')
  }, 120_000)
})

test('a message that is here before the cookies that it tells of: they are looked for once more', async () => {
  const world = createWorld()
  const { storage } = world.browser.openTab()
  let late = false
  let before: ReturnType<AuthStorage['read']> = null
  const read: AuthStorage['read'] = () => {
    if (!late) before = storage.read()
    return before
  }
  const here = world.open()
  const there = world.open({ storage: { ...storage, read }, ports: { settle: () => undefined } })
  await here.auth.signIn({})
  await world.clock.advance(1_000)
  const token = await there.auth.getAccessToken()
  late = true
  await here.auth.refresh()
  await world.clock.advance(50)
  expect(await there.auth.getAccessToken()).toBe(token)
  late = false
  await world.clock.advance(150)
  expect(await there.auth.getAccessToken()).toBe(await here.auth.getAccessToken())
  expect(await there.auth.getAccessToken()).not.toBe(token)
})
