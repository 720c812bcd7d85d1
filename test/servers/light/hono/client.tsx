import { AuthProvider } from 'keyturn/react'
import { hydrateRoot } from 'react-dom/client'
import { App } from '../../rendering/app.tsx'
import { auth } from '../../rendering/auth.ts'

const state = JSON.parse(document.getElementById('state')?.textContent ?? 'null')
window.auth = auth
hydrateRoot(
  document.getElementById('root') as HTMLElement,
  <AuthProvider auth={auth} initialState={state}>
    <App />
  </AuthProvider>,
)
