import type { Lane, Mark, Span } from './lanes.ts'

/** The part of time that is shown. */
export interface Window {
  readonly from: number
  readonly to: number
  /** How far what goes on has come. */
  readonly now: number
  /** In px. */
  readonly width: number
}

/** Heights in px: the line with a tab's name, its session's row, and the row of a request. */
export const LABEL = 18
export const SESSION = 18
export const REQUEST = 8
export const GAP = 8

export const heightOf = ({ rows }: Pick<Lane, 'rows'>): number => LABEL + SESSION + (rows - 1) * REQUEST + GAP

/** Where a row begins within its lane. */
export const topOf = (row: number): number => LABEL + (row === 0 ? 0 : SESSION + (row - 1) * REQUEST)

/** A time in px from the left edge. */
export const xOf = (time: number, { from, to, width }: Pick<Window, 'from' | 'to' | 'width'>): number =>
  ((time - from) / (to - from)) * width

export interface Bar extends Pick<Span, 'kind' | 'row' | 'tone' | 'text'> {
  readonly x: number
  readonly width: number
}

/** Bars that are nearer than this (px) are drawn as one, so that there are never more of them than there are pixels. */
const APART = 1
/** The shortest (px) that can still be seen. */
const SHORTEST = 2

/** The bars of a lane within a window, between two rows. What goes on ends now. */
export function barsOf({ spans }: Lane, window: Window, first = 0, last: number = Infinity): Bar[] {
  const bars: Bar[] = []
  const ends = new Map<string, { readonly index: number; readonly end: number }>()
  for (const { kind, row, from, to, tone, text } of spans) {
    if (row < first || row > last || from > window.to || (to ?? window.now) < window.from) continue
    const x = Math.max(xOf(from, window), 0)
    const end = Math.min(Math.max(xOf(to ?? window.now, window), x + SHORTEST), window.width)
    const key = `${row} ${kind} ${tone}`
    const before = ends.get(key)
    const joined = before && x - before.end < APART && to !== null
    if (joined) {
      const bar = bars[before.index] as Bar
      bars[before.index] = { ...bar, width: Math.max(end, before.end) - bar.x }
      ends.set(key, { index: before.index, end: Math.max(end, before.end) })
      continue
    }
    ends.set(key, { index: bars.length, end })
    bars.push({ kind, row, tone, text, x, width: Math.max(end - x, 0) })
  }
  return bars
}

/** The marks of a lane within a window, no two of a kind on the same pixel of a row. */
export function marksOf({ marks }: Lane, window: Window): (Mark & { readonly x: number })[] {
  const taken = new Set<string>()
  const shown: (Mark & { readonly x: number })[] = []
  for (const mark of marks) {
    if (mark.at < window.from || mark.at > window.to) continue
    const x = xOf(mark.at, window)
    const key = `${mark.row} ${mark.kind} ${Math.round(x)}`
    if (taken.has(key)) continue
    taken.add(key)
    shown.push({ ...mark, x })
  }
  return shown
}
