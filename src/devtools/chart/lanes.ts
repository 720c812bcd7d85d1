import { describe, type Tone, toneOf } from '../record/describe.ts'
import type { Seen, SeenTab } from '../record/seen.ts'

export type SpanKind = 'lock-waiting' | 'lock' | 'attempt' | 'waiting' | 'sent' | 'repeated'

/** Something that takes time. Row 0 of a lane is the tab's session; the others are requests. */
export interface Span {
  readonly kind: SpanKind
  readonly row: number
  readonly from: number
  /** null: it goes on. */
  to: number | null
  tone: Tone
  text: string
}

/** Something that happens at a moment. */
export interface Mark {
  readonly kind: 'asked' | 'adopted' | 'news' | 'session' | 'end'
  readonly row: number
  readonly at: number
  readonly tone: Tone
  readonly text: string
}

export interface Lane {
  readonly tab: SeenTab
  readonly spans: Span[]
  readonly marks: Mark[]
  rows: number
}

/** News from one tab to another. */
export interface Link {
  readonly from: string
  readonly at: number
  readonly to: string
  readonly heardAt: number
}

/** News that took longer (ms) than this is not linked with where it came from. */
const LINKED = 2_000

interface Drawing {
  readonly lane: Lane
  lock: Span | null
  attempt: Span | null
  /** The last span of each request under way. */
  readonly open: Map<number, Span>
  /** Which rows are taken. */
  readonly taken: Set<number>
}

/** What is drawn of the records: a lane for each tab, in it a row for each request that is under way. */
export function lanesOf(
  seen: readonly Seen[],
  tabs: readonly SeenTab[],
): { readonly lanes: readonly Lane[]; readonly links: readonly Link[] } {
  const drawings = new Map<string, Drawing>()
  const links: Link[] = []
  const told = new Map<string, { readonly tab: string; readonly at: number }>()
  const drawingOf = (id: string): Drawing => {
    const tab = tabs.find((each) => each.id === id) ?? { id, label: id, own: false }
    const lane: Lane = { tab, spans: [], marks: [], rows: 1 }
    const made = drawings.get(id) ?? { lane, lock: null, attempt: null, open: new Map(), taken: new Set() }
    drawings.set(id, made)
    return made
  }
  for (const each of seen) {
    const { record, time } = each
    draw(drawingOf(each.tab), each)
    if (record.step === 'announced') told.set(record.what, { tab: each.tab, at: time })
    if (record.step === 'heard') {
      const source = told.get(record.what)
      if (source && source.tab !== each.tab && time - source.at < LINKED)
        links.push({ from: source.tab, at: source.at, to: each.tab, heardAt: time })
    }
  }
  const order = (lane: Lane) => lane.tab.label || (lane.tab.own ? '' : '~')
  const lanes = [...drawings.values()].map(({ lane }) => lane)
  return { lanes: lanes.sort((one, other) => order(one).localeCompare(order(other))), links }
}

function draw(drawing: Drawing, { record, time }: Seen): void {
  const { lane, open, taken } = drawing
  const { tone, text } = describe(record)
  const span = (kind: SpanKind, row = 0): Span => {
    const made: Span = { kind, row, from: time, to: null, tone: 'plain', text }
    lane.spans.push(made)
    return made
  }
  const mark = (kind: Mark['kind'], row = 0) => void lane.marks.push({ kind, row, at: time, tone, text })
  const close = (each: Span | null | undefined) => {
    if (each) each.to = time
  }
  switch (record.step) {
    case 'asked':
      if (!record.joined) mark('asked')
      break
    case 'lock':
      close(drawing.lock)
      drawing.lock = record.state === 'waiting' ? span('lock-waiting') : record.state === 'held' ? span('lock') : null
      break
    case 'attempt':
      close(drawing.attempt)
      drawing.attempt = span('attempt')
      break
    case 'outcome':
      close(drawing.attempt)
      if (drawing.attempt) Object.assign(drawing.attempt, { tone: toneOf(record.type), text })
      drawing.attempt = null
      break
    case 'adopted':
      mark('adopted')
      break
    case 'announced':
    case 'heard':
      mark('news')
      break
    case 'signed_in':
    case 'signed_out':
      mark('session')
      break
    case 'saved':
      if (!record.ok) mark('session')
      break
    case 'request': {
      const before = open.get(record.request)
      close(before)
      const row = before?.row ?? firstFree(taken)
      taken.add(row)
      lane.rows = Math.max(lane.rows, row + 1)
      open.set(record.request, span(record.state, row))
      break
    }
    case 'answered':
    case 'failed': {
      const last = open.get(record.request)
      if (!last) break
      close(last)
      last.tone = tone
      open.delete(record.request)
      taken.delete(last.row)
      mark('end', last.row)
    }
  }
}

function firstFree(taken: ReadonlySet<number>): number {
  let row = 1
  while (taken.has(row)) row++
  return row
}
