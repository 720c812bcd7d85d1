/** A cookie as a server set it. */
export interface Cookie {
  readonly name: string
  readonly value: string
  /** By their names in lower case. */
  readonly attributes: Readonly<Record<string, string>>
}

/**
 * The cookies of one session. Knows paths and deletion. A cookie whose time is up stays, so that the server can be asked
 * what it makes of it; there is one host, so domains are not looked at.
 */
export interface Jar {
  take(headers: Headers): void
  /** The `Cookie` header for a path, or null. */
  header(path: string): string | null
  all(): readonly Cookie[]
  get(name: string): string | null
  /** A jar of its own with the cookies that `keep` gives back. */
  copy(keep?: (cookie: Cookie) => Cookie | null): Jar
}

function parse(line: string): Cookie {
  const [pair = '', ...rest] = line.split(/; */)
  const cut = pair.indexOf('=')
  const attributes = rest.map((part) => {
    const [name = '', value = ''] = part.split('=')
    return [name.toLowerCase(), value] as const
  })
  return { name: pair.slice(0, cut), value: pair.slice(cut + 1), attributes: Object.fromEntries(attributes) }
}

const isDeletion = ({ value, attributes }: Cookie) =>
  value === '' || Number(attributes['max-age'] ?? 1) <= 0 || Date.parse(attributes.expires ?? '') < Date.now()

export function createJar(start: readonly Cookie[] = []): Jar {
  const cookies = new Map(start.map((cookie) => [cookie.name, cookie]))
  return {
    take(headers) {
      for (const cookie of headers.getSetCookie().map(parse)) {
        if (isDeletion(cookie)) cookies.delete(cookie.name)
        else cookies.set(cookie.name, cookie)
      }
    },
    header(path) {
      const sent = [...cookies.values()].filter(({ attributes }) => {
        const scope = (attributes.path ?? '/').replace(/\/$/, '')
        return path === scope || path.startsWith(`${scope}/`)
      })
      return sent.map(({ name, value }) => `${name}=${value}`).join('; ') || null
    },
    all: () => [...cookies.values()],
    get: (name) => cookies.get(name)?.value ?? null,
    copy: (keep = (cookie) => cookie) =>
      createJar([...cookies.values()].map(keep).filter((cookie): cookie is Cookie => cookie !== null)),
  }
}

/** Name and attributes, without the value. */
export function describeCookie({ name, attributes }: Cookie): readonly [name: string, what: string] {
  const { httponly, secure, samesite, path, domain } = attributes
  const kept = attributes['max-age'] !== undefined || attributes.expires !== undefined
  const what = [
    httponly !== undefined && 'HttpOnly',
    secure !== undefined && 'Secure',
    samesite && `SameSite=${samesite}`,
    domain && `Domain=${domain}`,
    // A path may hold an id that is a secret.
    path && `Path=${path.replace(/[\w-]{20,}$/, '…')}`,
    kept ? 'kept' : 'session',
  ]
  return [name, what.filter(Boolean).join('; ')]
}
