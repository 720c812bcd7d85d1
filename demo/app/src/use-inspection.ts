import type { AuthInspection } from 'keyturn'
import { useAuthEvent } from 'keyturn/react'
import { useCallback, useEffect, useState } from 'react'
import { auth } from './auth.ts'

export interface Inspected extends AuthInspection {
  /** When this was seen, in ms since 1970. */
  readonly now: number
}

const look = (): Inspected => ({ ...auth.inspect(), now: Date.now() })

/** Looks into the engine once a second while the page is visible, and at every event. */
export function useInspection(): Inspected {
  const [seen, setSeen] = useState(look)
  const again = useCallback(() => setSeen(look()), [])
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) again()
    }, 1000)
    document.addEventListener('visibilitychange', again)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', again)
    }
  }, [again])
  // A little later, when the engine is through with what it reports.
  const soon = () => void setTimeout(again, 50)
  useAuthEvent('refreshed', soon)
  useAuthEvent('refresh_failed', soon)
  return seen
}
