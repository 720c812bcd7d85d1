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
  /**
   * A cookie that the server sets beside a session that scripts do not see, and deletes with it: where it is, the server is
   * asked at the start, even if the browser has forgotten the rest (Safari keeps cookies of scripts for 7 days). Default: none.
   * @example 'has-session'
   */
  readonly hintCookie?: string
}

/** The options, checked and complete. `names`: of the access token, the refresh token, the record and the lease. */
export type CookieSettings = Required<Omit<CookieStorageOptions, 'secure'>> & {
  readonly secure: boolean | undefined
  readonly names: readonly [string, string, string, string]
}

/** RFC 6265 section 4.1.1, but for `%`, which js-cookie would write in another way. */
const NAME = /^[\w!#$&'*+.^`|~-]{1,64}$/

/** What holds without an option, which also tells its type, and the form of a text. Numbers are days. */
const OPTIONS: Readonly<Record<keyof CookieStorageOptions, readonly [fallback: unknown, form?: RegExp]>> = {
  accessName: ['auth-token', NAME],
  refreshName: ['refresh-token', NAME],
  recordName: ['auth-session', NAME],
  prefix: [''],
  path: ['/', /^\/[!-:<-~]*$/],
  domain: ['', /^(\.?[a-z\d-]+(\.[a-z\d-]+)*)?$/i],
  accessDays: [30],
  refreshDays: [60],
  remember: [() => true],
  secure: [false],
  sameSite: ['strict', /^(strict|lax|none)$/],
  partitioned: [false],
  access: ['cookie', /^(cookie|memory)$/],
  hintCookie: ['', /^[\w!#$&'*+.^`|~-]{0,64}$/],
}

/** Checks the options and completes them. Only own ones count, not what somebody hung on Object.prototype. */
export function checkOptions(options: CookieStorageOptions): CookieSettings {
  const given = new Map(Object.entries(options ?? {}))
  const secure = given.get('secure') as boolean | undefined
  const check = (possible: unknown, option: string, value: unknown) =>
    possible || misuse(`cookieStorage: ${option} cannot be '${value}'.`)
  const checked = Object.fromEntries(
    Object.entries(OPTIONS).map(([option, [fallback, form]]) => {
      const value = given.get(option)
      given.delete(option)
      const days = typeof value !== 'number' || (value > 0 && value <= 400)
      const fits = days && typeof value === typeof fallback && (!form || form.test(value as string))
      check(value === undefined || fits, option, value)
      return [option, value ?? fallback]
    }),
  ) as unknown as CookieSettings
  for (const option of given.keys()) check(false, 'an option', option)
  const { accessName, refreshName, recordName, prefix, path, domain, partitioned, sameSite } = checked
  const names = [accessName, refreshName, recordName, 'auth-lease'].map((each) => prefix + each)
  for (const each of names) {
    // A __Host- cookie needs the path '/', no domain, and https.
    const host = !/^__Host-/i.test(each) || (path === '/' && !domain && secure !== false)
    const alike = names.filter((other) => pieceIndex(each, other) >= 0)
    check(host && NAME.test(each) && !alike[1], 'the name of a cookie', each)
  }
  // Browsers take neither kind without Secure.
  check(secure !== false || (!partitioned && sameSite !== 'none'), 'secure', secure)
  return { ...checked, secure, names: names as unknown as CookieSettings['names'] }
}
