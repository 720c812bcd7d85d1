/** Going to another site and coming back, as a page sees it. */

/** Leaves the page for another address, which Back leads back from. */
export function leaveFor(address: string): void {
  globalThis.location.assign(address)
}

/** Calls `run` if the page is shown again as it was left (back/forward cache). */
export function onReturn(run: () => void): void {
  globalThis.addEventListener('pageshow', (event) => {
    if (event.persisted) run()
  })
}

/** Shows another address of this origin for the page, without loading anything. */
export function showAddress(address: string): void {
  globalThis.history.replaceState(globalThis.history.state, '', address)
}

/** The tab's own storage; null where there is none. */
export function tabStore(): Storage | null {
  try {
    return globalThis.sessionStorage ?? null
  } catch {
    return null
  }
}
