import { type ReactNode, useCallback, useState } from 'react'
import { createPortal } from 'react-dom'
import { Devtools } from './panel/devtools.tsx'
import { styleShadow } from './panel/styles.ts'
import type { AnyAuth } from './record/find-rig.ts'

export interface AuthDevtoolsProps {
  /** What `createAuth` returned. */
  readonly auth: AnyAuth
  /** Open at the start. Default: false. */
  readonly initialOpen?: boolean
}

/**
 * A panel that shows the session and what the engine does, in all tabs, and breaks it on purpose in this one. Put it once,
 * anywhere. It is drawn in a shadow root: the app's styles do not reach it, nor its own the app.
 *
 * It shows no token, only a fingerprint and the claims. Under any condition but `development` it is empty, and nothing of it
 * is in the bundle.
 */
export function AuthDevtools({ auth, initialOpen = false }: AuthDevtoolsProps): ReactNode {
  const [root, setRoot] = useState<ShadowRoot | null>(null)
  const attach = useCallback((host: HTMLElement | null) => {
    if (!host) return
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
    styleShadow(shadow)
    setRoot(shadow)
  }, [])
  return (
    <div ref={attach} data-keyturn-devtools="">
      {root && createPortal(<Devtools auth={auth} initialOpen={initialOpen} />, root)}
    </div>
  )
}
