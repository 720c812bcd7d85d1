import { useSyncExternalStore } from 'react'

const moved = new EventTarget()

/** As much of a router as the tour needs. */
export function navigate(path: string): void {
  history.pushState(null, '', path)
  scrollTo(0, 0)
  moved.dispatchEvent(new Event('move'))
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname)
}

function subscribe(listener: () => void): () => void {
  moved.addEventListener('move', listener)
  window.addEventListener('popstate', listener)
  return () => {
    moved.removeEventListener('move', listener)
    window.removeEventListener('popstate', listener)
  }
}
