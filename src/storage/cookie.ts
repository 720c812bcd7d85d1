import { AuthError } from '../core/errors.ts'
import type { AuthStorage, StoredSession } from '../core/types.ts'
import { byRank, type Envelope, fingerprint, openEnvelope, sealEnvelope } from './cookie-envelope.ts'
import { type CookieStorageOptions, checkOptions } from './cookie-options.ts'
import { ownership } from './cookie-owners.ts'
import { type Pairs, readPairs, readTexts } from './cookie-pairs.ts'
import { bare } from './cookie-scopes.ts'
import { writeText } from './cookie-writer.ts'

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
  const { accessName, refreshName, recordName, path, domain, inMemory } = settings
  const at = (domain ?? '') + path
  let lastRead: StoredSession | null = null
  let lastWritten: StoredSession | null = null
  let warned = false

  const envelopesIn = (pairs: Pairs): Envelope[] =>
    readTexts(pairs, recordName)
      .flatMap((text) => openEnvelope(text) ?? [])
      .sort(byRank(at))

  const look = (): StoredSession | null => {
    // One look at the jar: another tab may be writing.
    const pairs = readPairs()
    const [best, ...others] = envelopesIn(pairs)
    const pick = (name: string, part: 'access' | 'refresh'): string | null => {
      const texts = readTexts(pairs, name)
      const isOf = (text: string) => (envelope: Envelope) => fingerprint(text) === envelope[part]
      // What belongs to a record that does not count does not count either.
      return texts.find((text) => best && isOf(text)(best)) ?? texts.find((text) => !others.some(isOf(text))) ?? null
    }
    const accessToken = inMemory ? null : pick(accessName, 'access')
    const refreshToken = pick(refreshName, 'refresh')
    const record = best?.record ?? null
    if (!accessToken && !refreshToken && !record) return null
    // Either token may be lost, and the record stays: the access cookie goes when its token does.
    const fits = (token: string | null, print: unknown) => token === null || fingerprint(token) === print
    const whole = !record || (fits(accessToken, best?.access) && fits(refreshToken, best?.refresh))
    return { accessToken, refreshToken, record, ...(!whole && { fits: false }) }
  }

  return Object.freeze<AuthStorage>({
    key: [accessName, refreshName, domain, path].join(),
    ...(domain && { domain: bare(domain) }),
    read() {
      lastRead = look()
      return lastRead
    },
    write(session, { now, secure: safe, warn }) {
      const { accessToken, refreshToken, record } = session
      const life = settings.refreshDays()
      const expires = life && now + life * DAY
      const ends = Math.min(record?.expiresAt ?? Infinity, now + settings.accessDays * DAY)
      const secure = settings.secure ?? (safe || settings.sameSite === 'None' || settings.partitioned)
      const owners = ownership(session, lastWritten, lastRead, envelopesIn(readPairs()))
      let size = 0
      const set = (
        name: string,
        value: string | null,
        until: number | undefined,
        isOurs: (text: string) => boolean,
      ) => {
        size += writeText(settings, name, value, { secure, expires: until, isOurs })
      }
      const writes = [
        () => set(refreshName, refreshToken, expires, owners.refresh),
        () => set(accessName, inMemory || ends <= now ? null : accessToken, life && ends, owners.access),
        () => set(recordName, sealEnvelope(session, at, record), expires, owners.record),
      ]
      lastWritten = session
      if (!record?.over) for (const run of writes) run()
      else {
        // The end first: whoever looks in between sees it. And one cookie that cannot be deleted does not save the others.
        let failure: unknown
        for (const run of writes.reverse()) {
          try {
            run()
          } catch (error) {
            failure = error
          }
        }
        if (failure) throw failure
      }
      if (size <= LARGE || warned) return
      warned = true
      const what = `The session's cookies take ${size} bytes, and each request brings them: servers refuse headers over 8 kB.`
      warn(
        new AuthError(
          'misconfigured',
          `${what} Keep less of the user (\`toUser\`), a smaller token, or the token in memory (\`access: 'memory'\`).`,
        ),
      )
    },
  })
}
