/** An app that signs people in by redirect, under StrictMode, and has an idle limit. `?dpop` binds its tokens to a key. */
import { cookieStorage, createAuth, isAuthError } from 'keyturn'
import { createAuthFetch } from 'keyturn/fetch'
import { idleLimit } from 'keyturn/idle'
import { handleCallback, oauthBackend } from 'keyturn/oauth'
import { AuthProvider, useAuth } from 'keyturn/react'
import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'

const dpop = document.cookie.includes('dpop=yes')
const idle = idleLimit({ after: 30 * 60_000 })
const backend = oauthBackend({
  issuer: location.origin,
  clientId: 'app',
  scope: 'openid profile offline_access',
  params: { prompt: 'consent' },
  dpop,
})
const auth = createAuth({ backend, storage: cookieStorage(), renewWhile: idle.isActive })
const authFetch = createAuthFetch(auth, { proof: backend.proof })

const told: string[] = []
for (const name of ['storage_failed', 'diagnostic'] as const)
  auth.on(name, ({ error }) => void told.push(`${name}: ${error.message}`))
const warnings: (number | null)[] = []
idle.watch(auth, { onWarning: (left) => warnings.push(left) })

const app = {
  auth,
  backend,
  told,
  warnings,
  refreshed: 0,
  signIn: () => auth.signIn({ redirect: '/callback', returnTo: '/?there' }).catch(({ code }) => void told.push(code)),
  /** The status of the API's answer. */
  me: async () => (await authFetch('/me')).status,
}
auth.on('refreshed', () => {
  app.refreshed++
})
declare global {
  interface Window {
    waysIn: typeof app
  }
}
window.waysIn = app

function Callback({ done }: { readonly done: (path: string) => void }) {
  const [problem, setProblem] = useState('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as an app would
  useEffect(() => {
    handleCallback(auth).then(
      (back) => done(back?.returnTo ?? '/'),
      (error) => setProblem(isAuthError(error) ? `${error.code} ${error.serverCode ?? ''}` : 'a bug'),
    )
  }, [])
  return <output>{problem || 'one moment'}</output>
}

function App() {
  const [path, setPath] = useState(location.pathname)
  const view = useAuth<{ name: string }>()
  const done = (to: string) => {
    history.replaceState(null, '', to)
    setPath(location.pathname)
  }
  if (path === '/callback') return <Callback done={done} />
  if (view.status === 'unauthenticated') return <output>{`nobody ${view.reason}`}</output>
  return <output>{view.status === 'authenticated' ? view.user.name : 'loading'}</output>
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <AuthProvider auth={auth}>
      <App />
    </AuthProvider>
  </StrictMode>,
)
