import { baseUrl } from '../browser/page.ts'

/** The page that an address leads to, as text to compare: its path, and the route of a hash router. */
function pageOf({ pathname, hash }: URL): string {
  const route = /^#!?(\/[^?#]*)/.exec(hash)?.[1] ?? ''
  const name = pathname.replace(/\/+$/, '') + route.replace(/\/+$/, '')
  return name.replace(/%[2-7][\da-f]/gi, decodeURIComponent).toLowerCase()
}

/**
 * The sign-in page as seen from `here`: null if this is it, however the two are written (percent-encoded or not, in
 * another case, with a slash at the end; `loose`: also below a basename that only the router knows). Else where it is,
 * without an origin if it is of this one.
 */
export function wayTo(signIn: string, here: string, loose: boolean): string | null {
  const [from, to] = [here, signIn].map((address) => new URL(address, baseUrl())) as [URL, URL]
  if (from.origin !== to.origin) return to.href
  const [page, wanted] = [pageOf(from), pageOf(to)]
  return page === wanted || (loose && wanted && page.endsWith(wanted))
    ? null
    : signIn.replace(/^(\w+:)?\/\/[^/?#]*/, '')
}
