import { type FormEvent, useId, useRef, useState } from 'react'
import { api } from '../auth.ts'
import { failureWords } from '../words.ts'
import { Card } from './card.tsx'

interface Note {
  readonly id: number
  readonly text: string
}

export function Notes() {
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [notes, setNotes] = useState<readonly Note[]>([])
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setFailure(null)
    try {
      const { data } = await api.post<{ note: Note }>('/notes', { text })
      setNotes((old) => [data.note, ...old])
      setText('')
      field.current?.focus()
    } catch (error) {
      // The text stays in the field: nothing typed is lost with a session or a server.
      setFailure(failureWords(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Card title="Notes">
      <form className="inline" onSubmit={(event) => void save(event)}>
        <div className="field grow">
          <label htmlFor={id}>New note</label>
          <input
            id={id}
            ref={field}
            value={text}
            required
            maxLength={200}
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <button type="submit" className="button main" aria-disabled={busy || undefined}>
          Save
        </button>
      </form>
      {failure && (
        <p className="notice bad" role="alert">
          The note was not saved. {failure}
        </p>
      )}
      <ul className="rows" aria-live="polite">
        {notes.map((note) => (
          <li key={note.id}>
            <span className="grow">{note.text}</span>
            <span className="hint">saved</span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
