/** The cookies of one site in one browser, by the rules of RFC 6265bis as far as scripts can see them. */
export interface Cookie {
  readonly name: string
  readonly value: string
  /** In ms since 1970, device clock. */
  readonly expires: number
  readonly secure: boolean
  /** Absent: for the page's host alone. */
  readonly domain?: string
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
  /** The page's host. Its parent domain has two labels. */
  readonly host?: string
  /** Called after each change that a page can see. `by`: what the page did, or else somebody. */
  readonly changed?: (name: string, value: string | null, by: 'page' | 'expiry' | 'outside') => void
}

const DAY = 86_400_000
/** Chromium's cap: no cookie lives longer. */
const LONGEST = 400 * DAY
/** Name and value together, in bytes (RFC 6265bis section 5.6). */
const LARGEST = 4096

export function createCookieJar(options: CookieJarOptions, first: readonly Cookie[] = []): CookieJar {
  const { now, https, host = 'app.example.test', changed = () => {} } = options
  const keyOf = ({ name, domain = '' }: Pick<Cookie, 'name' | 'domain'>): string => `${name};${domain}`
  const cookies = new Map<string, Cookie>(first.map((cookie) => [keyOf(cookie), cookie]))

  const sweep = (): void => {
    for (const [key, { name, expires }] of cookies) {
      if (expires > now()) continue
      cookies.delete(key)
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
      const path = attributes.get('path') ?? '/'
      const asked = (attributes.get('domain') ?? '').replace(/^\./, '')
      // Not for other hosts, nor for a whole top-level domain; and the page is at '/'.
      if (path !== '/' || (asked && (!`.${host}`.endsWith(`.${asked}`) || !asked.includes('.')))) return
      const scope = asked ? { domain: asked } : {}
      const key = keyOf({ name, ...scope })
      const old = cookies.get(key)
      // "Leave secure cookies alone": a page on plain http can neither set nor overwrite one.
      if (jar.blocked !== 'no' || (!https && (secure || old?.secure)) || name.length + value.length > LARGEST) return
      const until = Date.parse(attributes.get('expires') ?? '')
      const expires = Math.min(Number.isNaN(until) ? now() + LONGEST : until, now() + LONGEST)
      if (expires > now()) cookies.set(key, { name, value, expires, secure, ...scope })
      else cookies.delete(key)
      if (expires > now() || old) changed(name, expires > now() ? value : null, 'page')
    },
    copy: () => {
      const twin = createCookieJar({ now, https, host }, [...cookies.values()])
      twin.blocked = jar.blocked
      return twin
    },
    get: (name) => visible().find((cookie) => cookie.name === name)?.value ?? null,
    names: () => visible().map(({ name }) => name),
    remove(name) {
      for (const [key, cookie] of cookies)
        if (cookie.name === name && cookies.delete(key)) changed(name, null, 'outside')
    },
    snapshot: () => visible(),
    restore(next) {
      for (const { name } of [...cookies.values()]) jar.remove(name)
      for (const cookie of next) {
        cookies.set(keyOf(cookie), cookie)
        changed(cookie.name, cookie.value, 'outside')
      }
    },
  }
  return jar
}
