import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Tour } from './tour.tsx'
import '../styles/tour.css'

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <Tour />
    </StrictMode>,
  )
