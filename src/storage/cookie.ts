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
/** More chunks than servers accept. What an unfinished write or deletion has left is looked for up to this one. */
const MOST_CHUNKS = 20
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
  const check = (possible: unknown, what: string, value: unknown) =>
    possible || misuse(`cookieStorage: ${what} cannot be '${value}'.`)
  for (const name of names) {
    // RFC 6265 section 4.1.1. A __Host- cookie needs the path '/', no domain, and https.
    const host = !/^__Host-/i.test(name) || (path === '/' && !domain && secure !== false)
    check(host && /^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name), 'the name of a cookie', name)
  }
  check(new Set(names).size > 2, 'the name of two cookies', names)
  for (const days of [accessDays, refreshDays]) check(days > 0 && days <= 400, 'a life in days', days)
  check(/^\/[^;]*$/.test(path), 'path', path)
  check(!/[;\s]/.test(domain ?? ''), 'domain', domain)

  const part = (name: string, index: number) => (index ? `${name}.${index}` : name)

  const get = (name: string, all: Record<string, string> = jar.get()): string | null => {
    let text = all[name] ?? ''
    // Without its first chunk a value is gone: its deletion was not finished.
    for (let index = 1; text && all[part(name, index)]; index++) text += all[part(name, index)]
    try {
      return decodeURIComponent(text) || null
    } catch {
      return null
    }
  }

  /** Writes a value and deletes what a longer one before it has left over. null deletes all of it. */
  const set = (name: string, value: string | null, expires = 0, safe = false) => {
    const text = encodeURIComponent(value ?? '')
    const before = jar.get()
    for (let index = 0; index * CHUNK < text.length || index < MOST_CHUNKS; index++) {
      const chunk = text.slice(index * CHUNK, (index + 1) * CHUNK)
      if (!chunk && before[part(name, index)] === undefined) continue
      jar.set(part(name, index), chunk, {
        path,
        domain: domain as string,
        sameSite: 'Strict',
        // A __Host- or __Secure- cookie is deleted as it is written: Secure.
        secure: secure ?? (safe || (!chunk && name.startsWith('__'))),
        expires: chunk ? new Date(expires) : -1,
      })
    }
    if (get(name) !== value)
      throw new AuthError('storage_failed', `The browser did not take the cookie ${name}: cookies are blocked or full.`)
  }

  return Object.freeze<AuthStorage>({
    key: [accessName, refreshName, domain, path].join(),
    read() {
      // One look at the jar: another tab may be writing.
      const all = jar.get()
      let accessToken = get(accessName, all)
      const refreshToken = get(refreshName, all)
      if (!accessToken && !refreshToken) return null
      let record: SessionRecord | null = null
      let whole = false
      try {
        const held = JSON.parse(get(recordName, all) ?? '')
        // Either token may be lost, and the record stays: the access cookie goes when its token does. But a record written
        // with other tokens means that the last write is torn, or not finished.
        const fits = (token: string | null, print: unknown) => token === null || fingerprint(token) === print
        whole = held.v === VERSION && fits(refreshToken, held.refresh) && fits(accessToken, held.access)
        if (whole) record = held.record
      } catch {
        // Unreadable counts as absent.
      }
      // Nothing else tells whether the access token is that of the same person. A refresh will.
      if (!whole && refreshToken) accessToken = null
      return { accessToken, refreshToken, record }
    },
    write({ accessToken, refreshToken, record }, { now, secure: safe }) {
      const expires = now + refreshDays * DAY
      const ends = Math.min(record?.expiresAt ?? Infinity, now + accessDays * DAY)
      set(refreshName, refreshToken, expires, safe)
      set(accessName, ends > now ? accessToken : null, ends, safe)
      const prints = { refresh: fingerprint(refreshToken), access: fingerprint(accessToken) }
      set(recordName, JSON.stringify({ v: VERSION, ...prints, record }), expires, safe)
    },
    clear() {
      let failure: unknown
      for (const name of names) {
        try {
          set(name, null)
        } catch (error) {
          failure = error
        }
      }
      if (failure) throw failure
    },
  })
}
