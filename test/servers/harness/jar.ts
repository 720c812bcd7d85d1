/** A cookie as a server set it. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  /** In lower case: `httponly`, `samesite`, `path`, `max-age`, `expires`, `domain`, `secure`. */
  readonly attributes: Readonly<Record<string, string>>
}

/** The cookies of one client. Knows paths, `Max-Age=0` and `Expires`; not domains, for there is one host. */
export interface Jar {
  readonly take: (headers: Headers) => void
  /** The `Cookie` header for a path, or null. */
  readonly header: (path: string) => string | null
  readonly get: (name: string) => string | null
  readonly all: () => readonly SetCookie[]
  /** A jar with the same cookies, which goes its own way. */
  readonly copy: () => Jar
  /** Without a path: as it was, or `/`. */
  readonly set: (name: string, value: string, path?: string) => void
  readonly delete: (name: string) => void
}

export function parseSetCookie(line: string): SetCookie {
  const [pair = '', ...rest] = line.split(/; */)
  const cut = pair.indexOf('=')
  const attributes = rest.map((part) => {
    const [name = '', value = ''] = part.split('=')
    return [name.toLowerCase(), value] as const
  })
  return { name: pair.slice(0, cut), value: pair.slice(cut + 1), attributes: Object.fromEntries(attributes) }
}

const isGone = ({ value, attributes }: SetCookie) =>
  value === '' || attributes['max-age'] === '0' || Date.parse(attributes.expires ?? '') < Date.now()

export function createJar(start: readonly SetCookie[] = []): Jar {
  const cookies = new Map(start.map((cookie) => [cookie.name, cookie]))
  return {
    take(headers) {
      for (const cookie of headers.getSetCookie().map(parseSetCookie)) {
        if (isGone(cookie)) cookies.delete(cookie.name)
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
    get: (name) => cookies.get(name)?.value ?? null,
    all: () => [...cookies.values()],
    copy: () => createJar([...cookies.values()]),
    set: (name, value, path) => {
      const attributes = path ? { path } : (cookies.get(name)?.attributes ?? { path: '/' })
      cookies.set(name, { name, value, attributes })
    },
    delete: (name) => {
      cookies.delete(name)
    },
  }
}
