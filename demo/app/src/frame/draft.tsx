import type { HeldRequests } from 'keyturn/axios'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Person } from '../shared/talk.ts'
import type { Desk } from './orders.ts'

interface DraftProps {
  readonly desk: Desk
  /** null on the side that holds nothing. */
  readonly held: HeldRequests | null
  readonly person: Person
  readonly signIn: (person: Person) => Promise<unknown>
}

/** Something half written. It is lost when the app takes it off the page. */
export function Draft({ desk, held, person, signIn }: DraftProps) {
  const [text, setText] = useState('Dear Grace, the engine')
  const [saved, setSaved] = useState(false)
  const latest = useRef(text)
  latest.current = text
  useEffect(() => {
    desk.note({ draft: 'kept' })
    const stop = desk.onSave(async () => {
      await desk.save(latest.current)
      setSaved(true)
    })
    return () => {
      stop()
      desk.note({ draft: 'lost' })
    }
  }, [desk])
  const waiting = useSyncExternalStore(held?.subscribe ?? never, held?.count ?? zero)
  return (
    <div className="draft">
      <label className="visually-hidden" htmlFor="draft">
        Letter
      </label>
      <textarea id="draft" rows={2} value={text} onChange={({ target }) => setText(target.value)} />
      {saved && <p className="good">Saved.</p>}
      {waiting > 0 && (
        <div className="again" role="dialog" aria-label="Sign in again">
          <p>Your session has ended. Your letter waits.</p>
          <button type="button" className="button main small" onClick={() => void signIn(person)}>
            Sign in again as {person.name}
          </button>
        </div>
      )}
    </div>
  )
}

const never = () => () => {}
const zero = () => 0
