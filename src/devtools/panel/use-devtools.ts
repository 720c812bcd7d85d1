import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { AuthInspection, AuthState } from '../../core/types.ts'
import { createFaults, type Faults } from '../break/faults.ts'
import { readFacts, type TokenFacts } from '../record/facts.ts'
import { type AnyAuth, rigOf } from '../record/find-rig.ts'
import { createRecorder, follow, type Recorder } from '../record/recorder.ts'
import { channelName } from '../record/tabs-channel.ts'
import { createWarnings, type Warnings } from '../record/warnings.ts'

/** How often (ms) the clock and the engine are looked at. */
const TICK = 250

export interface Watched {
  readonly auth: AnyAuth
  readonly recorder: Recorder
  readonly warnings: Warnings
  /** null with a production build of the kit. */
  readonly faults: Faults | null
}

/** Starts to watch an `auth`; null until it has begun. */
export function useWatched(auth: AnyAuth): Watched | null {
  const [watched, setWatched] = useState<Watched | null>(null)
  useEffect(() => {
    const rig = rigOf(auth)
    const { key } = rig?.options.storage ?? {}
    const recorder = createRecorder({ channel: key ? channelName(key) : null })
    const warnings = createWarnings(auth, rig)
    const faults = rig && createFaults(rig, () => auth.inspect().version)
    const stop = rig ? follow(recorder, rig) : () => {}
    setWatched({ auth, recorder, warnings, faults })
    return () => {
      stop()
      faults?.clear()
      warnings.close()
      recorder.close()
    }
  }, [auth])
  return watched
}

/** The time, in steps. It stands still while the page is hidden, or `still`. */
export function useNow(still = false): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (still) return
    const timer = setInterval(() => {
      if (!document.hidden) setNow(Date.now())
    }, TICK)
    return () => clearInterval(timer)
  }, [still])
  return now
}

export const useAuthState = (auth: AnyAuth): AuthState =>
  useSyncExternalStore(auth.subscribe, auth.getState, auth.getState)

export interface Inspected {
  readonly inspection: AuthInspection
  readonly facts: TokenFacts
  /** By the engine's clock, for its times. */
  readonly now: number
}

/** What the engine tells of itself, and what may be shown of its tokens. */
export function useInspected(auth: AnyAuth, now: number): Inspected {
  const rig = useMemo(() => rigOf(auth), [auth])
  const [facts, setFacts] = useState<TokenFacts>({ access: null, refresh: null })
  const inspection = auth.inspect()
  const { version, sessionId } = inspection
  // biome-ignore lint/correctness/useExhaustiveDependencies: other tokens have another version
  useEffect(() => {
    let over = false
    readFacts(rig).then(
      (found) => over || setFacts(found),
      () => {},
    )
    return () => {
      over = true
    }
  }, [rig, version, sessionId])
  return { inspection, facts, now: rig ? now + rig.ports.clock.now() - Date.now() : now }
}

/** Everything that is recorded, and every tab. */
export function useRecords(recorder: Recorder): Pick<Recorder, 'seen' | 'tabs'> {
  useSyncExternalStore(recorder.subscribe, recorder.seen, recorder.seen)
  return recorder
}

/** Renders again when asked to: for what has no event. */
export function useAgain(): () => void {
  const [, set] = useState(0)
  return useCallback(() => set((count) => count + 1), [])
}
