import { type ReactNode, useId } from 'react'

interface SwitchProps {
  readonly label: string
  readonly hint: ReactNode
  readonly on: boolean
  readonly onChange: (on: boolean) => void
}

export function Switch({ label, hint, on, onChange }: SwitchProps) {
  const id = useId()
  return (
    <div className="option">
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={on}
        aria-describedby={id}
        onClick={() => onChange(!on)}
      >
        <span className="track" aria-hidden="true" />
        {label}
      </button>
      <p id={id} className="hint">
        {hint}
      </p>
    </div>
  )
}
