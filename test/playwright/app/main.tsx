/** An app with a sign-in form and a page for those who are signed in, as its suite of Playwright tests meets it. */
import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'
import { AuthProvider, useAuth } from 'keyturn/react'
import { type FormEvent, useRef, useState } from 'react'
import { createRoot } from 'react-dom/client'

interface Person {
  readonly email: string
}

const backend = restBackend({ baseUrl: '/api', toUser: (user) => user as Person })
const auth = createAuth({ backend, storage: cookieStorage({ prefix: 'notes-' }) })
const api = axios.create({ baseURL: '/api' })
attachAuth(api, auth)

function App() {
  const { status, user, signIn, signOut } = useAuth<Person>()
  const [said, setSaid] = useState('')
  const count = useRef(0)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    signIn({ email: String(fields.get('email')), password: String(fields.get('password')) }).catch(() =>
      setSaid('Wrong password.'),
    )
  }
  const send = async () => {
    const told = await api.get('/notes').then(
      ({ data }) => `${++count.current}: notes of ${data.owner}`,
      (error) => `Failed: ${error.message}`,
    )
    setSaid(told)
  }
  if (status === 'loading') return <p>One moment…</p>
  if (status === 'unauthenticated')
    return (
      <form onSubmit={submit}>
        <input name="email" aria-label="Email" />
        <input name="password" type="password" aria-label="Password" />
        <button type="submit">Sign in</button>
        <p role="status">{said}</p>
      </form>
    )
  return (
    <main>
      <h1>{user.email}</h1>
      <button type="button" onClick={() => void send()}>
        Read notes
      </button>
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
      <p role="status">{said}</p>
    </main>
  )
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <AuthProvider auth={auth}>
    <App />
  </AuthProvider>,
)
