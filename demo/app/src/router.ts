import { useSyncExternalStore } from 'react'

const moved = new EventTarget()

/** A static site has two files and no server that would know of other addresses: there the page stands behind a `#`. */
export const IS_STATIC = import.meta.env.MODE === 'static'

/** Where a page of the tour is. */
export const hrefOf = (path: string): string => (IS_STATIC ? `#${path}` : path)

/** Where the small app of the frames is. */
export const frameOf = (query: Readonly<Record<string, string>>): string =>
  `${import.meta.env.BASE_URL}frame.html?${new URLSearchParams(query)}`

/** As much of a router as the tour needs. */
export function navigate(path: string): void {
  history.pushState(null, '', hrefOf(path))
  scrollTo(0, 0)
  moved.dispatchEvent(new Event('move'))
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, currentPath)
}

const currentPath = (): string => (IS_STATIC ? location.hash.slice(1) || '/' : location.pathname)

function subscribe(listener: () => void): () => void {
  moved.addEventListener('move', listener)
  window.addEventListener('popstate', listener)
  return () => {
    moved.removeEventListener('move', listener)
    window.removeEventListener('popstate', listener)
  }
}
