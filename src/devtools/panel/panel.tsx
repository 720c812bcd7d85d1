import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { reportOf } from '../record/report.ts'
import { Actions } from './actions.tsx'
import { Key } from './key.tsx'
import { SessionView } from './session-view.tsx'
import { Status } from './status.tsx'
import { TimelineView } from './timeline-view.tsx'
import { useNow, useRecords, type Watched } from './use-devtools.ts'
import { WarningsView } from './warnings-view.tsx'

const VIEWS = ['Timeline', 'Session', 'Warnings'] as const
type View = (typeof VIEWS)[number]

/** How often (ms) the set-up is looked at for mistakes. */
const LOOK = 2_000

export function Panel({ watched, close }: { watched: Watched; close: () => void }): ReactNode {
  const { auth, recorder, warnings } = watched
  const [view, setView] = useState<View>('Timeline')
  const [said, say] = useState('')
  const panel = useRef<HTMLElement>(null)
  const now = useNow()
  const records = useRecords(recorder)
  const list = useSyncExternalStore(warnings.subscribe, warnings.list, warnings.list)
  useEffect(() => {
    warnings.look()
    const timer = setInterval(warnings.look, LOOK)
    return () => clearInterval(timer)
  }, [warnings])
  useEffect(() => panel.current?.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus(), [])

  const copy = async () => {
    const report = reportOf(auth.inspect(), records.seen(), records.tabs(), list)
    try {
      await navigator.clipboard.writeText(report)
      say('The report was copied. It holds no token and nobody’s data.')
    } catch {
      say('The browser did not allow to copy.')
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') close()
  }
  const turn = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const target = VIEWS[(VIEWS.indexOf(view) + step + VIEWS.length) % VIEWS.length] as View
    setView(target)
    panel.current?.querySelector<HTMLElement>(`#kt-tab-${target}`)?.focus()
  }

  return (
    <section className="panel" aria-label="Keyturn devtools" ref={panel} onKeyDown={onKeyDown}>
      <div className="head">
        <span className="brand">
          <Key /> Keyturn
        </span>
        <Status auth={auth} now={now} />
        <div className="tabs" role="tablist" aria-label="Views">
          {VIEWS.map((name) => (
            <button
              key={name}
              id={`kt-tab-${name}`}
              type="button"
              role="tab"
              aria-selected={view === name}
              aria-controls="kt-view"
              tabIndex={view === name ? 0 : -1}
              onKeyDown={turn}
              onClick={() => setView(name)}
            >
              {name}
              {name === 'Warnings' && list.length > 0 && (
                <>
                  {' '}
                  <span className="count">{list.length}</span>
                </>
              )}
            </button>
          ))}
        </div>
        <button type="button" className="tool push" onClick={() => void copy()}>
          Copy report
        </button>
        <button type="button" className="tool" onClick={close}>
          Close
        </button>
      </div>
      <Actions watched={watched} say={say} />
      <p className={said ? 'said' : 'hidden'} role="status">
        {said}
      </p>
      <div className="body" id="kt-view" role="tabpanel" aria-labelledby={`kt-tab-${view}`}>
        {view === 'Timeline' && <TimelineView records={records} now={now} />}
        {view === 'Session' && <SessionView auth={auth} now={now} />}
        {view === 'Warnings' && <WarningsView list={list} traced={watched.faults !== null} />}
      </div>
    </section>
  )
}
