import type { StoredSession } from '../core/types.ts'
import type { CookieSettings } from '../storage/cookie-options.ts'
import { PIECE, pieceIndex, pieceName, splitPairs } from '../storage/cookie-pairs.ts'
import { textsOf } from '../storage/cookie-session.ts'
import { headersOf, type Incoming } from './arrival.ts'

const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' } as const

/** Whether the page came by https, as far as a server can tell: behind a proxy by `X-Forwarded-Proto`. */
function isSecure(request: Incoming): boolean {
  const told = headersOf(request).get('X-Forwarded-Proto')
  if (told) return told.startsWith('https')
  return !('url' in request && request.url?.startsWith('http:'))
}

export interface Lines {
  /** `Set-Cookie` lines. */
  readonly lines: string[]
  /** The `Cookie` header as the browser will send it next. */
  readonly cookie: string
}

/**
 * The session as `Set-Cookie` lines, as `cookieStorage` would write it: the refresh token first, the record last, long values
 * in pieces, and left over pieces deleted. Times are told as `Max-Age`, so that no clock matters.
 * @param now by the browser's clock, in ms since 1970
 */
export function setCookies(
  session: StoredSession,
  request: Incoming,
  settings: CookieSettings,
  remember: boolean,
  now: number,
): Lines {
  const { names, path, domain, sameSite, partitioned } = settings
  const pairs = splitPairs(headersOf(request).get('Cookie') ?? '').filter(([name]) => name)
  const secure = settings.secure ?? (partitioned || sameSite === 'none' || isSecure(request))
  const tail = [
    `Path=${path}`,
    domain && `Domain=${domain}`,
    `SameSite=${SAME_SITE[sameSite]}`,
    partitioned && 'Partitioned',
  ].filter(Boolean)
  const lines: string[] = []
  const kept = new Map<string, string>()
  const put = (name: string, value: string, seconds: number) => {
    if (value) kept.set(name, value)
    const life = value && !remember ? [] : [`Max-Age=${seconds}`]
    const guard = secure || name.startsWith('__') ? ['Secure'] : []
    lines.push([`${name}=${value}`, ...tail, ...guard, ...life].join('; '))
  }
  const texts = textsOf(session, settings, now)
  for (const part of [1, 0, 2]) {
    const name = names[part] as string
    // Without a record nothing tells whose the tokens are: the page will find out.
    const { text, until } = part > 1 && !session.record ? { text: '', until: now } : (texts[part] as (typeof texts)[0])
    const count = Math.ceil(text.length / PIECE)
    for (let index = 0; index < count; index++)
      put(pieceName(name, index), text.slice(index * PIECE, (index + 1) * PIECE), Math.ceil((until - now) / 1000))
    for (const other of new Set(pairs.map(([other]) => other))) if (pieceIndex(name, other) >= count) put(other, '', 0)
  }
  const ours = (name: string) => names.some((known) => pieceIndex(known, name) >= 0)
  const all = [...pairs.filter(([name]) => !ours(name)), ...kept]
  return { lines, cookie: all.map((pair) => pair.join('=')).join('; ') }
}
