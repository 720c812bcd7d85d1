import { misuse } from '../core/errors.ts'
import { pieceIndex } from './cookie-pairs.ts'

export interface CookieStorageOptions {
  /** Cookie of the access token. Default: `auth-token`. */
  readonly accessName?: string
  /** Cookie of the refresh token. Default: `refresh-token`. */
  readonly refreshName?: string
  /** Cookie of the record: expiry, clock skew, session id, user; no token. Default: `auth-session`. */
  readonly recordName?: string
  /**
   * Put before all names, so that apps on one host do not share a session. Cookies do not tell ports apart: two apps on
   * `localhost:3000` and `localhost:3001` need it. Default: none.
   * @example '__Host-', 'shop-'
   */
  readonly prefix?: string
  /** Path that the cookies are sent to. Default: `/`. */
  readonly path?: string
  /** Parent domain to share the session with its other subdomains. Default: none, this host only. */
  readonly domain?: string
  /** Longest life of the access cookie in days; it never outlives its token. Default: 30. */
  readonly accessDays?: number
  /**
   * Life of the other two in days. Browsers cap it: Chromium at 400, Safari at 7. `browser`: all three end with the
   * browser, unless it brings its last windows back. A function is asked at each write: "remember me". Default: 60.
   * @example () => (localStorage.getItem('remember') ? 60 : 'browser')
   */
  readonly refreshDays?: number | 'browser' | (() => number | 'browser')
  /** Send the cookies over https only. Default: whether the page came by https. */
  readonly secure?: boolean
  /**
   * Which requests from other sites bring the cookies along. `lax`: links, for a server that renders. `none`: all of them,
   * for an app in a frame of another site; over https only. Default: `strict`, no request.
   */
  readonly sameSite?: 'strict' | 'lax' | 'none'
  /** In a frame, a jar of its own for each site around it (CHIPS); over https only. Default: false. */
  readonly partitioned?: boolean
  /**
   * Where the access token is kept. `memory`: nowhere but in the page; a reload renews it, and so does each tab for itself.
   * Default: `cookie`.
   */
  readonly access?: 'cookie' | 'memory'
}

/** The options, checked, and complete. */
export interface CookieSettings {
  readonly accessName: string
  readonly refreshName: string
  readonly recordName: string
  readonly leaseName: string
  readonly path: string
  readonly domain: string | undefined
  readonly accessDays: number
  /** undefined: the cookies end with the browser. */
  readonly refreshDays: () => number | undefined
  readonly secure: boolean | undefined
  readonly sameSite: 'Strict' | 'Lax' | 'None'
  readonly partitioned: boolean
  readonly inMemory: boolean
}

const SAME_SITE = new Map<unknown, CookieSettings['sameSite']>([
  ['strict', 'Strict'],
  ['lax', 'Lax'],
  ['none', 'None'],
])

export function checkOptions(options: CookieStorageOptions): CookieSettings {
  const {
    accessName = 'auth-token',
    refreshName = 'refresh-token',
    recordName = 'auth-session',
    prefix = '',
    path = '/',
    domain,
    accessDays = 30,
    refreshDays = 60,
    secure,
    sameSite = 'strict',
    partitioned = false,
    access = 'cookie',
    ...unknown
    // Without a prototype: what somebody hung on Object.prototype is no option.
  }: CookieStorageOptions = Object.assign(Object.create(null), options)
  const check = (possible: unknown, what: string, value: unknown) =>
    possible || misuse(`cookieStorage: ${what} cannot be '${value}'.`)
  const text = (value: unknown, form: RegExp) => typeof value === 'string' && form.test(value)
  const flag = (value: unknown) => value === undefined || typeof value === 'boolean'
  const days = (value: unknown) => {
    check(typeof value === 'number' && value > 0 && value <= 400, 'a life in days', value)
    return value as number
  }

  for (const name of Object.keys(unknown)) misuse(`cookieStorage: there is no option '${name}'.`)
  check(text(prefix, /^/), 'prefix', prefix)
  check(text(path, /^\/[!-:<-~]*$/), 'path', path)
  // No scheme, port, path or wildcard; a name with other letters as `xn--…`.
  check(!domain || text(domain, /^\.?[a-z\d-]+(\.[a-z\d-]+)*$/i), 'domain', domain)
  check(flag(secure), 'secure', secure)
  check(flag(partitioned), 'partitioned', partitioned)
  check(access === 'cookie' || access === 'memory', 'access', access)
  const written = SAME_SITE.get(sameSite)
  // Browsers take neither kind without Secure.
  check(written && (sameSite !== 'none' || secure !== false), 'sameSite', sameSite)
  check(!partitioned || secure !== false, 'partitioned, without secure,', partitioned)

  const names = [accessName, refreshName, recordName, 'auth-lease'].map((name) => {
    const full = prefix + name
    // RFC 6265 section 4.1.1, without `%`: nothing in a name is ever decoded. A __Host- cookie needs the path '/', no domain,
    // and https.
    const host = !/^__Host-/i.test(full) || (path === '/' && !domain && secure !== false)
    check(name && host && text(full, /^[\w!#$&'*+.^`|~-]{1,64}$/), 'the name of a cookie', full)
    return full
  }) as [string, string, string, string]
  const apart = names.every((one, index) =>
    names.every((other, place) => index === place || !(pieceIndex(one, other) >= 0)),
  )
  check(apart, 'the name of two cookies', names.slice(0, 3))

  days(accessDays)
  const life = () => {
    const value = typeof refreshDays === 'function' ? refreshDays() : refreshDays
    return value === 'browser' ? undefined : days(value)
  }
  if (typeof refreshDays !== 'function') life()
  const [access_, refresh, record, lease] = names
  return {
    accessName: access_,
    refreshName: refresh,
    recordName: record,
    leaseName: lease,
    path,
    domain: domain || undefined,
    accessDays,
    refreshDays: life,
    secure,
    sameSite: written as CookieSettings['sameSite'],
    partitioned,
    inMemory: access === 'memory',
  }
}
