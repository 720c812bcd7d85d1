import { useCallback, useEffect, useRef, useState } from 'react'
import { type Counts, NoSwitches, server, type Traffic } from '../shared/server.ts'
import { type Order, openTalk, type Report, SIDES, type Side, TABS, type Talk } from '../shared/talk.ts'
import type { Facts, Story } from '../stories/types.ts'

/** How often (ms) the server is asked what it has seen. */
const LOOK = 500

type Phase = 'setting up' | 'ready' | 'running' | 'done' | 'no switches' | 'no server'

export interface Stage {
  /** Another number each time the story begins anew: the frames are loaded again. 0: not yet. */
  readonly run: number
  readonly phase: Phase
  /** What has come of it since the button was pressed; null before. */
  readonly facts: Readonly<Record<Side, Facts>> | null
  /** When the button was pressed, in ms since 1970; null before. */
  readonly since: number | null
  readonly provoke: () => void
  readonly again: () => void
}

const none: Counts = { requests: 0, refused401: 0, refreshes: 0, refusedRefreshes: 0 }
const keyOf = ({ side, tab }: Pick<Report, 'side' | 'tab'>) => `${side} ${tab}`

/** Sets a story up, makes it happen, and gathers what comes of it, on both sides. */
export function useStage(story: Story): Stage {
  const [run, setRun] = useState(0)
  const [phase, setPhase] = useState<Phase>('setting up')
  const [reports, setReports] = useState<ReadonlyMap<string, Report>>(new Map())
  const [traffic, setTraffic] = useState<Traffic | null>(null)
  const [before, setBefore] = useState<{ traffic: Traffic; reports: typeof reports; at: number } | null>(null)
  const talk = useRef<Talk | null>(null)

  const begin = useCallback(async () => {
    setPhase('setting up')
    setBefore(null)
    setReports(new Map())
    setRun(0)
    try {
      await server.reset()
      setRun(Date.now())
    } catch (error) {
      setPhase(error instanceof NoSwitches ? 'no switches' : 'no server')
    }
  }, [])

  useEffect(() => {
    const opened = openTalk((message) => {
      if ('report' in message) setReports((old) => new Map(old).set(keyOf(message.report), message.report))
    })
    talk.current = opened
    void begin()
    return () => opened.close()
  }, [begin])

  // A frame that was there before the channel is asked.
  useEffect(() => {
    if (!run || phase !== 'setting up') return
    const timer = setInterval(() => talk.current?.post({ ask: true }), LOOK)
    return () => clearInterval(timer)
  }, [run, phase])

  const all = SIDES.flatMap((side) => TABS.map((tab) => reports.get(keyOf({ side, tab }))))
  const ready = all.every((report) => report?.status === 'in')
  useEffect(() => {
    if (run && phase === 'setting up' && ready) setPhase('ready')
  }, [run, phase, ready])

  useEffect(() => {
    if (phase !== 'running' && phase !== 'done') return
    const look = () => void server.traffic().then(setTraffic, () => {})
    const timer = setInterval(look, LOOK)
    return () => clearInterval(timer)
  }, [phase])

  const provoke = async () => {
    if (phase !== 'ready') return
    setPhase('running')
    try {
      const now = await server.traffic()
      setTraffic(now)
      setBefore({ traffic: now, reports, at: Date.now() })
      await story.provoke((order: Order) => talk.current?.post({ order }))
      setPhase('done')
    } catch {
      setPhase('no server')
    }
  }

  const factsOf = (side: Side): Facts => {
    const [now = none, then = none] = [traffic?.counts[side], before?.traffic.counts[side]]
    const tabs = TABS.map((tab) => reports.get(keyOf({ side, tab }))).filter((report) => !!report)
    return {
      counts: minus(now, then),
      thief: traffic?.thief[side] ?? null,
      tabs: tabs.map((report) => {
        const { answered = 0, failed = 0, waited = 0 } = before?.reports.get(keyOf(report)) ?? {}
        return {
          ...report,
          answered: report.answered - answered,
          failed: report.failed - failed,
          waited: report.waited - waited,
        }
      }),
    }
  }

  return {
    run,
    phase,
    facts: before && { keyturn: factsOf('keyturn'), usual: factsOf('usual') },
    since: before?.at ?? null,
    provoke: () => void provoke(),
    again: () => void begin(),
  }
}

const minus = (now: Counts, then: Counts): Counts => ({
  requests: now.requests - then.requests,
  refused401: now.refused401 - then.refused401,
  refreshes: now.refreshes - then.refreshes,
  refusedRefreshes: now.refusedRefreshes - then.refusedRefreshes,
})
