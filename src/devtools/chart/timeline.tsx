import { type ReactNode, useMemo } from 'react'
import type { Seen, SeenTab } from '../record/seen.ts'
import { type Lane, type Link, lanesOf } from './lanes.ts'
import { barsOf, heightOf, LABEL, marksOf, REQUEST, SESSION, topOf, type Window, xOf } from './scale.ts'
import { useBox } from './use-box.ts'

export interface TimelineProps {
  readonly seen: readonly Seen[]
  readonly tabs: readonly SeenTab[]
  /** The time, in ms since 1970. */
  readonly now: number
  /** Where the drawing begins, if it stands still. Default: it ends with `now` and moves on. */
  readonly from?: number | undefined
  /** How much time (ms) is shown. */
  readonly span: number
  /** Names the drawing for who does not see it. */
  readonly label: string
}

const AXIS = 18
/** What is drawn above and below the visible part, in px. */
const MARGIN = 100

/** Lanes over time: one for each tab, in it a row for each request. Only what is in sight is drawn. */
export function Timeline({ seen, tabs, now, from, span, label }: TimelineProps): ReactNode {
  const [ref, view, measure] = useBox()
  const { width } = view
  const { lanes, links } = useMemo(() => lanesOf(seen, tabs), [seen, tabs])
  const start = from ?? now - span
  const window: Window = { from: start, to: start + span, now, width: Math.max(width, 1) }
  let height = 0
  const tops = new Map<string, number>()
  for (const lane of lanes) {
    tops.set(lane.tab.id, height)
    height += heightOf(lane)
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="timeline" aria-label={label} tabIndex={0} ref={ref} onScroll={measure}>
      {lanes.length === 0 && <p className="nothing">Nothing has happened yet.</p>}
      <svg width={width} height={height + AXIS} role="img" aria-label={summary(lanes, window)}>
        <Axis window={window} height={height} still={from !== undefined} />
        {lanes.map((lane, index) => {
          const top = tops.get(lane.tab.id) ?? 0
          if (top > view.top + view.height + MARGIN || top + heightOf(lane) < view.top - MARGIN) return null
          const first = Math.floor((view.top - MARGIN - top - LABEL - SESSION) / REQUEST)
          const last = Math.ceil((view.top + view.height + MARGIN - top) / REQUEST)
          return (
            <g key={lane.tab.id} transform={`translate(0 ${top})`}>
              {index > 0 && <line className="rule" x1={0} x2={width} y1={-2} y2={-2} />}
              <text className="name" x={2} y={13}>
                {nameOf(lane.tab, index)}
              </text>
              <Bars lane={lane} window={window} first={first} last={last} />
              <Marks lane={lane} window={window} />
            </g>
          )
        })}
        <Links links={links} tops={tops} window={window} />
      </svg>
    </section>
  )
}

/** What a tab is called: the name of its window, or its number. */
export function nameOf({ label, own }: SeenTab, index: number): string {
  return `${label || `Tab ${index + 1}`}${own ? ' (this one)' : ''}`
}

function Bars({ lane, window, first, last }: { lane: Lane; window: Window; first: number; last: number }): ReactNode {
  const bars = barsOf(lane, window, Math.max(first, 0), last)
  // The session's row is always drawn: it is the head of the lane.
  const head = first > 0 ? barsOf(lane, window, 0, 0) : []
  return [...head, ...bars].map(({ kind, row, tone, text, x, width }, index) => {
    const y = topOf(row)
    const [inset, tall] = shapes[kind]
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity of their own
      <rect key={index} className={`bar ${kind} ${tone}`} x={x} y={y + inset} width={width} height={tall} rx={1}>
        <title>{text}</title>
      </rect>
    )
  })
}

/** Where in its row a bar begins, and how tall it is: told apart by shape, not by colour alone. */
const shapes = {
  'lock-waiting': [7, 3],
  lock: [3, 11],
  attempt: [5, 7],
  waiting: [3, 2],
  sent: [2, 4],
  repeated: [1, 6],
} as const

function Marks({ lane, window }: { lane: Lane; window: Window }): ReactNode {
  return marksOf(lane, window).map(({ kind, row, x, tone, text }, index) => {
    const middle = topOf(row) + (row === 0 ? SESSION / 2 : REQUEST / 2)
    const key = `${kind} ${row} ${index}`
    const title = <title>{text}</title>
    if (kind === 'end')
      return tone === 'bad' ? (
        <path key={key} className="mark bad cross" d={`M${x - 3} ${middle - 3}l6 6m0 -6l-6 6`}>
          {title}
        </path>
      ) : (
        <circle key={key} className="mark good" cx={x} cy={middle} r={2.5}>
          {title}
        </circle>
      )
    if (kind === 'news')
      return (
        <line key={key} className="mark news" x1={x} x2={x} y1={middle - 4} y2={middle + 4}>
          {title}
        </line>
      )
    const shape = kind === 'asked' ? 'l4 -7h-8z' : kind === 'adopted' ? 'm0 -4l5 5l-5 5l-5 -5z' : 'v-8h9l-3 3l3 3h-9'
    return (
      <path
        key={key}
        className={`mark ${kind} ${tone}`}
        d={`M${x} ${kind === 'adopted' ? middle - 1 : middle + 2}${shape}`}
      >
        {title}
      </path>
    )
  })
}

function Links({
  links,
  tops,
  window,
}: {
  links: readonly Link[]
  tops: Map<string, number>
  window: Window
}): ReactNode {
  const middle = (id: string) => (tops.get(id) ?? 0) + LABEL + SESSION / 2
  const drawn = new Set<string>()
  return links.map(({ from, at, to, heardAt }) => {
    if (at < window.from || heardAt > window.to || !tops.has(from) || !tops.has(to)) return null
    const d = `M${xOf(at, window).toFixed()} ${middle(from)}L${xOf(heardAt, window).toFixed()} ${middle(to)}`
    if (drawn.has(d)) return null
    drawn.add(d)
    return <path key={d} className="link" d={d} />
  })
}

const STEPS = 5

/** What has passed since the left edge where it stands still, else how long ago it was. */
function Axis({ window, height, still }: { window: Window; height: number; still: boolean }): ReactNode {
  const step = (window.to - window.from) / STEPS
  const present = still ? xOf(window.now, window) : window.width
  return (
    <>
      {Array.from({ length: STEPS }, (_, index) => {
        const x = (index * window.width) / STEPS
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines stand still
          <g key={index}>
            <line className="grid" x1={x} x2={x} y1={0} y2={height} />
            <text className="time" x={x + 3} y={height + 13}>
              {still ? `+${ago(step * index)}` : `−${ago(step * (STEPS - index))}`}
            </text>
          </g>
        )
      })}
      {present < window.width && <line className="present" x1={present} x2={present} y1={0} y2={height} />}
    </>
  )
}

const ago = (ms: number): string =>
  ms >= 120_000 ? `${Math.round(ms / 60_000)} min` : `${Number((ms / 1_000).toFixed(1))} s`

function summary(lanes: readonly Lane[], { from, to }: Window): string {
  const within = (at: number) => at >= from && at <= to
  const spans = lanes.flatMap((lane) => lane.spans).filter((each) => within(each.from))
  const attempts = spans.filter(({ kind }) => kind === 'attempt').length
  const repeated = spans.filter(({ kind }) => kind === 'repeated').length
  return `${lanes.length} tabs; in sight: ${attempts} refresh attempts, ${repeated} repeated requests`
}
