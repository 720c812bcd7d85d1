import type { Ports } from './core/ports.ts'
import type { Auth, AuthOptions } from './core/types.ts'

type Make = <User, Credentials>(options: AuthOptions<User, Credentials>, ports: Ports) => Auth<User, Credentials>

/** Makes an `auth` as it is. In the place of `rig.ts` wherever the condition `development` is not set. */
export const rigged = <User, Credentials>(
  make: Make,
  options: AuthOptions<User, Credentials>,
  ports: Ports,
): Auth<User, Credentials> => make(options, ports)
