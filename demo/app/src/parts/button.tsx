import { type ComponentProps, useState } from 'react'

interface ButtonProps extends Omit<ComponentProps<'button'>, 'onClick'> {
  readonly kind?: 'main' | 'quiet'
  readonly onPress: () => unknown
}

/** A button that knows while its work is under way. It stays focusable meanwhile: `disabled` would drop the focus. */
export function Button({ kind = 'quiet', onPress, type = 'button', className = '', ...rest }: ButtonProps) {
  const [busy, setBusy] = useState(false)
  const press = async () => {
    if (busy) return
    setBusy(true)
    try {
      await onPress()
    } finally {
      setBusy(false)
    }
  }
  return (
    <button
      {...rest}
      type={type}
      className={`button ${kind} ${className}`}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={() => void press()}
    />
  )
}
