/** Which cookie of the page is copied into which header. */
export interface CopiedCookie {
  readonly cookie: string
  readonly header: string
}

/** What the page sees of its cookies: raw names and values, several of one name included. Empty where there is no page. */
export const rawCookies = (): string => (typeof document === 'undefined' ? '' : document.cookie)

/** The value of a cookie of the page as a header, for the option `csrf`; no header where there is no such cookie. */
export function copyCookie({ cookie, header }: CopiedCookie): Readonly<Record<string, string>> {
  const pair = rawCookies()
    .split('; ')
    .find((text) => text.startsWith(`${cookie}=`))
  return pair ? { [header]: decodeURIComponent(pair.slice(cookie.length + 1)) } : {}
}

/** By what the browser chooses cookies: the page's host and path. In simulations a page has cookies, but no address. */
export const cookieAddress = (): [host: string, path: string] => {
  const page: Location | undefined = document.location
  return [page?.hostname ?? '', page?.pathname ?? '/']
}
