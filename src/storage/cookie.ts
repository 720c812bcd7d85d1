import { AuthError } from '../core/errors.ts'
import type { AuthStorage, SessionRecord, StoredSession } from '../core/types.ts'
import { open } from './cookie-envelope.ts'
import { type CookieStorageOptions, checkOptions } from './cookie-options.ts'
import { readPairs, readTexts, valuesOf } from './cookie-pairs.ts'
import { bare } from './cookie-scopes.ts'
import { type CookieText, envelopesIn, sessionIn, textsOf } from './cookie-session.ts'
import { createPut, writeText } from './cookie-writer.ts'

const DAY = 86_400_000
/** Servers and proxies refuse requests whose headers pass 8 kB, and the access token travels twice. */
const LARGE = 4_096

/**
 * Keeps the session in cookies: `Path=/; SameSite=Strict`, and `Secure` on https. Values too long for one cookie are
 * split over several. Every write is read back. Where several cookies of one name reach the page (of another path, or a
 * parent domain), the later session counts; there the app's own ones are deleted, and everything else stays.
 *
 * Does not protect the tokens from scripts on the page: a cookie that scripts can write, they can read.
 * @throws AuthError `misconfigured` for an unknown option, or a name, lifetime, path or domain that no browser would accept.
 */
export function cookieStorage(options: CookieStorageOptions = {}): AuthStorage {
  const settings = checkOptions(options)
  const { names, path, domain, refreshDays, remember, hintCookie } = settings
  const [accessName, refreshName, , leaseName] = names
  let lastRead: StoredSession | null = null
  let lastWritten: StoredSession | null = null
  /** What stood beside the last write and was not ours. Whatever it is, it is no news. */
  const strays: (readonly string[])[] = []
  let warned = false

  return Object.freeze<AuthStorage>({
    key: [accessName, refreshName, domain, path].join(),
    lifetime: refreshDays * DAY,
    ...(hintCookie && { hint: () => valuesOf(readPairs(), hintCookie).length > 0 }),
    ...(domain && {
      domain: bare(domain),
      lease: {
        read: () => readTexts(readPairs(), leaseName)[0] ?? null,
        write: (text: string, seconds: number) =>
          createPut(settings)(leaseName, encodeURIComponent(text), false, seconds / 86_400),
      },
    }),
    read() {
      // One look at the jar: another tab may be writing.
      lastRead = sessionIn(readPairs(), settings, strays)
      return lastRead
    },
    write(session, { now, secure, warn }) {
      const { record } = session
      const texts = textsOf(session, settings, now)
      const isForeign = (other: SessionRecord | null) => other?.backend && other.backend !== record?.backend
      const known = [session, lastWritten, lastRead].flatMap((one) => (one && !isForeign(one.record) ? one : []))
      const isMine = (other: SessionRecord) =>
        known.some((one) => one.record?.id === other.id) || (!!other.backend && !isForeign(other))
      const envelopes = envelopesIn(readPairs(), settings)
      const isOurs = (part: number) => (text: string) =>
        part > 1
          ? [open(text)].flat().some((one) => isMine(one.record))
          : known.some((one) => [one.accessToken, one.refreshToken][part] === text) ||
            envelopes.some((one) => one.owns(part, text) && isMine(one.record))

      lastWritten = session
      let size = 0
      let failure: unknown
      // The refresh token first, the record last. But an end comes first, so that whoever looks in between sees it, and what
      // cannot be deleted does not save the rest.
      for (const part of record?.over ? [2, 0, 1] : [1, 0, 2]) {
        const { text, until } = texts[part] as CookieText
        const name = names[part] as string
        size += name.length + text.length
        try {
          const end = text && remember() ? new Date(until) : undefined
          strays[part] = writeText(settings, name, text, secure, end, isOurs(part))
        } catch (error) {
          failure = error
          if (!record?.over) break
        }
      }
      if (failure) throw failure
      if (size <= LARGE || warned) return
      warned = true
      const words = `The session's cookies take ${size} bytes, and servers refuse headers over 8 kB`
      warn(
        new AuthError(
          'misconfigured',
          `${words}: keep a smaller user (toUser), or the token in memory (access: 'memory').`,
        ),
      )
    },
  })
}
