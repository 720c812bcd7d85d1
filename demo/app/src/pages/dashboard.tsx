import { Activity } from '../parts/activity.tsx'
import { EventFeed } from '../parts/event-feed.tsx'
import { Header } from '../parts/header.tsx'
import { Lines } from '../parts/loading.tsx'
import { Logo } from '../parts/logo.tsx'
import { Notes } from '../parts/notes.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { Projects } from '../parts/projects.tsx'
import { SessionCard } from '../parts/session-card.tsx'
import { TroubleCard } from '../parts/trouble-card.tsx'
import { nameOf, type User } from '../user.ts'

export function Dashboard({ user }: { user: User }) {
  return (
    <div className="frame">
      <Header />
      <main id="main" tabIndex={-1}>
        <PageTitle>{`Good to see you, ${nameOf(user)}`}</PageTitle>
        <p className="lead">
          An app that stays signed in. The cards below load through plain axios and never notice how tokens come and go.
        </p>
        <div className="board">
          <SessionCard user={user} />
          <TroubleCard />
          <EventFeed />
          <div className="work">
            <Projects />
            <Activity />
            <Notes />
          </div>
        </div>
      </main>
    </div>
  )
}

/** The dashboard's outline, while a session is being restored. Shown instead of a sign-in form that would flash by. */
export function DashboardSkeleton() {
  return (
    <div className="frame">
      <header className="header">
        <Logo />
      </header>
      <main id="main" tabIndex={-1}>
        <h1>One moment</h1>
        <p className="lead">Your session is being restored.</p>
        <div className="board">
          {['Your session', 'Trouble', 'Events', 'Projects'].map((name) => (
            <div key={name} className="card">
              <Lines label={name} count={5} />
            </div>
          ))}
        </div>
      </main>
    </div>
  )
}
