import { afterEach, expect, test, vi } from 'vitest'
import type { TraceRecord } from '../../src/core/ports.ts'
import { lanesOf } from '../../src/devtools/chart/lanes.ts'
import { barsOf, marksOf, type Window } from '../../src/devtools/chart/scale.ts'
import { describe as words } from '../../src/devtools/record/describe.ts'
import { claimsOf, fingerprint, readFacts } from '../../src/devtools/record/facts.ts'
import { rigOf } from '../../src/devtools/record/find-rig.ts'
import { createRecorder, follow, type Recorder } from '../../src/devtools/record/recorder.ts'
import { reportOf } from '../../src/devtools/record/report.ts'
import { insert, LIMIT, type Seen } from '../../src/devtools/record/seen.ts'
import { createWarnings, judgeSetup } from '../../src/devtools/record/warnings.ts'
import type { Rig } from '../../src/rig.ts'
import { ADA, createWorld, disposeAll, send } from './world.ts'

const open: Recorder[] = []
afterEach(() => {
  disposeAll()
  for (const recorder of open.splice(0)) recorder.close()
})
const recorder = (label: string, channel: string | null) => {
  const made = createRecorder({ label, channel })
  open.push(made)
  return made
}
const seenAs = (steps: readonly [tab: string, time: number, step: object][]): Seen[] =>
  steps.map(([tab, time, step], n) => ({
    tab,
    n,
    time,
    record: { at: time, session: 's', version: 1, ...step } as TraceRecord,
  }))
const tabs = ['A', 'B'].map((id) => ({ id, label: id, own: id === 'A' }))
const until = async (check: () => boolean) => {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('a tab shows what the others do, and what they did before it came; each record once', async () => {
  const one = recorder('one', 'test-tabs')
  const step = (request: number) =>
    ({ at: 1, session: null, version: 0, step: 'answered', request, status: 200 }) as const
  one.add(step(1), 1_000)
  await until(() => one.seen().length === 1)
  const two = recorder('two', 'test-tabs')
  await until(() => two.seen().length === 1)
  one.add(step(2), 2_000)
  two.add(step(3), 1_500)
  await until(() => one.seen().length === 3 && two.seen().length === 3)
  for (const each of [one, two]) expect(each.seen().map(({ time }) => time)).toEqual([1_000, 1_500, 2_000])
  expect(two.tabs().map(({ label, own }) => [label, own])).toEqual([
    ['two', true],
    ['one', false],
  ])
})

test('at most 10,000 records are kept, the newest, in order of time', () => {
  const list: Seen[] = []
  for (let turn = 0; turn < 13; turn++) {
    const batch = Array.from({ length: 1_000 }, (_, n) => ({ time: turn * 1_000 + n }) as Seen)
    insert(list, batch)
  }
  insert(list, [{ time: 12_345.5 } as Seen])
  expect(list).toHaveLength(LIMIT)
  expect(list.every(({ time }, at) => at === 0 || (list[at - 1] as Seen).time <= time)).toBe(true)
  expect(list.at(-1)?.time).toBe(12_999)
})

test('lanes: a tab waits for the lock, the other refreshes and tells; requests get rows of their own', () => {
  const { lanes, links } = lanesOf(
    seenAs([
      ['A', 0, { step: 'request', request: 1, state: 'sent' }],
      ['A', 1, { step: 'request', request: 2, state: 'sent' }],
      ['A', 10, { step: 'request', request: 1, state: 'waiting' }],
      ['A', 11, { step: 'asked', by: 'answer', joined: false }],
      ['A', 12, { step: 'lock', state: 'waiting' }],
      ['B', 12, { step: 'lock', state: 'waiting' }],
      ['A', 13, { step: 'lock', state: 'held' }],
      ['A', 14, { step: 'attempt', attempt: 1 }],
      ['A', 50, { step: 'outcome', type: 'renewed', status: null, ms: 36 }],
      ['A', 51, { step: 'announced', what: 'changed' }],
      ['A', 52, { step: 'lock', state: 'released' }],
      ['B', 53, { step: 'heard', what: 'changed' }],
      ['B', 54, { step: 'adopted' }],
      ['A', 55, { step: 'request', request: 1, state: 'repeated' }],
      ['A', 60, { step: 'answered', request: 1, status: 200 }],
      ['A', 61, { step: 'answered', request: 2, status: 500 }],
      ['A', 70, { step: 'request', request: 3, state: 'sent' }],
    ]),
    tabs,
  )
  const [a, b] = lanes
  expect(a?.spans.map(({ kind, row, from, to, tone }) => [kind, row, from, to, tone])).toEqual([
    ['sent', 1, 0, 10, 'plain'],
    ['sent', 2, 1, 61, 'bad'],
    ['waiting', 1, 10, 55, 'plain'],
    ['lock-waiting', 0, 12, 13, 'plain'],
    ['lock', 0, 13, 52, 'plain'],
    ['attempt', 0, 14, 50, 'good'],
    ['repeated', 1, 55, 60, 'good'],
    // The row of request 1 is free again.
    ['sent', 1, 70, null, 'plain'],
  ])
  expect(a?.marks.map(({ kind }) => kind)).toEqual(['asked', 'news', 'end', 'end'])
  expect(b?.marks.map(({ kind }) => kind)).toEqual(['news', 'adopted'])
  expect(links).toEqual([{ from: 'A', at: 51, to: 'B', heardAt: 53 }])
})

test('10,000 records are drawn with no more bars than there are pixels', () => {
  const steps: [string, number, object][] = []
  for (let request = 0; request < 3_400; request++) {
    const at = request * 100
    steps.push(['A', at, { step: 'request', request, state: 'sent' }])
    steps.push(['A', at + 20, { step: 'answered', request, status: 200 }])
    steps.push(['B', at + 30, { step: 'asked', by: 'app', joined: false }])
  }
  const { lanes } = lanesOf(seenAs(steps), tabs)
  const window: Window = { from: 0, to: 340_000, now: 340_000, width: 800 }
  const [a, b] = lanes as [(typeof lanes)[0], (typeof lanes)[0]]
  expect(a.spans).toHaveLength(3_400)
  expect(barsOf(a, window).length).toBeLessThanOrEqual(800)
  expect(marksOf(b, window).length).toBeLessThanOrEqual(801)
  // A small part of it is drawn one by one.
  expect(barsOf(a, { from: 1_000, to: 2_000, now: 2_000, width: 800 }).length).toBe(11)
})

test('every step has words, and refusals are told apart', () => {
  expect(
    words(seenAs([['A', 0, { step: 'outcome', type: 'rejected', status: 401, ms: 12.4 }]])[0]?.record as TraceRecord),
  ).toEqual({
    kind: 'refresh',
    tone: 'bad',
    text: 'The server says: rejected 401 (12 ms)',
  })
  expect(
    words(seenAs([['A', 0, { step: 'failed', request: 4, why: 'unavailable' }]])[0]?.record as TraceRecord).text,
  ).toBe('Request 4 fails: unavailable')
})

test('facts: a fingerprint and the claims, never the token; another token has another fingerprint', async () => {
  const { tab, clock, browser } = createWorld()
  const auth = tab()
  await auth.signIn(ADA)
  const before = await readFacts(rigOf(auth))
  const { accessToken = '', refreshToken = '' } = browser.stored() ?? {}
  expect(before.access?.claims).toMatchObject({ email: ADA.email })
  expect(before.access?.fingerprint).toBe(fingerprint(accessToken ?? ''))
  for (const token of [accessToken, refreshToken]) expect(JSON.stringify(before)).not.toContain(token)
  await clock.advance(2_000)
  await auth.refresh()
  const after = await readFacts(rigOf(auth))
  expect(after.access?.fingerprint).not.toBe(before.access?.fingerprint)
  expect(after.refresh?.fingerprint).not.toBe(before.refresh?.fingerprint)
  expect(claimsOf('opaque')).toBeNull()
  expect(claimsOf('a.%%%.b')).toBeNull()
})

test('the report holds what happened, and neither a token nor the person', async () => {
  const { tab, clock, mock, browser } = createWorld()
  const auth = tab()
  const own = recorder('', null)
  const rig = rigOf(auth)
  if (rig) follow(own, rig)
  await auth.signIn(ADA)
  await clock.advance(2_000)
  await auth.refresh()
  await send(auth, mock)
  await until(() => own.seen().length > 10)
  const report = reportOf(auth.inspect(), own.seen(), own.tabs(), [])
  expect(JSON.parse(report)).toMatchObject({ inspection: { status: 'authenticated', version: 2 } })
  expect(report).toContain('"renewed"')
  const { accessToken, refreshToken } = browser.stored() ?? {}
  for (const secret of [accessToken, refreshToken, ADA.email, ADA.password]) expect(report).not.toContain(secret)
})

test('the usual mistakes are told, and a set-up that is right is not', () => {
  const right = { cookies: 'a=b', requests: 40, attached: true, refused: [], signedIn: true, engines: 1 }
  expect(judgeSetup(right)).toEqual([])
  const keys = (wrong: Partial<Parameters<typeof judgeSetup>[0]>) =>
    judgeSetup({ ...right, ...wrong }).map(({ key }) => key)
  expect(keys({ engines: 2 })).toEqual(['engines'])
  expect(keys({ cookies: 'x'.repeat(5_000) })).toEqual(['cookies'])
  expect(keys({ attached: false })).toEqual(['attach'])
  expect(keys({ attached: false, signedIn: false })).toEqual([])
})

test('a request that went past the kit and was refused is told, with its address and what to call', async () => {
  const { tab, mock } = createWorld()
  const auth = tab()
  await auth.signIn(ADA)
  await send(auth, mock)
  vi.stubGlobal('document', { cookie: '', baseURI: 'https://app.example.test/' })
  const rig = rigOf(auth) as Rig
  const entry = (name: string, responseStatus: number, initiatorType = 'fetch') =>
    ({ name, responseStatus, initiatorType }) as PerformanceResourceTiming
  const entries = [
    entry(`${mock.origin}/api/echo`, 401),
    entry('https://api.example.test/invoices?secret=1', 401, 'xmlhttprequest'),
    entry('https://api.example.test/fine', 200),
    entry('https://api.example.test/picture', 401, 'img'),
  ]
  const { getEntriesByType } = performance
  performance.getEntriesByType = () => entries
  const warnings = createWarnings(auth, rig)
  try {
    warnings.look()
    const past = () => warnings.list().filter(({ key }) => key.startsWith('past'))
    expect(past().map(({ text }) => text)).toEqual([
      expect.stringMatching(/^https:\/\/api\.example\.test\/invoices answered 401 .*attachAuth\(instance, auth\)/),
    ])
    await auth.signOut()
    warnings.look()
    expect(past()).toEqual([])
  } finally {
    warnings.close()
    performance.getEntriesByType = getEntriesByType
    vi.unstubAllGlobals()
  }
})
