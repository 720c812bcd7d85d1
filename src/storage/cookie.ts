import Cookies from 'js-cookie'
import { AuthError, misuse } from '../core/errors.ts'
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
const fingerprint = (text: string | null): number =>
  [...(text ?? '')].reduce((hash, char) => (hash * 33) ^ char.charCodeAt(0), 5381)

/**
 * Keeps the session in cookies: `Path=/; SameSite=Strict`, and `Secure` on https. Values too long for one cookie are
 * split over several. Every write is read back.
 *
 * Does not protect the tokens from scripts on the page: a cookie that scripts can write, they can read.
 * @throws AuthError `misconfigured` for a name, lifetime, path or domain that no browser would accept.
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
    secure,
  } = options
  // The refresh token is deleted last: a tab that looks in between must not take it for the only thing lost.
  const names = [recordName, accessName, refreshName]
  const wrong = (what: string, value: unknown) => misuse(`cookieStorage: ${what} cannot be '${value}'.`)
  for (const name of names) {
    // RFC 6265 section 4.1.1. A __Host- cookie needs the path '/', no domain, and https.
    const host = /^__Host-/i.test(name) && (path !== '/' || domain || secure === false)
    if (host || !/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name)) wrong('the name of a cookie', name)
  }
  if (new Set(names).size < 3) wrong('the name of two cookies', names)
  for (const days of [accessDays, refreshDays]) if (!(days > 0 && days <= 400)) wrong('a life in days', days)
  if (!/^\/[^;]*$/.test(path)) wrong('path', path)
  if (domain && /[;\s]/.test(domain)) wrong('domain', domain)

  const part = (name: string, index: number) => (index ? `${name}.${index}` : name)

  const get = (name: string): string | null => {
    let text = ''
    let chunk: string | undefined
    for (let index = 0; index === 0 || chunk; index++) {
      chunk = jar.get(part(name, index))
      text += chunk ?? ''
    }
    try {
      return decodeURIComponent(text) || null
    } catch {
      return null
    }
  }

  /** Writes a value and deletes what a longer one before it has left over. null deletes all of it. */
  const set = (name: string, value: string | null, expires = 0, safe = false) => {
    const text = encodeURIComponent(value ?? '')
    for (let index = 0; index * CHUNK < text.length || jar.get(part(name, index)) !== undefined; index++) {
      const chunk = text.slice(index * CHUNK, (index + 1) * CHUNK)
      jar.set(part(name, index), chunk, {
        path,
        domain: domain as string,
        sameSite: 'Strict',
        secure: secure ?? safe,
        expires: chunk ? new Date(expires) : -1,
      })
    }
    if (get(name) !== value)
      throw new AuthError('storage_failed', `The browser did not take the cookie ${name}: cookies are blocked or full.`)
  }

  return Object.freeze<AuthStorage>({
    key: [accessName, refreshName, domain, path].join(),
    read() {
      const accessToken = get(accessName)
      const refreshToken = get(refreshName)
      if (!accessToken && !refreshToken) return null
      let record: SessionRecord | null = null
      try {
        const { v, access, refresh, ...rest } = JSON.parse(get(recordName) ?? '')
        // The access cookie goes when its token does, and the record stays; other tokens than those it was written with
        // mean that a write was torn.
        if (
          v === VERSION &&
          refresh === fingerprint(refreshToken) &&
          (!accessToken || access === fingerprint(accessToken))
        )
          record = rest
      } catch {
        // Unreadable counts as absent.
      }
      return { accessToken, refreshToken, record }
    },
    write({ accessToken, refreshToken, record }, { now, secure: safe }) {
      const expires = now + refreshDays * DAY
      const ends = Math.min(record?.expiresAt ?? Infinity, now + accessDays * DAY)
      set(refreshName, refreshToken, expires, safe)
      set(accessName, ends > now ? accessToken : null, ends, safe)
      const prints = { v: VERSION, access: fingerprint(accessToken), refresh: fingerprint(refreshToken) }
      set(recordName, JSON.stringify({ ...prints, ...record }), expires, safe)
    },
    clear() {
      for (const name of names) set(name, null)
    },
  })
}
