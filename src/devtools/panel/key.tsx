import type { ReactNode } from 'react'

export function Key(): ReactNode {
  return (
    <svg width={18} height={18} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M16 7a9 9 0 1 1-8.5 6" fill="none" stroke="currentColor" strokeWidth={4} strokeLinecap="round" />
      <circle cx={16} cy={16} r={4} fill="currentColor" />
    </svg>
  )
}
