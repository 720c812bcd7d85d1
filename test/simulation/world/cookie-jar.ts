/** The cookies of one site in one browser, by the rules of RFC 6265bis as far as scripts can see them. */
export interface Cookie {
  readonly name: string
  readonly value: string
  /** In ms since 1970, device clock. */
  readonly expires: number
  readonly secure: boolean
}

export interface CookieJar {
  /** What `document.cookie` gives. */
  read(): string
  /** What assigning to `document.cookie` does. Refuses without a word, as browsers do. */
  write(line: string): void
  /** A copy that shares nothing. */
  copy(): CookieJar
  /** The value of one cookie; null if there is none. */
  get(name: string): string | null
  names(): readonly string[]
  /** As a person, or the browser, deletes it. */
  remove(name: string): void
  snapshot(): readonly Cookie[]
  restore(cookies: readonly Cookie[]): void
  /** `all`: cookies are switched off. `writes`: they are read, but nothing is taken. */
  blocked: 'no' | 'all' | 'writes'
}

export interface CookieJarOptions {
  /** The device's clock. */
  readonly now: () => number
  readonly https: boolean
  /** Called after each change that a page can see. `by`: what the page did, or else somebody. */
  readonly changed?: (name: string, value: string | null, by: 'page' | 'expiry' | 'outside') => void
}

const DAY = 86_400_000
/** Chromium's cap: no cookie lives longer. */
const LONGEST = 400 * DAY
/** Name and value together, in bytes (RFC 6265bis section 5.6). */
const LARGEST = 4096

export function createCookieJar(options: CookieJarOptions, first: readonly Cookie[] = []): CookieJar {
  const { now, https, changed = () => {} } = options
  const cookies = new Map<string, Cookie>(first.map((cookie) => [cookie.name, cookie]))

  const sweep = (): void => {
    for (const { name, expires } of cookies.values()) {
      if (expires > now()) continue
      cookies.delete(name)
      changed(name, null, 'expiry')
    }
  }
  const visible = (): Cookie[] => {
    sweep()
    return [...cookies.values()].filter(({ secure }) => https || !secure)
  }

  const jar: CookieJar = {
    blocked: 'no',
    read: () =>
      jar.blocked === 'all'
        ? ''
        : visible()
            .map(({ name, value }) => `${name}=${value}`)
            .join('; '),
    write(line) {
      sweep()
      const [pair = '', ...rest] = line.split(';')
      const at = pair.indexOf('=')
      const name = pair.slice(0, at).trim()
      const value = pair.slice(at + 1).trim()
      const attributes = new Map(
        rest.map((part) => {
          const [key = '', text = ''] = part.trim().split('=')
          return [key.toLowerCase(), text] as const
        }),
      )
      const secure = attributes.has('secure')
      const old = cookies.get(name)
      // "Leave secure cookies alone": a page on plain http can neither set nor overwrite one.
      if (jar.blocked !== 'no' || (!https && (secure || old?.secure)) || name.length + value.length > LARGEST) return
      const until = Date.parse(attributes.get('expires') ?? '')
      const expires = Math.min(Number.isNaN(until) ? now() + LONGEST : until, now() + LONGEST)
      if (expires > now()) cookies.set(name, { name, value, expires, secure })
      else cookies.delete(name)
      if (expires > now() || old) changed(name, expires > now() ? value : null, 'page')
    },
    copy: () => {
      const twin = createCookieJar({ now, https }, [...cookies.values()])
      twin.blocked = jar.blocked
      return twin
    },
    get: (name) => visible().find((cookie) => cookie.name === name)?.value ?? null,
    names: () => visible().map(({ name }) => name),
    remove(name) {
      if (cookies.delete(name)) changed(name, null, 'outside')
    },
    snapshot: () => visible(),
    restore(next) {
      for (const name of [...cookies.keys()]) jar.remove(name)
      for (const cookie of next) {
        cookies.set(cookie.name, cookie)
        changed(cookie.name, cookie.value, 'outside')
      }
    },
  }
  return jar
}
