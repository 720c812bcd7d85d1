/** Cookies as the page sees them. Several may have one name; names and values stay as they stand. */
import { rawCookies } from '../browser/cookies.ts'

export type Pairs = readonly (readonly [name: string, value: string])[]

/**
 * A browser drops a cookie of more than 4096 bytes, name and value together, without a word (RFC 6265bis section 5.6).
 * Longer values are cut, and go on under `name.1`, `name.2`, …
 */
export const PIECE = 3_600
/** More readings of one name than any browser has reason to offer. */
const MOST = 64

export const pieceName = (name: string, index: number): string => (index ? `${name}.${index}` : name)

/** Which piece of `name` another name is; NaN: none. */
export function pieceIndex(name: string, other: string): number {
  const rest = other.slice(name.length)
  return other.startsWith(name) && /^(\.[1-9]\d?)?$/.test(rest) ? Number(rest.slice(1)) : Number.NaN
}

/** Pairs as they stand in `document.cookie`, or in a request's `Cookie` header. */
export const splitPairs = (text: string): Pairs =>
  text.split('; ').map((pair) => {
    const [name = '', ...value] = pair.split('=')
    return [name, value.join('=')]
  })

/** js-cookie decodes names, and keeps only the first of several cookies of one name. So it writes, and this reads. */
export const readPairs = (): Pairs => splitPairs(rawCookies())

export const valuesOf = (pairs: Pairs, name: string): string[] =>
  pairs.flatMap(([other, value]) => (other === name ? value || [] : []))

/** All texts that the cookies of a name can be read as. What begins with the first visible one comes first. */
export function readTexts(pairs: Pairs, name: string, heads: readonly string[] = valuesOf(pairs, name)): string[] {
  const texts: string[] = []
  const follow = (text: string, index: number) => {
    // Only a full piece is followed by another one. What else lies there is no part of this value.
    if (text.length === index * PIECE)
      for (const next of index ? valuesOf(pairs, pieceName(name, index)) : heads)
        if (texts.length < MOST) follow(text + next, index + 1)
    try {
      if (text) texts.push(decodeURIComponent(text))
    } catch {
      // Half a letter, or not ours.
    }
  }
  follow('', 0)
  return texts
}
