import Cookies from 'js-cookie'
import { AuthError } from '../core/errors.ts'
import type { AuthStorage, SessionRecord } from '../core/types.ts'

export interface CookieStorageOptions {
  /** Cookie of the access token. Default: `auth-token`. */
  readonly accessName?: string
  /** Cookie of the refresh token. Default: `refresh-token`. */
  readonly refreshName?: string
  /** Cookie of the record: expiry, clock skew, session id, user; no token. Default: `auth-session`. */
  readonly recordName?: string
  /** Path that the cookies are sent to. Default: `/`. */
  readonly path?: string
  /** Parent domain to share the session with its other subdomains. Default: none, this host only. */
  readonly domain?: string
  /** Longest life of the access cookie in days; it never outlives its token. Default: 30. */
  readonly accessDays?: number
  /** Life of the other two in days. Browsers cap it: Chromium at 400, Safari at 7. Default: 60. */
  readonly refreshDays?: number
  /** Send the cookies over https only. Default: whether the page came by https. */
  readonly secure?: boolean
}

const DAY = 86_400_000
/** A browser drops a cookie of more than 4096 bytes, name and value together, without a word (RFC 6265bis 5.6). */
const CHUNK = 3_600
const VERSION = 1

/** Values are encoded here, before they are cut into chunks, so that a cut inside an escape does no harm. */
const jar = Cookies.withConverter<string>({ read: (value) => value, write: (value) => value as string })

/** A short fingerprint (djb2), to tell whether a record belongs to the tokens beside it. Not a secret. */
const fingerprint = (text: string): number => {
  let hash = 5381
  for (let i = 0; i < text.length; i++) hash = (hash * 33) ^ text.charCodeAt(i)
  return hash >>> 0
}

/**
 * Keeps the session in cookies: `Path=/; SameSite=Strict`, and `Secure` on https. Values too long for one cookie are
 * split over several. Every write is read back.
 *
 * Does not protect the tokens from scripts on the page: a cookie that scripts can write, they can read.
 * @throws AuthError `misconfigured` for a name, lifetime or path that no browser would accept.
 */
export function cookieStorage(options: CookieStorageOptions = {}): AuthStorage {
  const {
    accessName = 'auth-token',
    refreshName = 'refresh-token',
    recordName = 'auth-session',
    path = '/',
    domain,
    accessDays = 30,
    refreshDays = 60,
  } = options
  check([accessName, refreshName, recordName], [accessDays, refreshDays], options)
  const where = { path, sameSite: 'Strict' as const, ...(domain ? { domain } : {}) }

  const part = (name: string, index: number) => (index ? `${name}.${index}` : name)

  const get = (name: string): string | null => {
    let text = ''
    for (let index = 0; ; index++) {
      const chunk = jar.get(part(name, index))
      if (!chunk) break
      text += chunk
    }
    try {
      return decodeURIComponent(text) || null
    } catch {
      return null
    }
  }

  const set = (name: string, value: string | null, expires: number, secure: boolean) => {
    const text = encodeURIComponent(value ?? '')
    let index = 0
    for (; index * CHUNK < text.length; index++) {
      const chunk = text.slice(index * CHUNK, (index + 1) * CHUNK)
      jar.set(part(name, index), chunk, { ...where, secure, expires: new Date(expires) })
    }
    // What a longer value before has left over.
    for (; jar.get(part(name, index)) !== undefined; index++) {
      jar.remove(part(name, index), where)
      if (jar.get(part(name, index)) !== undefined) break
    }
    if (get(name) !== value)
      throw new AuthError(
        'storage_failed',
        `The browser did not keep the cookie ${name}: cookies are blocked or full. The session lasts until this page closes.`,
      )
  }

  return Object.freeze({
    key: [accessName, refreshName, domain, path].join(),
    read() {
      const accessToken = get(accessName)
      const refreshToken = get(refreshName)
      if (!accessToken && !refreshToken) return null
      let record: SessionRecord | null = null
      try {
        const { v, access, refresh, ...rest } = JSON.parse(get(recordName) ?? '{}')
        // The access cookie goes with its token, the record stays; but two tokens of different origin are torn.
        const whole =
          refresh === fingerprint(refreshToken ?? '') && (!accessToken || access === fingerprint(accessToken))
        if (v === VERSION && whole) record = rest
      } catch {
        // Unreadable counts as absent.
      }
      return { accessToken, refreshToken, record }
    },
    write({ accessToken, refreshToken, record }, context) {
      const secure = options.secure ?? context.secure
      const longest = context.now + accessDays * DAY
      const expires = context.now + refreshDays * DAY
      const accessExpires = Math.min(record?.expiresAt ?? longest, longest)
      set(refreshName, refreshToken, expires, secure)
      set(accessName, accessExpires > context.now ? accessToken : null, accessExpires, secure)
      const prints = { access: fingerprint(accessToken ?? ''), refresh: fingerprint(refreshToken ?? '') }
      set(recordName, JSON.stringify({ v: VERSION, ...prints, ...record }), expires, secure)
    },
    clear() {
      // The refresh token last: a tab that looks in between must not take it for the only thing lost.
      for (const name of [recordName, accessName, refreshName]) {
        for (let index = 0; jar.get(part(name, index)) !== undefined; index++) {
          jar.remove(part(name, index), where)
          if (jar.get(part(name, index)) !== undefined)
            throw new AuthError('storage_failed', `The browser did not delete the cookie ${name}.`)
        }
      }
    },
  } satisfies AuthStorage)
}

function check(names: string[], days: number[], { path = '/', domain, secure }: CookieStorageOptions) {
  const wrong = (message: string): never => {
    throw new AuthError('misconfigured', `cookieStorage: ${message}`)
  }
  for (const name of names) {
    // RFC 6265 section 4.1.1: a token of RFC 2616.
    if (!/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name)) wrong(`'${name}' cannot be the name of a cookie.`)
    if (/^__Host-/i.test(name) && (path !== '/' || domain || secure === false))
      wrong(`${name}: a __Host- cookie needs path '/', no domain and https.`)
  }
  if (new Set(names).size < names.length) wrong('the three cookies need three names.')
  for (const value of days)
    if (!(value > 0 && value <= 400)) wrong(`a life of ${value} days; use 400 at most, and more than 0.`)
  if (domain && /[;\s]/.test(domain)) wrong(`'${domain}' cannot be a domain.`)
  if (!/^\/[^;]*$/.test(path)) wrong(`path must begin with '/', not '${path}'.`)
}
