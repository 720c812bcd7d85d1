import Cookies from 'js-cookie'
import { AuthError } from '../core/errors.ts'
import type { CookieSettings } from './cookie-options.ts'
import { PIECE, pieceIndex, pieceName, readPairs, readTexts, valuesOf } from './cookie-pairs.ts'
import { outOfScope, type Scope, scopesAround } from './cookie-scopes.ts'

/** Values are encoded here, before they are cut into pieces, so that a cut inside an escape does no harm. */
const jar = Cookies.withConverter<string>({ read: (value) => value, write: (value) => value as string })

export interface Writing {
  readonly secure: boolean
  /** In ms since 1970. undefined: until the browser ends. */
  readonly expires: number | undefined
  /** Whether a text that this name has in another scope is this app's. */
  readonly isOurs: (text: string) => boolean
}

const put = (
  name: string,
  value: string,
  scope: Scope,
  sameSite: CookieSettings['sameSite'],
  secure: boolean,
  expires?: number,
) =>
  jar.set(name, value, {
    // Each by name, or js-cookie would take what somebody hung on Object.prototype.
    path: scope.path,
    domain: scope.domain as string,
    partitioned: scope.partitioned,
    sameSite,
    // A __Host- or __Secure- cookie is deleted as it is written: Secure.
    secure: secure || (!value && name.startsWith('__')),
    expires: (expires === undefined ? undefined : new Date(expires)) as Date,
  })

/** Writes a value in its own scope, and deletes what a longer one before it has left over. null deletes all of it. */
export function writeText(settings: CookieSettings, name: string, value: string | null, writing: Writing): number {
  const { path, domain, partitioned, sameSite } = settings
  const own: Scope = { path, domain, partitioned }
  const { secure, expires } = writing
  const text = encodeURIComponent(value ?? '')
  let size = 0
  let count = 0
  for (; count * PIECE < text.length; count++) {
    const piece = text.slice(count * PIECE, (count + 1) * PIECE)
    put(pieceName(name, count), piece, own, sameSite, secure, expires)
    size += pieceName(name, count).length + piece.length + 3
  }
  for (const [other] of readPairs()) if (pieceIndex(name, other) >= count) put(other, '', own, sameSite, secure, 0)

  const refuse = (why: string): never => {
    throw new AuthError('storage_failed', `The browser did not take the cookie ${name}: ${why}.`)
  }
  if (value !== null && !readTexts(readPairs(), name).includes(value)) {
    const probe = `${name}-probe`
    put(probe, '1', own, sameSite, secure)
    const taken = valuesOf(readPairs(), probe).length
    put(probe, '', own, sameSite, secure, 0)
    refuse(
      outOfScope(own) ??
        (taken
          ? 'one of this name is in its place that scripts cannot change (HttpOnly, or Secure on a page by http). Choose another name or a prefix'
          : 'cookies are blocked or full'),
    )
  }

  /** What else has the name, beside what was just written. */
  const others = () => {
    const heads = valuesOf(readPairs(), name)
    const mine = heads.indexOf(text.slice(0, PIECE))
    return heads.filter((_, index) => index !== mine)
  }
  const pairs = readPairs()
  const ours = others().filter((head) => readTexts(pairs, name, [head]).some(writing.isOurs))
  const left = () => others().some((head) => ours.includes(head))
  for (const scope of scopesAround()) {
    if (!left()) break
    if (scope.path === path && scope.domain === domain && scope.partitioned === partitioned) continue
    const before = others()
    put(name, '', scope, sameSite, secure, 0)
    const after = others()
    // A page cannot ask which scope a cookie is of. So it looks which one is gone, and puts back what is not this app's.
    const gone = before.find((head, index) => head !== after[index])
    if (gone === undefined || before.length === after.length) continue
    if (!ours.includes(gone)) put(name, gone, scope, sameSite, secure, expires)
    else for (const [other] of pairs) if (pieceIndex(name, other)) put(other, '', scope, sameSite, secure, 0)
  }
  if (left()) refuse('an older one of this name cannot be deleted')
  return size
}
