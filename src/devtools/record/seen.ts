import type { TraceRecord } from '../../core/ports.ts'

/** How many records devtools keep, of all tabs together. */
export const LIMIT = 10_000

/** A record of some tab. */
export interface Seen {
  readonly tab: string
  /** Counts the records of its tab. */
  readonly n: number
  /** By this device's own clock, in ms since 1970, even where the engine was given another one. */
  readonly time: number
  readonly record: TraceRecord
}

export interface SeenTab {
  readonly id: string
  readonly label: string
  /** This very tab. */
  readonly own: boolean
}

/** Puts records in order of time into a list that is in order already. Most belong at its end. */
export function insert(list: Seen[], added: readonly Seen[]): void {
  for (const each of added) {
    let at = list.length
    while (at > 0 && (list[at - 1] as Seen).time > each.time) at--
    list.splice(at, 0, each)
  }
  // In one go, and not for each record.
  if (list.length > LIMIT) list.splice(0, list.length - LIMIT)
}
