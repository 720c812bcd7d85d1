/** Path, query and fragment of the page's address; null where there is no page, as on a server. */
export function currentPath(): string | null {
  const page: Location | undefined = globalThis.location
  return page ? page.pathname + page.search + page.hash : null
}

/** Goes to another address in place of this one, so that Back does not lead here again. */
export function goTo(path: string): void {
  globalThis.location.replace(path)
}

/** The page's address. */
export const currentUrl = (): string => globalThis.location.href

/** What the browser resolves relative URLs against: the page's address, or its `<base>`. Where there is no page, a stand-in. */
export const baseUrl = (): string => (typeof document === 'undefined' ? 'http://localhost' : document.baseURI)
