import type { CookieSettings } from '../storage/cookie-options.ts'

/** A request, or what is known of it. Without `method` it counts as a GET. */
export type Incoming = Headers | { readonly headers: Headers; readonly method?: string; readonly url?: string }

/** Told by `get`: the headers of Next.js have a member `headers` as well. */
export const headersOf = (request: Incoming): Headers => ('get' in request ? request : request.headers)

/**
 * Whether a browser that has the session's cookies would have sent them with this request. Told by `Sec-Fetch-Site` and its
 * kin (W3C Fetch Metadata), which browsers send on https and on localhost. Where they are missing, by `Referer`: a page of
 * this host brings the cookies along. Where both are missing nothing is known.
 */
export function bringsCookies(request: Incoming, sameSite: CookieSettings['sameSite']): boolean {
  const headers = headersOf(request)
  const { method = 'GET' } = 'get' in request ? {} : request
  if (sameSite === 'none') return true
  const site = headers.get('Sec-Fetch-Site')
  if (site && site !== 'cross-site') return true
  if (!site && hostOf(headers.get('Referer')) === headers.get('Host') && headers.has('Host')) return true
  // RFC 6265bis section 5.8.3: Lax cookies come along when the person follows a link.
  return (
    sameSite === 'lax' &&
    /^(GET|HEAD)$/.test(method) &&
    headers.get('Sec-Fetch-Mode') !== 'cors' &&
    (headers.get('Sec-Fetch-Dest') ?? 'document') === 'document'
  )
}

const hostOf = (address: string | null): string | null =>
  address && URL.canParse(address) ? new URL(address).host : null
