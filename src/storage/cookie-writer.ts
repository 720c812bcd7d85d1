import Cookies from 'js-cookie'
import { AuthError } from '../core/errors.ts'
import type { CookieSettings } from './cookie-options.ts'
import { PIECE, pieceIndex, pieceName, readPairs, readTexts, valuesOf } from './cookie-pairs.ts'
import { bare, type Scope, scopesAround } from './cookie-scopes.ts'

/** Values are encoded here, before they are cut into pieces, so that a cut inside an escape does no harm. */
const jar = Cookies.withConverter<string>({ read: (value) => value, write: (value) => value as string })

export type Put = (name: string, value: string, secure: boolean, expires?: Date | number, scope?: Scope) => void

/** Writes one cookie. `expires`: when, or in how many days; absent: when the browser ends. */
export const createPut =
  ({ path, domain, partitioned, sameSite, secure: always }: CookieSettings): Put =>
  (name, value, secure, expires, scope = { path, domain, partitioned }) => {
    jar.set(name, value, {
      // By name, each of them: js-cookie would take one that somebody hung on Object.prototype.
      path: scope.path,
      domain: scope.domain as string,
      partitioned: scope.partitioned,
      sameSite,
      // Without it browsers take none of these kinds, be it to delete them.
      secure: always ?? (secure || partitioned || sameSite === 'none' || name.startsWith('__')),
      expires: expires as Date,
    })
  }

/**
 * Replaces what a name stands for; null deletes it. Then deletes from all other scopes what `isOurs`.
 * @throws AuthError `storage_failed` if the result does not stick.
 */
export function writeText(
  { path, domain, partitioned }: CookieSettings,
  put: Put,
  name: string,
  value: string,
  secure: boolean,
  expires: Date | undefined,
  isOurs: (text: string) => boolean,
): void {
  const head = value.slice(0, PIECE)
  /** What stands there beside the value that was written. */
  const others = () => {
    const heads = valuesOf(readPairs(), name)
    const mine = heads.indexOf(head)
    return heads.filter((_, index) => index !== mine)
  }

  let count = 0
  for (; count * PIECE < value.length; count++)
    put(pieceName(name, count), value.slice(count * PIECE, (count + 1) * PIECE), secure, expires)
  // What a longer value before it has left over.
  for (const [other] of readPairs()) if (pieceIndex(name, other) >= count) put(other, '', secure, -1)
  const pairs = readPairs()
  const ours = others().filter((each) => readTexts(pairs, name, [each]).some(isOurs))
  const left = () => others().some((each) => ours.includes(each))

  for (const scope of ours.length ? scopesAround() : []) {
    const here = scope.path === path && scope.domain === bare(domain) && scope.partitioned === partitioned
    const before = others()
    if (here || !left()) continue
    put(name, '', secure, -1, scope)
    // A page cannot ask for the scope of a cookie. So it looks which one is gone, and puts back what is not this app's.
    const after = others()
    const gone = before.find((each, index) => each !== after[index])
    if (!gone || before.length === after.length) continue
    if (!ours.includes(gone)) put(name, gone, secure, expires, scope)
    else for (const [other] of pairs) if (pieceIndex(name, other)) put(other, '', secure, -1, scope)
  }

  const taken = !value || readTexts(pairs, name).includes(decodeURIComponent(value))
  if (taken && !left()) return
  put(`${name}-probe`, '1', secure)
  const why = valuesOf(readPairs(), `${name}-probe`).length
    ? 'scripts cannot change the one that is there (HttpOnly, or of another scope); choose a prefix'
    : 'cookies are blocked or full, or its domain or path is not of this page'
  put(`${name}-probe`, '', secure, -1)
  throw new AuthError('storage_failed', `The browser did not take the cookie ${name}: ${why}.`)
}
