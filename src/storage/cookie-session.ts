/** The session in a jar, and what of it goes there, in a page and on a server. Pure. */
import type { StoredSession } from '../core/types.ts'
import { byRank, type Envelope, open, seal } from './cookie-envelope.ts'
import type { CookieSettings } from './cookie-options.ts'
import { type Pairs, readTexts, valuesOf } from './cookie-pairs.ts'

const DAY = 86_400_000

/** Which cookies a record is written for. */
export const placeOf = ({ domain, path }: Pick<CookieSettings, 'domain' | 'path'>): string => domain + path

export const envelopesIn = (pairs: Pairs, settings: CookieSettings): Envelope[] =>
  readTexts(pairs, settings.names[2])
    .flatMap(open)
    .sort(byRank(placeOf(settings)))

/**
 * The session that the later record tells of, or the tokens that lie there without one. null: neither.
 * @param strays beginnings of values that are known to be another app's: at 0 access tokens, at 1 refresh tokens
 */
export function sessionIn(
  pairs: Pairs,
  settings: CookieSettings,
  strays: readonly (readonly string[] | undefined)[] = [],
): StoredSession | null {
  const [best, ...others] = envelopesIn(pairs, settings)
  let fits = true
  const [accessToken, refreshToken] = [0, 1].map((part) => {
    const name = settings.names[part] as string
    const heads = part || settings.access === 'cookie' ? valuesOf(pairs, name) : []
    const fitting = readTexts(pairs, name, heads).find((text) => best?.owns(part, text))
    // What belongs to a record that does not count does not count either.
    const news = heads.filter((head) => !strays[part]?.includes(head))
    const loose = readTexts(pairs, name, news).find((text) => !others.some(({ owns }) => owns(part, text)))
    const token = fitting ?? loose ?? null
    // Either token may be lost, and the record stays: the access cookie goes when its token does.
    fits &&= token === (fitting ?? null)
    return token
  }) as [string | null, string | null]
  const record = best?.record ?? null
  const found = accessToken || refreshToken || record
  return found ? { accessToken, refreshToken, record, ...(!record || fits ? {} : { fits }) } : null
}

export interface CookieText {
  /** Encoded, not yet cut into pieces. Empty: to be deleted. */
  readonly text: string
  /** In ms since 1970. */
  readonly until: number
}

/** What the cookies of access token, refresh token and record are to hold at `now`. */
export function textsOf(session: StoredSession, settings: CookieSettings, now: number): readonly CookieText[] {
  const { accessDays, refreshDays, access } = settings
  const { accessToken, refreshToken, record } = session
  const { expiresAt = null } = record ?? {}
  // A cookie ends at a full second: in the one before its token does it could neither be kept nor written.
  const ends = Math.min(expiresAt === null ? Infinity : Math.ceil(expiresAt / 1000) * 1000, now + accessDays * DAY)
  const rest = now + refreshDays * DAY
  const values = [
    access === 'memory' || (expiresAt ?? Infinity) <= now ? null : accessToken,
    refreshToken,
    seal(session, placeOf(settings)),
  ]
  return values.map((value, part) => ({ text: encodeURIComponent(value ?? ''), until: part ? rest : ends }))
}
