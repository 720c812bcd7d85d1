import auth from '../frame/auth.ts?raw'
import { Code } from '../parts/code.tsx'
import { Link } from '../parts/link.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { IS_STATIC } from '../router.ts'
import { stories } from '../stories/stories.ts'

/** What this is, in ten seconds, and the way in. */
export function FirstPage() {
  return (
    <div className="first">
      <div className="pitch">
        <PageTitle>Keyturn keeps people signed in.</PageTitle>
        <p className="lead">
          An auth kit for React and axios. Access tokens expire, refresh tokens rotate, tabs race and servers fail. The
          person in front of the screen notices none of it.
        </p>
        <Code name="install" text="npm install keyturn" />
        <Code name="auth.ts" text={auth} />
        <p className="go">
          <Link href={stories[0]?.path ?? '/'} className="button main">
            Break it yourself
          </Link>
          <span className="soft">
            Eleven stories. In each a button makes trouble at{' '}
            {IS_STATIC ? 'a server that runs in your browser, in a worker.' : 'a real server.'}
          </span>
        </p>
      </div>
      <ol className="cards">
        {stories.map(({ path, title, sentence }) => (
          <li key={path}>
            <Link href={path} className="card">
              <strong>{title}</strong>
              <span className="soft">{sentence}</span>
            </Link>
          </li>
        ))}
      </ol>
    </div>
  )
}
