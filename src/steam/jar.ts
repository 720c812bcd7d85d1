import { misuse } from '../core/errors.ts'
import { readSteamToken } from './steam-token.ts'

/** One cookie, as Steam set it. All are sent by https only. */
export interface SteamCookie {
  readonly name: string
  /** As it stood in `Set-Cookie`: percent-encoded. */
  readonly value: string
  /** The host that it is for, and all below it. */
  readonly domain: string
}

/** The cookies of one session, for every Steam domain. All of it is secret. */
export interface Jar {
  /** What forms of Steam's pages want as the field `sessionid`. */
  readonly sessionId: string
  readonly cookies: readonly SteamCookie[]
}

export const LOGIN = 'steamLoginSecure'

/** An access token of the engine's kind: one text without spaces or dots. */
export const packJar = (jar: Jar): string => `steam_${Buffer.from(JSON.stringify(jar)).toString('base64url')}`

/** null: it is no jar of ours. */
export function unpackJar(token: string | null): Jar | null {
  if (!token?.startsWith('steam_')) return null
  try {
    return JSON.parse(Buffer.from(token.slice(6), 'base64url').toString('utf8')) as Jar
  } catch {
    return null
  }
}

/** RFC 6265 section 5.1.3. */
const covers = (domain: string, host: string): boolean => host === domain || host.endsWith(`.${domain}`)

/**
 * The `Cookie` header for an address: what is for its host, and nothing else; empty for a foreign one.
 * @throws AuthError `misconfigured` for what is no https address: Steam's cookies are `Secure`
 */
export function headerFor(jar: Jar, address: string | URL): string {
  const url = URL.canParse(String(address))
    ? new URL(address)
    : misuse('Steam: cookies are asked for by a full address.')
  const found = jar.cookies.filter(({ domain }) => covers(domain, url.hostname))
  if (found.length && url.protocol !== 'https:')
    misuse(`Steam: cookies are sent by https only, not to ${url.protocol}//${url.host}.`)
  return found.map(({ name, value }) => `${name}=${value}`).join('; ')
}

/** Reads `Set-Cookie` headers. A cookie for a host that the answering one has no say over is dropped (RFC 6265 section 5.3). */
export function readCookies(headers: Headers, answering: string): SteamCookie[] {
  const { hostname } = new URL(answering)
  const cookies: SteamCookie[] = []
  for (const line of headers.getSetCookie()) {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const equals = pair.indexOf('=')
    const named = attributes.find((attribute) => /^domain=/i.test(attribute))
    const domain = named?.slice(7).replace(/^\./, '').toLowerCase() || hostname
    if (equals > 0 && covers(domain, hostname))
      cookies.push({ name: pair.slice(0, equals), value: pair.slice(equals + 1), domain })
  }
  return cookies
}

/** A session id of one's own for each domain, in place of whatever the server set; the login host needs none. */
export function withSessionId(cookies: readonly SteamCookie[], sessionId: string, loginHost: string): Jar {
  const kept = cookies.filter(({ name }) => name !== 'sessionid')
  const domains = [...new Set(kept.map(({ domain }) => domain))].filter((domain) => domain !== loginHost)
  return {
    sessionId,
    cookies: [...kept, ...domains.map((domain) => ({ name: 'sessionid', value: sessionId, domain }))],
  }
}

/** The value of a `steamLoginSecure`. */
export const loginValue = (steamId: string, accessToken: string): string =>
  encodeURIComponent(`${steamId}||${accessToken}`)

/** The access token of the first domain. */
export const accessTokenOf = (jar: Jar): string => jwtOf(jar.cookies.find(({ name }) => name === LOGIN))

/** The JWT in a `steamLoginSecure`. It has nothing in it that is percent-encoded. */
const jwtOf = (cookie: SteamCookie | undefined): string => cookie?.value.split(/\|\||%7C%7C/i)[1] ?? ''

/** What the login cookies say: whose they are, and how long the one that ends first still lives. */
export function lifeOf(jar: Jar): { readonly owners: readonly (string | null)[]; readonly expiresIn: number | null } {
  const tokens = jar.cookies.filter(({ name }) => name === LOGIN).map((cookie) => readSteamToken(jwtOf(cookie)))
  const ends = tokens.map(({ endsAt }) => endsAt ?? Infinity)
  // The newest of them was made just now, by Steam's clock.
  const now = Math.max(...tokens.map(({ issuedAt }) => issuedAt ?? -Infinity))
  const life = Math.min(...ends) - now
  return { owners: tokens.map(({ steamId }) => steamId), expiresIn: Number.isFinite(life) && life > 0 ? life : null }
}
