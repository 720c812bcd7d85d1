import type { PasswordCredentials } from 'keyturn'
import { type FormEvent, useId, useRef, useState } from 'react'

const accounts = [
  { name: 'Ada', email: 'ada@example.test', password: 'correct-horse' },
  { name: 'Grace', email: 'grace@example.test', password: 'battery-staple' },
] as const

interface SignInFormProps {
  /** Resolves with what to tell the person, or null when all went well. */
  readonly onSubmit: (credentials: PasswordCredentials) => Promise<string | null>
}

export function SignInForm({ onSubmit }: SignInFormProps) {
  const id = useId()
  const passwordField = useRef<HTMLInputElement>(null)
  const [email, setEmail] = useState<string>(accounts[0].email)
  const [password, setPassword] = useState<string>(accounts[0].password)
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setFailure(null)
    const words = await onSubmit({ email, password })
    setBusy(false)
    setFailure(words)
    if (words) passwordField.current?.select()
  }

  return (
    <>
      <form onSubmit={(event) => void submit(event)}>
        <div className="field">
          <label htmlFor={`${id}email`}>Email</label>
          <input
            id={`${id}email`}
            type="email"
            value={email}
            required
            autoComplete="username"
            onChange={(event) => setEmail(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor={`${id}password`}>Password</label>
          <input
            id={`${id}password`}
            ref={passwordField}
            type="password"
            value={password}
            required
            autoComplete="current-password"
            aria-invalid={failure !== null}
            aria-describedby={failure === null ? undefined : `${id}failure`}
            onChange={(event) => setPassword(event.target.value)}
          />
        </div>
        {failure && (
          <p id={`${id}failure`} className="notice bad" role="alert">
            {failure}
          </p>
        )}
        <button type="submit" className="button main wide" aria-disabled={busy || undefined}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <div className="accounts">
        <p className="hint">Two demo accounts are ready:</p>
        {accounts.map((account) => (
          <button
            key={account.email}
            type="button"
            className="button quiet"
            onClick={() => {
              setEmail(account.email)
              setPassword(account.password)
              setFailure(null)
            }}
          >
            <span>
              <span className="visually-hidden">Fill in </span>
              {account.name}
            </span>
            <code>
              {account.email} / {account.password}
            </code>
          </button>
        ))}
      </div>
    </>
  )
}
