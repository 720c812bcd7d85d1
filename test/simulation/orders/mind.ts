/** What can be told of a tab's memory from outside, so that equal states are known for equal. */
import type { StoredSession, TraceRecord } from 'keyturn'
import { mix } from '../world/random.ts'
import type { SimTab } from '../world/tab.ts'

/**
 * A tab's code is a function of what comes in, and when. So where a tab is at work, its state is told by what it knew when
 * it was last at rest and all that has come in since; where it is at rest, by what it shows and these facts.
 */
export interface Mind {
  /** The last end that it has seen. */
  ending: string
  endingOrder: number
  /** The tokens that it holds, by their names in the timeline. */
  tokens: string
  /** Of which version a token was taken by the server, or refused though it was renewed. */
  accepted: string
  refused: string
  /** When something last came in. */
  last: number
  /** What has come in since it was at rest, and what it was then. */
  history: number
}

export const newMind = (): Mind => ({
  ending: '',
  endingOrder: -1,
  tokens: '',
  accepted: '',
  refused: '',
  last: 0,
  history: 0,
})

/** Something comes in: it is done with what storage holds now. */
export function takeIn(mind: Mind, what: string, storage: string, now: number): void {
  mind.history = mix(mind.history, what, storage, now - mind.last)
  mind.last = now
}

const note = (mind: Mind, order: number, text: string): void => {
  if (order < mind.endingOrder) return
  mind.ending = text
  mind.endingOrder = order
}

/** It has read storage. */
export function seen(mind: Mind, found: StoredSession | null): void {
  const { record } = found ?? {}
  if (record?.over) note(mind, record.order ?? 0, `${record.id} ${record.version} ${record.over}`)
}

/** @param names what storage holds, by the names of the timeline */
export function traced(mind: Mind, tab: SimTab, record: TraceRecord, names: () => string): void {
  const { session, version } = record
  switch (record.step) {
    case 'saved':
      if (record.ok) mind.tokens = names()
      break
    case 'looked':
      if (record.finding === 'newer' || record.finding === 'other') mind.tokens = names()
      break
    case 'signed_out':
      note(mind, mind.endingOrder, `${session} ${record.reason}`)
      break
    case 'answered':
      if (record.status < 400) mind.accepted = `${session} ${version}`
      else if (record.status === 401) mind.refused = `${session} ${version} ${tab.auth.inspect().failures}`
  }
}
