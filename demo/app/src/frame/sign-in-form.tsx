import { isAuthError } from 'keyturn'
import { type FormEvent, useState } from 'react'
import type { Person } from '../shared/talk.ts'

interface SignInFormProps {
  readonly person: Person
  readonly signIn: (person: Person) => Promise<unknown>
}

/** For the app in a window of its own: whoever the server knows can sign in. */
export function SignInForm({ person, signIn }: SignInFormProps) {
  const [failure, setFailure] = useState('')
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    try {
      await signIn({ name: '', email: String(form.get('email')), password: String(form.get('password')) })
    } catch (error) {
      setFailure(isAuthError(error) ? error.message : 'That did not work.')
    }
  }
  return (
    <form className="sign-in" onSubmit={(event) => void submit(event)}>
      <div className="field">
        <label htmlFor="email">Email</label>
        <input id="email" name="email" type="email" required autoComplete="username" defaultValue={person.email} />
      </div>
      <div className="field">
        <label htmlFor="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          required
          autoComplete="current-password"
          defaultValue={person.password}
        />
      </div>
      {failure && (
        <p className="words" role="alert">
          {failure}
        </p>
      )}
      <button type="submit" className="button main">
        Sign in
      </button>
    </form>
  )
}
