import type { TokenAnswer } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { browserPorts } from '../../../src/browser/ports.ts'
import { createEngine } from '../../../src/core/create-engine.ts'
import type { TraceRecord } from '../../../src/core/ports.ts'
import { readToken } from '../../../src/tokens/read-token.ts'
import { createWorld, HOUR, MINUTE, outcome, renewElsewhere, unavailable } from '../world.ts'

/** A world with a tab whose steps are recorded. */
function traced() {
  const world = createWorld()
  const records: TraceRecord[] = []
  const tab = world.open({ ports: { trace: (record) => void records.push(record) } })
  /** The steps since the last call, as short texts. */
  const steps = () =>
    records
      .splice(0)
      .map(({ at: _, session: __, version, step, ...rest }) => [`${version} ${step}`, ...Object.values(rest)].join(' '))
  return { ...world, ...tab, records, steps }
}

const request = ({ auth }: Pick<ReturnType<typeof traced>, 'auth'>, ...statuses: number[]) =>
  outcome(
    auth.exchange({
      url: '/data?token=secret',
      origins: ['/'],
      repeatable: true,
      send: async () => ({ status: statuses.shift() ?? 200 }),
    }),
  )

describe('the trace', () => {
  test('of a sign-in, a renewal and a sign-out', async () => {
    const world = traced()
    await world.auth.signIn({})
    expect(world.steps()).toEqual(['0 saved true', '0 signed_in this_tab', '1 announced changed'])
    await world.auth.refresh()
    expect(world.steps()).toEqual([
      '1 asked app false',
      '1 looked same',
      '1 lock waiting',
      '1 lock held',
      '1 looked same',
      '1 announced renewing',
      '1 attempt 1',
      '1 outcome renewed  0',
      '1 looked same',
      '1 saved true',
      '2 lock released',
      '2 announced changed',
    ])
    await world.auth.signOut()
    expect(world.steps()).toEqual(['2 signed_out signed_out', '2 saved true', '0 announced signed_out'])
  })

  test('of a request that is refused, waits, and is repeated', async () => {
    const world = traced()
    await world.auth.signIn({})
    world.steps()
    request(world, 401, 200)
    await world.clock.flush()
    const steps = world.steps()
    expect(steps.filter((step) => /request|answered|asked/.test(step))).toEqual([
      '1 request 1 sent',
      '1 asked answer false',
      '1 request 1 waiting',
      '2 request 1 repeated',
      '2 answered 1 200',
    ])
  })

  test('of a request that fails tells why, by the code of the error', async () => {
    const world = traced()
    await world.auth.signIn({})
    world.clock.jump(2 * HOUR)
    world.server.script = Array.from({ length: 9 }, () => () => unavailable(503))
    world.steps()
    request(world)
    request(world)
    await world.clock.advance(5_000)
    const steps = world.steps()
    expect(steps.filter((step) => /failed|asked request/.test(step))).toEqual([
      '1 asked request false',
      '1 asked request true',
      '1 failed 1 unavailable',
      '1 failed 2 unavailable',
    ])
    expect(steps).toContain('1 outcome unavailable 503 0')
  })

  test('tells that another tab was first', async () => {
    const world = traced()
    await world.auth.signIn({})
    renewElsewhere(world)
    await world.clock.advance(55 * MINUTE)
    const steps = world.steps()
    expect(steps).toContain('1 asked timer false')
    expect(steps.some((step) => step.endsWith('looked newer'))).toBe(true)
    expect(steps.some((step) => step.endsWith('adopted'))).toBe(true)
    expect(world.server.refreshes).toEqual([])
  })

  test('gives the time and the session with each step', async () => {
    const world = traced()
    await world.auth.signIn({})
    await world.clock.advance(1_234)
    world.records.length = 0
    await world.auth.refresh()
    const id = world.auth.inspect().sessionId
    expect(world.records.length).toBeGreaterThan(5)
    for (const record of world.records) expect(record).toMatchObject({ at: world.clock.now(), session: id })
  })

  test('holds no token, no user, no address and no text of the server', async () => {
    const world = traced()
    world.server.withUser = { name: 'Ada Lovelace', email: 'ada@example.test' }
    world.server.signInScript.push((): TokenAnswer => ({ ...world.server.issue(), accessToken: 'secret-access-token' }))
    await world.auth.signIn({ password: 'hunter2-hunter2' })
    request(world, 401, 200)
    await world.clock.advance(2_000)
    world.server.script = [() => unavailable(500)]
    const refresh = world.auth.refresh()
    await world.clock.advance(2_000)
    await refresh
    world.server.alive = false
    void outcome(world.auth.refresh())
    await world.clock.advance(20_000)
    await world.auth.signOut()
    const text = JSON.stringify(world.records)
    expect(world.records.length).toBeGreaterThan(20)
    expect(text).not.toMatch(/secret|hunter2|Lovelace|example\.test|refresh-\d|eyJ|already_used|status 500/)
    const keys = new Set(world.records.flatMap((record) => Object.keys(record)))
    const known = [
      'at',
      'session',
      'version',
      'step',
      'by',
      'joined',
      'state',
      'finding',
      'attempt',
      'type',
      'status',
      'ms',
      'ok',
      'what',
      'reason',
      'request',
      'why',
    ]
    expect([...keys].filter((key) => !known.includes(key))).toEqual([])
  })

  test('where nobody listens, the clock is not even asked for it', async () => {
    const asked = async (trace: boolean) => {
      const world = createWorld()
      const { ports } = world.browser.openTab()
      let count = 0
      const clock = { ...ports.clock, now: () => ++count && ports.clock.now() }
      // Not by createAuth: in development it listens itself, for the devtools.
      const { storage } = world.browser.openTab()
      const all = { ...browserPorts(readToken), ...ports, clock, ...(trace ? { trace: () => {} } : {}) }
      const auth = createEngine({ backend: world.server.backend, storage }, all)
      await auth.signIn({})
      const before = count
      await auth.refresh()
      return count - before
    }
    expect(await asked(false)).toBeLessThan((await asked(true)) - 5)
  })
})
