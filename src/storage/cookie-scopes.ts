/** From where cookies reach this page. A page is told their names and values, not their scope. */
import { cookieAddress } from '../browser/cookies.ts'

export interface Scope {
  readonly path: string
  readonly domain: string | undefined
  readonly partitioned: boolean
}

/** Browsers take no notice of a leading dot (RFC 6265 section 5.2.3). */
export const bare = (domain: string): string => domain.replace(/^\./, '').toLowerCase()

/** What keeps a cookie of this scope from reaching this page; null if nothing does, or nothing is known. */
export function outOfScope({ domain, path }: Scope): string | null {
  const page = cookieAddress()
  if (!page) return null
  if (domain && !`.${page.host}`.endsWith(`.${bare(domain)}`))
    return `its domain ${domain} is neither this page's host nor above it`
  const above = path.endsWith('/') ? path : `${path}/`
  return page.path === path || page.path.startsWith(above) ? null : `its path ${path} is not above this page's`
}

/** Host-only and each parent domain, with each ancestor of the path (RFC 6265 sections 5.1.3 and 5.1.4), in either jar. */
export function scopesAround(): Scope[] {
  const { host, path: here } = cookieAddress() ?? { host: '', path: '/' }
  const labels = host.split('.')
  const domains = [undefined, ...labels.map((_, index) => labels.slice(index).join('.'))]
  const steps = here.split('/')
  const paths = new Set(
    steps.flatMap((_, index) => [steps.slice(0, index + 1).join('/'), `${steps.slice(0, index).join('/')}/`]),
  )
  paths.delete('')
  return domains.flatMap((domain) =>
    [...paths].flatMap((path) => [false, true].map((partitioned) => ({ path, domain, partitioned }))),
  )
}
