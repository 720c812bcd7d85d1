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
  ({ path, domain, partitioned, sameSite, secure: always }: CookieSettings, apart: boolean = partitioned): Put =>
  (name, value, secure, expires, scope = { path, domain }) => {
    jar.set(name, value, {
      // By name, each of them: js-cookie would take one that somebody hung on Object.prototype.
      path: scope.path,
      domain: scope.domain,
      partitioned: apart,
      sameSite,
      // Without it browsers take none of these kinds, be it to delete them.
      secure: always ?? (secure || apart || sameSite === 'none' || name.startsWith('__')),
      expires: expires as Date,
    })
  }

/**
 * Replaces what a name stands for; an empty value deletes it. Then deletes from all other scopes what `isOurs`. Returns what
 * is left there: the beginnings of other apps' values.
 * @throws AuthError `storage_failed` if the result does not stick.
 */
export function writeText(
  settings: CookieSettings,
  name: string,
  value: string,
  secure: boolean,
  expires: Date | undefined,
  isOurs: (text: string) => boolean,
): readonly string[] {
  const put = createPut(settings)
  const { path, domain, partitioned } = settings
  const count = Math.ceil(value.length / PIECE)
  const write = () => {
    for (let index = 0; index < count; index++)
      put(pieceName(name, index), value.slice(index * PIECE, (index + 1) * PIECE), secure, expires)
  }
  /** What stands there beside the value that was written. */
  const others = () => {
    const heads = valuesOf(readPairs(), name)
    const mine = heads.indexOf(value.slice(0, PIECE))
    return heads.filter((_, index) => index !== mine)
  }

  write()
  // What a longer value before it has left over.
  for (const [other] of readPairs()) if (pieceIndex(name, other) >= count) put(other, '', secure, -1)
  const pairs = readPairs()
  const ours = others().filter((head) => readTexts(pairs, name, [head]).some(isOurs))
  const left = () => others().some((head) => ours.includes(head))

  for (const scope of ours.length ? scopesAround() : []) {
    const before = others()
    if ((scope.path === path && scope.domain === bare(domain)) || !left()) continue
    put(name, '', secure, -1, scope)
    // A page cannot ask for the scope of a cookie. So it looks which one is gone, and puts back what is not this app's.
    const after = others()
    const gone = before.find((head, index) => head !== after[index])
    if (!gone || before.length === after.length) continue
    if (!ours.includes(gone)) put(name, gone, secure, expires, scope)
    else for (const [other] of pairs) if (pieceIndex(name, other)) put(other, '', secure, -1, scope)
  }
  // Perhaps from when the app was partitioned, or not yet.
  if (left()) createPut(settings, !partitioned)(name, '', secure, -1)
  // Some browsers do not tell the two jars apart, or this host from its own domain: there the value of now went, too.
  if (ours.length) write()

  const taken = !value || readTexts(readPairs(), name).includes(decodeURIComponent(value))
  if (taken && !left()) return others()
  put(`${name}-probe`, '1', secure)
  const why = valuesOf(readPairs(), `${name}-probe`).length
    ? 'scripts cannot change the one that is there (HttpOnly, or of another scope); choose a prefix'
    : 'cookies are blocked or full, or its domain or path is not of this page'
  put(`${name}-probe`, '', secure, -1)
  throw new AuthError('storage_failed', `The browser did not take the cookie ${name}: ${why}.`)
}
