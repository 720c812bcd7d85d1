/** From where cookies reach this page. A page is told their names and values, not their scope. */
import { cookieAddress } from '../browser/cookies.ts'

export interface Scope {
  readonly path: string
  /** Empty: this host only. */
  readonly domain: string
}

/** Browsers take no notice of a leading dot, nor of case (RFC 6265 section 5.2.3). */
export const bare = (domain: string): string => domain.replace(/^\./, '').toLowerCase()

/** Host-only and each parent domain, with each ancestor of the path (RFC 6265 sections 5.1.3 and 5.1.4). */
export function scopesAround(): Scope[] {
  const [host, page] = cookieAddress()
  const domains = ['', ...host.split('.').map((_, index, labels) => labels.slice(index).join('.'))]
  // For '/a/b': '/', '/a', '/a/', '/a/b'.
  const above = [...page].flatMap((char, index) =>
    char === '/' ? [page.slice(0, index), page.slice(0, index + 1)] : [],
  )
  const paths = [...new Set([...above, page])].filter(Boolean)
  return domains.flatMap((domain) => paths.map((path) => ({ path, domain })))
}
