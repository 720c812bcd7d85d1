import { isAuthError, type PasswordCredentials } from 'keyturn'
import { readReturnPath, useAuth } from 'keyturn/react'
import { useEffect } from 'react'
import { Logo } from '../parts/logo.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { SignInForm } from '../parts/sign-in-form.tsx'
import { navigate } from '../router.ts'
import type { User } from '../user.ts'
import { signedOutWords } from '../words.ts'

const promises = [
  ['One refresh', 'Twenty requests, three tabs, one expired token: the server sees a single refresh.'],
  ['No accidental sign-out', 'Offline, a 503 or a lost race ends no session. Only you or the server do.'],
  ['Out means out', 'Sign out once and every tab follows. Nothing brings the session back.'],
] as const

export function SignIn() {
  const session = useAuth<User, PasswordCredentials>()
  const { status } = session

  useEffect(() => {
    if (status !== 'authenticated') return
    const back = readReturnPath(location.search)
    navigate(back.startsWith('/sign-in') ? '/' : back)
  }, [status])

  if (status === 'authenticated') return null
  return (
    <div className="entrance">
      <header className="pitch">
        <Logo />
        <p className="motto">Keeps people signed in.</p>
        <ul>
          {promises.map(([name, words]) => (
            <li key={name}>
              <strong>{name}</strong>
              {words}
            </li>
          ))}
        </ul>
      </header>
      <main id="main" tabIndex={-1}>
        <PageTitle>Sign in</PageTitle>
        {session.status === 'unauthenticated' && session.reason !== 'none' && (
          <p className="notice">{signedOutWords[session.reason]}</p>
        )}
        {session.status === 'loading' ? (
          <p className="hint">One moment, your session is being restored.</p>
        ) : (
          <SignInForm
            onSubmit={(credentials) =>
              session.signIn(credentials).then(
                () => null,
                (error) =>
                  isAuthError(error) && error.code === 'credentials_rejected'
                    ? error.message
                    : 'The server is not answering. Please try again in a moment.',
              )
            }
          />
        )}
      </main>
    </div>
  )
}
