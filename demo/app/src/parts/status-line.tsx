import { useAuth } from 'keyturn/react'
import { nameOf, type User } from '../user.ts'
import { signedOutWords } from '../words.ts'

/** Tells screen readers when the session changes; what it says can be seen elsewhere on the page. */
export function StatusLine() {
  const session = useAuth<User>()
  let words = 'Looking for your session.'
  if (session.status === 'unauthenticated') words = signedOutWords[session.reason]
  if (session.status === 'authenticated') words = `Signed in as ${nameOf(session.user)}.`
  if (session.problem) words += ' The server cannot be reached at the moment.'
  return (
    <p className="visually-hidden" role="status">
      {words}
    </p>
  )
}
