import { AuthProvider } from 'keyturn/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { auth } from './auth.ts'
import { FeedProvider } from './feed.tsx'

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <AuthProvider auth={auth}>
        <FeedProvider>
          <App />
        </FeedProvider>
      </AuthProvider>
    </StrictMode>,
  )
}
