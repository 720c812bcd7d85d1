/** What the page sees of its cookies: raw names and values, several of one name included. Empty where there is no page. */
export const rawCookies = (): string => (typeof document === 'undefined' ? '' : document.cookie)

/** By what the browser chooses cookies: the page's host and path. In simulations a page has cookies, but no address. */
export const cookieAddress = (): [host: string, path: string] => {
  const page: Location | undefined = document.location
  return [page?.hostname ?? '', page?.pathname ?? '/']
}
