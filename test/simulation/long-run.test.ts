import { beforeAll, describe, expect, test } from 'vitest'
import { collect, type Retained } from './long-run/gauge.ts'
import { DAY, type LongRun, runFor, type Sample, serverAlone } from './long-run/run.ts'
import { BACK, LIFE, THERE } from './long-run/server.ts'
import { GRANT } from './long-run/world.ts'
import { stream } from './world/random.ts'

type Kept = Sample & Retained

const TABS = 50
const DAYS = 30
/** The default of `refreshMargin`, in ms. */
const MARGIN = 300_000

/**
 * When each refresh reaches the server, from the contract and not from the engine's code. A token is due `lead` before it
 * expires: the margin and up to a tenth of it more, by the jitter that a tab drew at its start. The tab that drew most is
 * the first of all, and what it gets serves all. Until then the new token is on its way for `trip`. So refresh k is due
 * k × (life − lead) + (k − 1) × trip after the sign-in, and in a time E there are
 *
 *     ⌊(E + trip) ÷ (life − lead + trip)⌋,  lead = margin × (1 + greatest jitter ÷ 10)
 */
function plan(jitters: readonly number[], began: number): readonly number[] {
  const lead = Math.floor(MARGIN * (1 + Math.max(...jitters) / 10))
  const use = LIFE * 1000 - lead
  const trip = GRANT + THERE + BACK
  const count = Math.floor((DAYS * DAY + trip) / (use + trip))
  return Array.from({ length: count }, (_, done) => began + (done + 1) * use + done * trip + GRANT + THERE)
}

describe(`${DAYS} days, ${TABS} tabs, tokens of one hour`, () => {
  const jitters = new Array<number>(TABS).fill(0)
  let run: LongRun
  beforeAll(async () => {
    run = await runFor(DAYS, jitters, { held: [1, 2, 10, 20, 30], retained: [2, 10, 30] })
  }, 600_000)

  test('785 refreshes, each at its moment: ⌊(30 d + 0.105 s) ÷ (3600 s − 300 s + 0.105 s)⌋', () => {
    const { tally } = run.world
    const ideal = plan(jitters, run.began)
    expect(ideal).toHaveLength(785)
    expect(tally.refreshes).toEqual(ideal)
    // One write for each, and for the sign-in; a message before and one after, and one for the sign-in.
    expect([tally.writes, run.messages]).toEqual([ideal.length + 1, 2 * ideal.length + 1])
  })

  test('no request is refused, and no refresh token is sent twice', async () => {
    const { mock, tally } = run.world
    expect([tally.refused, tally.spent, tally.requests]).toEqual([0, 0, TABS * DAYS * 4])
    expect(mock.admin.sessions()).toMatchObject([{ live: true, ended: null, tokensIssued: 785 + 1 }])
  })

  test('in the end every tab has the same token, and sends a request with no refresh', async () => {
    const { pass, stored, tabs, tally } = run.world
    expect(new Set(tabs.map(({ auth }) => auth.getState().status))).toEqual(new Set(['authenticated']))
    const tokens = await Promise.all(tabs.map(({ auth }) => auth.getAccessToken()))
    expect(new Set(tokens)).toEqual(new Set([stored()]))
    const answers = Promise.all(tabs.map(({ api }) => api.get('/echo')))
    await pass(1_000)
    expect((await answers).map(({ status }) => status)).toEqual(new Array(TABS).fill(200))
    expect(tally.refreshes).toHaveLength(785)
  })

  test('each tab holds one timer, one channel, one wake listener and nothing else, on day 1 as on day 30', () => {
    const expected = { timers: TABS, channels: TABS, wakeListeners: TABS, locks: 0, abortListeners: 0 }
    for (const { day, held } of run.samples) expect({ day, ...held }).toEqual({ day, ...expected })
  })

  test('after day 2 nothing more is retained than the server’s own memory of spent tokens', async () => {
    const [day2, day10, day30] = run.samples.filter(({ objects }) => objects) as [Kept, Kept, Kept]
    const [alone2, alone10, alone30] = (await serverAlone([day2, day10, day30].map(({ refreshes }) => refreshes))) as [
      Retained,
      Retained,
      Retained,
    ]
    const objects = day30.objects - day2.objects - (alone30.objects - alone2.objects)
    const bytes = day30.bytes - day10.bytes - (alone30.bytes - alone10.bytes)
    // The samples themselves, and a few of Node's. One in each tab would be 50, one for each refresh 733.
    expect(Math.abs(objects)).toBeLessThan(TABS / 2)
    // The heap's own bookkeeping varies by 120 kB. One access token for each refresh would be 700 kB.
    expect(bytes).toBeLessThan(250_000)
  })

  test('tokens, answers, flights and what waits for the lock are collected', async () => {
    await collect()
    const { made, alive } = run.tracker
    for (const [kind, count] of Object.entries(made())) expect([kind, count > 700]).toEqual([kind, true])
    // The last of a kind may live on in a closure; each of the 50 tabs holds what it read last.
    const most = (kind: string) => (kind === 'session read' ? 51 : 2)
    for (const [kind, count] of Object.entries(alive())) expect([kind, count < most(kind)]).toEqual([kind, true])
  })

  test('after dispose() of all tabs: no timer, no listener, no lock, no request', async () => {
    const { clock, pass, tabs, tally } = run.world
    for (const { auth } of tabs) auth.dispose()
    const nothing = { timers: 0, channels: 0, wakeListeners: 0, locks: 0, abortListeners: 0 }
    expect(run.held()).toEqual(nothing)
    expect(clock.pending).toBe(0)
    await pass(DAY)
    expect([tally.refreshes.length, run.world.messages()]).toEqual([785, 0])
  })
})

test('with jitter, the tab that drew most refreshes for all, and the others ask for no lock', async () => {
  const random = stream('jitters')
  const jitters = Array.from({ length: 10 }, random)
  const { began, tracker, world } = await runFor(DAYS, jitters, { held: [], retained: [] })
  const ideal = plan(jitters, began)
  expect(world.tally.refreshes).toEqual(ideal)
  expect(ideal.length).toBeGreaterThan(785)
  expect([world.tally.spent, world.tally.refused]).toEqual([0, 0])
  expect(tracker.made()['wait for the lock']).toBe(ideal.length)
})
