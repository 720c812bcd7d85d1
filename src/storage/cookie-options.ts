import { misuse } from '../core/errors.ts'

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
   * @example 'shop-', '__Host-'
   */
  readonly prefix?: string
  /** Path that the cookies are sent to, in visible ASCII. Default: `/`. */
  readonly path?: string
  /**
   * Parent domain to share the session with its other subdomains: a host name in ASCII, without scheme or port. Default:
   * none, this host only.
   */
  readonly domain?: string
  /** Longest life of the access cookie in days, at most 400; it never outlives its token. Default: 30. */
  readonly accessDays?: number
  /** Life of the other two in days. Browsers cap it: Chromium at 400, Safari at 7. Default: 60. */
  readonly refreshDays?: number
  /**
   * "Remember me". Asked at each write; false: the cookies end with the browser, unless it brings its last windows back.
   * Default: they stay for `refreshDays`.
   * @example () => localStorage.getItem('remember') === 'yes'
   */
  readonly remember?: () => boolean
  /** Send the cookies over https only. Default: whether the page came by https. */
  readonly secure?: boolean
  /**
   * Which requests that come from other sites' pages bring the cookies along. `strict`: none. `lax`: links, for a server
   * that renders. `none`: all, for an app in a frame of another site; over https only. Default: `strict`.
   */
  readonly sameSite?: 'strict' | 'lax' | 'none'
  /** In a frame, a jar of its own for each site around it (CHIPS); over https only. Default: false. */
  readonly partitioned?: boolean
  /**
   * Where the access token is kept. `memory`: in the page alone, so that it takes no room in requests; a reload and each
   * further tab renew the session. Default: `cookie`.
   */
  readonly access?: 'cookie' | 'memory'
}

/** The options, checked and complete. `names`: of the access token, the refresh token, the record and the lease. */
export type CookieSettings = Required<Omit<CookieStorageOptions, 'secure'>> &
  Pick<CookieStorageOptions, 'secure'> & { readonly names: readonly [string, string, string, string] }

const text = (form: RegExp) => (value: unknown) => typeof value === 'string' && form.test(value)
const either =
  (...values: unknown[]) =>
  (value: unknown) =>
    values.includes(value)
const days = (value: unknown) => typeof value === 'number' && value > 0 && value <= 400
/** RFC 6265 section 4.1.1, but for `%`, which js-cookie would write in another way. */
const name = text(/^[\w!#$&'*+.^`|~-]{1,64}$/)
const flag = either(true, false)

const OPTIONS: readonly (readonly [
  keyof CookieStorageOptions,
  fallback: unknown,
  check: (value: unknown) => boolean,
])[] = [
  ['accessName', 'auth-token', name],
  ['refreshName', 'refresh-token', name],
  ['recordName', 'auth-session', name],
  ['prefix', '', text(/^/)],
  ['path', '/', text(/^\/[!-:<-~]*$/)],
  ['domain', '', text(/^(\.?[a-z\d-]+(\.[a-z\d-]+)*)?$/i)],
  ['accessDays', 30, days],
  ['refreshDays', 60, days],
  ['remember', () => true, (value) => value instanceof Function],
  ['secure', undefined, flag],
  ['sameSite', 'strict', either('strict', 'lax', 'none')],
  ['partitioned', false, flag],
  ['access', 'cookie', either('cookie', 'memory')],
]

/** Checks the options and completes them. Only own ones count, not what somebody hung on Object.prototype. */
export function checkOptions(options: CookieStorageOptions): CookieSettings {
  const given = new Map(Object.entries(options))
  const check = (possible: unknown, option: string, value: unknown) =>
    possible || misuse(`cookieStorage: ${option} cannot be '${value}'.`)
  const checked = Object.fromEntries(
    OPTIONS.map(([option, fallback, fits]) => {
      const value = given.get(option)
      given.delete(option)
      check(value === undefined || fits(value), option, value)
      return [option, value ?? fallback]
    }),
  ) as unknown as CookieSettings
  for (const option of given.keys()) check(false, 'an option', option)
  const { accessName, refreshName, recordName, prefix, path, domain, secure, partitioned, sameSite } = checked
  const names = [accessName, refreshName, recordName, 'auth-lease'].map((each) => prefix + each)
  for (const each of names) {
    // A __Host- cookie needs the path '/', no domain, and https.
    const host = !/^__Host-/i.test(each) || (path === '/' && !domain && secure !== false)
    const alike = names.filter((other) => `${other}.`.startsWith(`${each}.`))
    check(host && name(each) && !alike[1], 'the name of a cookie', each)
  }
  // Browsers take neither kind without Secure.
  check(secure !== false || (!partitioned && sameSite !== 'none'), 'secure', secure)
  return { ...checked, names: names as unknown as CookieSettings['names'] }
}
