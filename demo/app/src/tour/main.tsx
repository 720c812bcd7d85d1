import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { IS_STATIC } from '../router.ts'
import { Tour } from './tour.tsx'
import '../styles/tour.css'

async function start(): Promise<void> {
  const root = document.getElementById('root')
  if (!root) return
  if (IS_STATIC) await (await import('../../../static/start-server.ts')).startServer()
  createRoot(root).render(
    <StrictMode>
      <Tour />
    </StrictMode>,
  )
}

start().catch((error: Error) => {
  document.body.append(error.message)
})
