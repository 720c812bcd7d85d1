import { useSyncExternalStore } from 'react'
import { PEOPLE } from '../shared/talk.ts'
import { Draft } from './draft.tsx'
import type { Desk, Frame } from './orders.ts'
import { SignInForm } from './sign-in-form.tsx'

/** A small app: who is signed in, and what became of its requests. */
export function FrameApp({ frame, desk }: { frame: Frame; desk: Desk }) {
  const { session, side } = frame
  const view = useSyncExternalStore(session.subscribe, session.view)
  const report = useSyncExternalStore(desk.subscribe, desk.report)
  const [first] = PEOPLE[side]
  const wrong = view.status === 'in' && report.answeredAs !== null && report.answeredAs !== view.name
  return (
    <main className="app" aria-label={`Tab ${frame.tab}, ${side}`}>
      <h1 className="visually-hidden">Tab {frame.tab}</h1>
      <p className="who">
        <span className={`avatar ${view.status}`} aria-hidden="true">
          {view.name?.charAt(0) ?? '–'}
        </span>
        <span>
          <strong>{view.name ?? 'Nobody'}</strong>
          <span className={`pill ${view.words || view.status === 'out' ? 'bad' : 'good'}`}>
            {view.status === 'in' ? 'signed in' : view.status === 'out' ? 'signed out' : 'one moment'}
          </span>
        </span>
      </p>
      {view.words && <p className="words">{view.words}</p>}
      {wrong && <p className="words">But the server answers {report.answeredAs}.</p>}
      {/* With held requests the page stays as it is; else the app goes to its sign-in page. */}
      {frame.form && view.status !== 'loading' && (frame.held || view.status === 'in') && (
        <Draft desk={desk} held={frame.held} person={first} signIn={session.signIn} />
      )}
      <p className="tally">
        <span className="good">{report.answered} answered</span>
        <span className={report.failed ? 'bad' : 'soft'}>{report.failed} failed</span>
      </p>
      {view.status === 'out' && frame.alone && <SignInForm person={first} signIn={session.signIn} />}
      {view.status === 'out' && !frame.alone && !frame.held && (
        <button type="button" className="button small" onClick={() => void session.signIn(first).catch(() => {})}>
          Sign in as {first.name}
        </button>
      )}
      {view.status !== 'out' && !frame.form && (
        <button type="button" className="button small" onClick={() => void desk.send()}>
          Send a request
        </button>
      )}
    </main>
  )
}
