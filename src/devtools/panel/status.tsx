import type { ReactNode } from 'react'
import type { AnyAuth } from '../record/find-rig.ts'
import { rigOf } from '../record/find-rig.ts'
import { span } from './format.ts'
import { useAuthState } from './use-devtools.ts'

/** Whether somebody is signed in, and how long it is until something happens. */
export function Status({ auth, now }: { auth: AnyAuth; now: number }): ReactNode {
  const state = useAuthState(auth)
  const { nextRefreshAt, refreshing, failures } = auth.inspect()
  const engineNow = now + (rigOf(auth)?.ports.clock.now() ?? Date.now()) - Date.now()
  const trouble = !!state.problem || failures > 0
  const tone = trouble ? 'bad' : state.status === 'authenticated' ? 'good' : ''
  return (
    <span className="status">
      <span className={`dot ${tone} ${refreshing ? 'busy' : ''}`} aria-hidden="true" />
      <span>
        {words[state.status]}
        {trouble && ', with trouble'}
      </span>
      {state.status === 'authenticated' && (
        <span className="digits soft">{refreshing ? 'renewing…' : next(nextRefreshAt, engineNow)}</span>
      )}
    </span>
  )
}

const words = { loading: 'Restoring', authenticated: 'Signed in', unauthenticated: 'Signed out' } as const

const next = (at: number | null, now: number): string =>
  at === null || at === Infinity ? 'no renewal planned' : `renews in ${span(at - now)}`
