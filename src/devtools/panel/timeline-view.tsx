import { type ReactNode, useMemo, useState } from 'react'
import { Legend } from '../chart/legend.tsx'
import { nameOf, Timeline } from '../chart/timeline.tsx'
import { describe, type Kind } from '../record/describe.ts'
import type { Recorder } from '../record/recorder.ts'
import { RecordList } from './record-list.tsx'

const SPANS = [
  [10_000, '10 s'],
  [30_000, '30 s'],
  [120_000, '2 min'],
  [600_000, '10 min'],
] as const

const KINDS: readonly ('all' | Kind)[] = ['all', 'refresh', 'requests', 'tabs', 'session']

/** The chart and the list of what has happened, in all tabs. */
export function TimelineView({ records, now }: { records: Pick<Recorder, 'seen' | 'tabs'>; now: number }): ReactNode {
  const [span, setSpan] = useState(30_000)
  const [kind, setKind] = useState<'all' | Kind>('all')
  const [tab, setTab] = useState('all')
  const [words, setWords] = useState('')
  /** Set while it is paused: what there was then. */
  const [still, setStill] = useState<{ readonly seen: ReturnType<Recorder['seen']>; readonly now: number } | null>(null)
  const seen = still?.seen ?? records.seen()
  const tabs = records.tabs()
  const named = useMemo(() => {
    const speaking = tabs.filter(({ id }) => seen.some((each) => each.tab === id))
    return speaking.map((each, index) => ({ id: each.id, name: nameOf(each, index) }))
  }, [seen, tabs])
  const chosen = useMemo(() => (tab === 'all' ? seen : seen.filter((each) => each.tab === tab)), [seen, tab])
  const filtered = useMemo(() => {
    const wanted = words.toLowerCase()
    if (!wanted && kind === 'all') return chosen
    return chosen.filter(({ record }) => {
      const described = describe(record)
      return (kind === 'all' || described.kind === kind) && described.text.toLowerCase().includes(wanted)
    })
  }, [chosen, kind, words])

  return (
    <div className="split">
      <div className="chart">
        <div className="filters">
          <button
            type="button"
            className="tool"
            aria-pressed={!!still}
            onClick={() => setStill(still ? null : { seen, now })}
          >
            Pause
          </button>
          <label>
            Shows the last
            <select value={span} onChange={({ target }) => setSpan(Number(target.value))}>
              {SPANS.map(([ms, name]) => (
                <option key={ms} value={ms}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          {still && (
            <>
              <button
                type="button"
                className="tool"
                aria-label="Earlier"
                onClick={() => setStill({ ...still, now: still.now - span / 2 })}
              >
                ←
              </button>
              <button
                type="button"
                className="tool"
                aria-label="Later"
                onClick={() => setStill({ ...still, now: Math.min(still.now + span / 2, now) })}
              >
                →
              </button>
            </>
          )}
        </div>
        <Timeline seen={chosen} tabs={tabs} now={still?.now ?? now} span={span} label="Timeline" />
        <Legend />
      </div>
      <div className="log">
        <div className="filters">
          <input
            type="search"
            aria-label="Filter by words"
            placeholder="Filter"
            value={words}
            onChange={({ target }) => setWords(target.value)}
          />
          <select aria-label="Kind" value={kind} onChange={({ target }) => setKind(target.value as typeof kind)}>
            {KINDS.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
          {named.length > 1 && (
            <select aria-label="Tab" value={tab} onChange={({ target }) => setTab(target.value)}>
              <option value="all">all tabs</option>
              {named.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
          <span className="soft digits">{filtered.length.toLocaleString('en')}</span>
        </div>
        <RecordList
          seen={filtered}
          names={new Map(named.map(({ id, name }) => [id, name.replace(' (this one)', ' ●')]))}
        />
      </div>
    </div>
  )
}
