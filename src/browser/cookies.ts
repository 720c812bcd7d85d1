/** What the page sees of its cookies: raw names and values, several of one name included. Empty where there is no page. */
export const rawCookies = (): string => (typeof document === 'undefined' ? '' : document.cookie)

/** By what cookies are chosen: the page's host and path; null where there is no page. */
export function cookieAddress(): { readonly host: string; readonly path: string } | null {
  // In simulations a document has cookies, and no address.
  const page: Location | undefined = typeof document === 'undefined' ? undefined : document.location
  return page ? { host: page.hostname, path: page.pathname } : null
}
