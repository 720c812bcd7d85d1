/** An app whose every page is guarded, the sign-in page too. `window.guard` says how it routes. */
import { cookieStorage, createAuth, type PasswordCredentials, restBackend } from 'keyturn'
import { AuthProvider, RequireAuth, readReturnPath } from 'keyturn/react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter, HashRouter, MemoryRouter, useLocation, useNavigate } from 'react-router'

export interface Guard {
  /** `none`: each page is loaded by the browser. */
  readonly router: 'none' | 'browser' | 'hash' | 'memory'
  readonly redirectTo: string
  readonly basename?: string
}

const { router, redirectTo, basename } = window.guard
const auth = createAuth({
  backend: restBackend<unknown, PasswordCredentials>({ baseUrl: '/api' }),
  storage: cookieStorage(),
})

/** Where a routed app is, in the words of its router. */
let here = location.pathname + location.search
/** Goes somewhere by the app's own way. */
let go = (path: string): void => location.assign(path)

window.guarded = {
  auth,
  here: () => here,
  signIn: async (credentials) => {
    await auth.signIn(credentials)
    go(readReturnPath(here.replace(/^[^?#]*/, ''), '/home'))
  },
  go: (path) => go(path),
}

function Routed(): ReactNode {
  const navigate = useNavigate()
  const { pathname, search, hash } = useLocation()
  here = pathname + search + hash
  go = (path) => void navigate(path)
  return (
    <RequireAuth
      key={here}
      redirectTo={redirectTo}
      navigate={(path) => void navigate(path, { replace: true })}
      currentPath={here}
      fallback={<p>sign in</p>}
    >
      <p>secret of {here}</p>
    </RequireAuth>
  )
}

function App(): ReactNode {
  if (router === 'browser')
    return (
      <BrowserRouter {...(basename ? { basename } : {})}>
        <Routed />
      </BrowserRouter>
    )
  if (router === 'hash')
    return (
      <HashRouter>
        <Routed />
      </HashRouter>
    )
  if (router === 'memory')
    return (
      <MemoryRouter initialEntries={['/reports?y=1']}>
        <Routed />
      </MemoryRouter>
    )
  return (
    <RequireAuth redirectTo={redirectTo} fallback={<p>sign in</p>}>
      <p>secret of {here}</p>
    </RequireAuth>
  )
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <AuthProvider auth={auth}>
    <App />
  </AuthProvider>,
)

declare global {
  interface Window {
    guard: Guard
    guarded: {
      readonly auth: typeof auth
      readonly here: () => string
      readonly signIn: (credentials: PasswordCredentials) => Promise<void>
      readonly go: (path: string) => void
    }
  }
}
