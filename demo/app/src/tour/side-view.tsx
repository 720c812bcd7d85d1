import { useEffect, useState, useSyncExternalStore } from 'react'
import { Timeline } from '../../../../src/devtools/chart/timeline.tsx'
import { createRecorder, type Recorder } from '../../../../src/devtools/record/recorder.ts'
import { frameOf } from '../router.ts'
import { recordsOf, type Side, TABS } from '../shared/talk.ts'
import type { Check, Story } from '../stories/types.ts'

/** How often (ms) a timeline moves on, and what of the time before the button it shows. */
const TICK = 200
const LEAD = 150

export const SIDE_NAMES: Readonly<Record<Side, string>> = { keyturn: 'Keyturn', usual: 'The usual interceptor' }

interface SideViewProps {
  readonly side: Side
  readonly story: Story
  readonly run: number
  readonly since: number | null
  /** Whether this side is the one that is shown where there is room for one. */
  readonly chosen: boolean
  readonly checks: readonly Check[] | null
}

/** One side of the comparison: two tabs, what they do over time, and the verdict. */
export function SideView({ side, story, run, since, chosen, checks }: SideViewProps) {
  return (
    <section className={`side ${side} ${chosen ? 'chosen' : ''}`} aria-labelledby={`side-${side}`}>
      <h2 id={`side-${side}`}>{SIDE_NAMES[side]}</h2>
      <div className="frames">
        {TABS.map((tab) => (
          <div key={tab} className="tab">
            <p className="tab-name" aria-hidden="true">
              Tab {tab}
            </p>
            {run > 0 && (
              <iframe
                key={run}
                name={`${side} tab ${tab}`}
                title={`${SIDE_NAMES[side]}, tab ${tab}`}
                src={address(side, tab, story)}
              />
            )}
          </div>
        ))}
      </div>
      <LiveTimeline side={side} run={run} since={since} span={story.span * 1_000} />
      <ul className="checks" aria-label={`What has come of it: ${SIDE_NAMES[side]}`} aria-live="polite">
        {checks?.map(({ text, good }) => (
          <li key={text} className={good ? 'good' : 'bad'}>
            <span aria-hidden="true">{good ? '✓' : '✗'}</span>
            <span className="visually-hidden">{good ? 'Good: ' : 'Bad: '}</span>
            {text}
          </li>
        )) ?? <li className="soft">Press the button above.</li>}
      </ul>
    </section>
  )
}

function address(side: Side, tab: string, { polls = 'AB', kind = 'token' }: Story): string {
  return frameOf({ side, tab, kind, poll: polls, fresh: '1' })
}

/** What both tabs of a side do, as their devtools would tell it. From the press of the button on it stands still. */
function LiveTimeline({ side, run, since, span }: { side: Side; run: number; since: number | null; span: number }) {
  const [recorder, setRecorder] = useState<Recorder | null>(null)
  useEffect(() => {
    if (!run) return
    const made = createRecorder({ label: 'tour', channel: recordsOf(side) })
    setRecorder(made)
    return () => made.close()
  }, [side, run])
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK)
    return () => clearInterval(timer)
  }, [])
  const seen = useSyncExternalStore(recorder?.subscribe ?? nothing, recorder?.seen ?? empty)
  return (
    <Timeline
      seen={seen}
      tabs={recorder?.tabs() ?? NOBODY}
      now={now}
      from={since === null ? undefined : since - LEAD}
      span={span}
      label={`Timeline: ${SIDE_NAMES[side]}`}
    />
  )
}

const NOBODY: ReturnType<Recorder['tabs']> = []
const EMPTY: ReturnType<Recorder['seen']> = []
const nothing = () => () => {}
const empty = () => EMPTY
