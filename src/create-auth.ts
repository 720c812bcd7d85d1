import { browserPorts } from './browser/ports.ts'
import { createEngine } from './core/create-engine.ts'
import type { Ports } from './core/ports.ts'
import type { Auth, AuthOptions } from './core/types.ts'
import { rigged } from './rig.ts'
import { readToken } from './tokens/read-token.ts'

/**
 * Makes the session engine. Restores the session at once if the storage answers at once. Make one per app, outside any
 * component; requests, timers, tabs and components share it.
 *
 * On a server it does nothing by itself: there is no cookie to read, and React renders the `loading` state.
 * `ports` replaces parts of the environment, for tests; see `keyturn/testing`.
 * @throws AuthError `misconfigured` for a missing backend or storage, or an impossible number.
 */
export function createAuth<User = unknown, Credentials = unknown>(
  options: AuthOptions<User, Credentials> & { readonly ports?: Partial<Ports> },
): Auth<User, Credentials> {
  const { ports, ...rest } = options ?? {}
  return rigged(createEngine, rest, { ...browserPorts(readToken), ...ports })
}
