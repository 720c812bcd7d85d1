import type { Counts } from '../shared/server.ts'
import type { Kind, Order, Report, Side } from '../shared/talk.ts'

/** What one side has come to since the button was pressed. */
export interface Facts {
  readonly counts: Counts
  readonly tabs: readonly Report[]
  readonly thief: boolean | null
}

/** A line of the verdict. */
export interface Check {
  readonly text: string
  readonly good: boolean
}

export interface Story {
  /** Its address. */
  readonly path: string
  readonly title: string
  /** The one sentence that it teaches. */
  readonly sentence: string
  /** What to watch for. */
  readonly watch: string
  readonly button: string
  /** Makes it happen. `tell` speaks to the frames of both sides. */
  readonly provoke: (tell: (order: Order) => void) => Promise<unknown>
  /** The verdict on a side. */
  readonly judge: (facts: Facts, side: Side) => readonly Check[]
  /** What the usual interceptor does, and why. */
  readonly usual: string
  /** What is otherwise where the server runs in the page. */
  readonly withoutServer?: string
  readonly code: readonly { readonly name: string; readonly text: string }[]
  /** Which tabs send a request now and then. Default: both. */
  readonly polls?: string
  readonly kind?: Kind
  /** How much time (s) the timelines show, from the press of the button on. */
  readonly span: number
}

export const signedIn = ({ tabs }: Facts): Check => {
  const inside = tabs.filter(({ status }) => status === 'in').length
  return { text: `${inside} of ${tabs.length} tabs signed in`, good: inside === tabs.length }
}

export const refreshes = ({ counts }: Facts, most: number): Check => ({
  text: `${counts.refreshes} ${counts.refreshes === 1 ? 'refresh' : 'refreshes'} at the server`,
  good: counts.refreshes <= most,
})

export const failed = ({ tabs }: Facts): Check => {
  const sum = tabs.reduce((total, report) => total + report.failed, 0)
  return { text: `${sum} ${sum === 1 ? 'request' : 'requests'} failed`, good: sum === 0 }
}

export const waited = ({ tabs }: Facts): Check => {
  const sum = tabs.reduce((total, report) => total + report.waited, 0)
  return { text: `${sum} ${sum === 1 ? 'request' : 'requests'} had to wait`, good: sum === 0 }
}
