import type { ReactNode } from 'react'
import type { TokenFact } from '../record/facts.ts'
import type { AnyAuth } from '../record/find-rig.ts'
import { moment, personOf, span } from './format.ts'
import { useAuthState, useInspected } from './use-devtools.ts'

/** Who is signed in, with what, and what comes next. */
export function SessionView({ auth, now: pageNow }: { auth: AnyAuth; now: number }): ReactNode {
  const state = useAuthState(auth)
  const { inspection, facts, now } = useInspected(auth, pageNow)
  const { receivedAt, expiresAt, nextRefreshAt, lastRefreshAt, lastRefreshBy, lastError, failures, skew } = inspection
  const reason = state.status === 'unauthenticated' ? ` (${state.reason.replaceAll('_', ' ')})` : ''
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="session" aria-label="Session" tabIndex={0}>
      <div>
        <h2>Session</h2>
        <dl className="facts">
          <Fact name="Status">{state.status + reason}</Fact>
          <Fact name="Person">{state.user ? personOf(state.user) : 'nobody'}</Fact>
          <Fact name="Back end">{inspection.backend ?? 'none'}</Fact>
          <Fact name="Session">
            <code>{inspection.sessionId?.slice(0, 12) ?? '–'}</code>, renewed {inspection.version} times
          </Fact>
          <Fact name="Stored">{inspection.persisted ? 'yes' : 'no: in this tab’s memory only'}</Fact>
          <Fact name="Lock">{inspection.lock}</Fact>
        </dl>
      </div>
      <div>
        <h2>Time</h2>
        {receivedAt !== null && expiresAt !== null && (
          <Life from={receivedAt} to={expiresAt} due={nextRefreshAt} now={now} />
        )}
        <dl className="facts">
          <Fact name="Expires">{expiresAt === null ? 'unknown' : within(expiresAt - now)}</Fact>
          <Fact name={failures ? 'Next try' : 'Renewal'}>
            {nextRefreshAt === null || nextRefreshAt === Infinity ? 'none planned' : within(nextRefreshAt - now)}
          </Fact>
          <Fact name="Last renewal">
            {lastRefreshAt === null
              ? 'none yet'
              : `${span(now - lastRefreshAt)} ago, by ${lastRefreshBy?.replace('_', ' ')}`}
          </Fact>
          <Fact name="Server clock">
            {Math.abs(skew) < 1_000 ? 'as here' : `${span(Math.abs(skew))} ${skew > 0 ? 'ahead' : 'behind'}`}
          </Fact>
          <Fact name="Failures">{failures}</Fact>
        </dl>
        {lastError && (
          <p className="note bad">
            <code>{lastError.code}</code>: {lastError.message}
          </p>
        )}
      </div>
      <div>
        <h2>Tokens</h2>
        <dl className="facts">
          <Fact name="Access">{tokenWords(facts.access)}</Fact>
          <Fact name="Refresh">{tokenWords(facts.refresh)}</Fact>
          {Object.entries(facts.access?.claims ?? {}).map(([name, value]) => (
            <Fact key={name} name={name}>
              <code>{claim(name, value)}</code>
            </Fact>
          ))}
        </dl>
      </div>
    </section>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function Life({ from, to, due, now }: { from: number; to: number; due: number | null; now: number }): ReactNode {
  const share = (at: number) => `${Math.min(Math.max(((to - at) / Math.max(to - from, 1)) * 100, 0), 100)}%`
  return (
    <div className="life" aria-hidden="true">
      <span className="left" style={{ width: share(now) }} />
      {due !== null && due < to && <span className="due" style={{ left: share(due) }} />}
    </div>
  )
}

const within = (ms: number): string => (ms >= 0 ? `in ${span(ms)}` : `${span(-ms)} ago`)

const tokenWords = (fact: TokenFact | null): ReactNode =>
  fact ? (
    <>
      <code>#{fact.fingerprint}</code>, {fact.length} characters{fact.claims ? ', a JWT' : ''}
    </>
  ) : (
    'none that scripts see'
  )

/** Times in claims are seconds since 1970 (RFC 7519 section 2, NumericDate). */
function claim(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return ['iat', 'exp', 'nbf', 'auth_time'].includes(name) && typeof value === 'number'
    ? `${text} (${moment(value * 1_000).slice(0, 8)})`
    : text
}
