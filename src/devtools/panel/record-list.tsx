import type { ReactNode } from 'react'
import { useBox } from '../chart/use-box.ts'
import { describe } from '../record/describe.ts'
import type { Seen } from '../record/seen.ts'
import { moment } from './format.ts'

/** The height of a row in px, as the styles have it. */
const ROW = 24
/** How many rows are drawn beyond the edges. */
const BEYOND = 8

/** Records, newest first. Only those in sight are in the document. */
export function RecordList({ seen, names }: { seen: readonly Seen[]; names: ReadonlyMap<string, string> }): ReactNode {
  const [ref, view, measure] = useBox()
  const first = Math.max(Math.floor(view.top / ROW) - BEYOND, 0)
  const last = Math.min(Math.ceil((view.top + view.height) / ROW) + BEYOND, seen.length)
  const rows: ReactNode[] = []
  for (let at = first; at < last; at++) {
    const { tab, n, time, record } = seen[seen.length - 1 - at] as Seen
    const { tone, text } = describe(record)
    rows.push(
      <li
        key={`${tab} ${n}`}
        className={`row ${tone}`}
        style={{ top: at * ROW }}
        aria-setsize={seen.length}
        aria-posinset={at + 1}
      >
        <time>{moment(time)}</time>
        <span className="tab">{names.get(tab) ?? tab}</span>
        <span className="what" title={text}>
          {text}
        </span>
      </li>,
    )
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="rows" aria-label="Records, newest first" tabIndex={0} ref={ref} onScroll={measure}>
      <ol className="sizer" style={{ height: seen.length * ROW }}>
        {rows}
      </ol>
    </section>
  )
}
