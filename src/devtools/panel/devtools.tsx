import { type ReactNode, type Ref, useEffect, useRef, useState } from 'react'
import type { AnyAuth } from '../record/find-rig.ts'
import { Key } from './key.tsx'
import { Panel } from './panel.tsx'
import { Status } from './status.tsx'
import { useNow, useWatched } from './use-devtools.ts'

/** The button in the corner, and the panel. */
export function Devtools({ auth, initialOpen }: { auth: AnyAuth; initialOpen: boolean }): ReactNode {
  const watched = useWatched(auth)
  const [open, setOpen] = useState(initialOpen)
  const launcher = useRef<HTMLButtonElement>(null)
  const opened = useRef(false)
  useEffect(() => {
    if (!open && opened.current) launcher.current?.focus()
    opened.current = open
  }, [open])
  if (!watched) return null
  if (open) return <Panel watched={watched} close={() => setOpen(false)} />
  return <Launcher auth={auth} button={launcher} open={() => setOpen(true)} />
}

interface LauncherProps {
  readonly auth: AnyAuth
  readonly button: Ref<HTMLButtonElement>
  readonly open: () => void
}

function Launcher({ auth, button, open }: LauncherProps): ReactNode {
  const now = useNow()
  return (
    <button type="button" className="launcher" ref={button} aria-expanded={false} onClick={open}>
      <Key />
      <span className="hidden">Open the Keyturn devtools. </span>
      <Status auth={auth} now={now} />
    </button>
  )
}
