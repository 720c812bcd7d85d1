import { browserPorts } from './browser/ports.ts'
import { createEngine } from './core/create-engine.ts'
import { misuse } from './core/errors.ts'
import type { Ports } from './core/ports.ts'
import type { Auth, AuthOptions } from './core/types.ts'
import { rigged } from './rig.ts'
import { readToken } from './tokens/read-token.ts'

/**
 * Makes the session engine. Restores the session at once if the storage answers at once. Make one per app, outside any
 * component; requests, timers, tabs and components share it.
 *
 * On a server it does nothing by itself: there is no cookie to read, and React renders the `loading` state. There `signIn` and
 * `adopt` reject with `misconfigured` if the storage is one that tabs share: a module is loaded once for all visitors, and so
 * would be the session. `ports` replaces parts of the environment, for tests; see `keyturn/testing`.
 * @throws AuthError `misconfigured` for a missing backend or storage, or an impossible number.
 */
export function createAuth<User = unknown, Credentials = unknown>(
  options: AuthOptions<User, Credentials> & { readonly ports?: Partial<Ports> },
): Auth<User, Credentials> {
  const { ports, ...rest } = options ?? {}
  const own = browserPorts(readToken)
  const auth = rigged(createEngine, rest, { ...own, ...ports })
  if (ports || own.openChannel || !rest.storage.key) return auth
  const refuse = async () =>
    misuse('On a server this would be one session for all visitors. Sign in in the page; read it with keyturn/server.')
  // Property by property: to read `ready` would start something.
  const parts = Object.getOwnPropertyDescriptors(auth)
  const refused = { value: refuse, enumerable: true }
  return Object.freeze(Object.defineProperties({} as typeof auth, { ...parts, signIn: refused, adopt: refused }))
}
