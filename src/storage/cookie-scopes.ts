/** From where cookies reach this page. A page is told their names and values, not their scope. */
import { cookieAddress } from '../browser/cookies.ts'

export interface Scope {
  readonly path: string
  readonly domain: string | undefined
  readonly partitioned: boolean
}

/** Browsers take no notice of a leading dot, nor of case (RFC 6265 section 5.2.3). */
export const bare = (domain: string | undefined): string | undefined => domain?.replace(/^\./, '').toLowerCase()

/** Host-only and each parent domain, with each ancestor of the path (RFC 6265 sections 5.1.3 and 5.1.4), in either jar. */
export function scopesAround(): Scope[] {
  const [host, path] = cookieAddress()
  const domains = [undefined, ...host.split('.').map((_, index, labels) => labels.slice(index).join('.'))]
  // '/', '/a', '/a/', '/a/b' for '/a/b'.
  const paths = [...path].flatMap((char, index) =>
    char === '/' ? [path.slice(0, index), path.slice(0, index + 1)] : [],
  )
  return domains.flatMap((domain) =>
    [...new Set([...paths, path])]
      .filter(Boolean)
      .flatMap((each) => [false, true].map((partitioned) => ({ path: each, domain, partitioned }))),
  )
}
