import { AuthError, isAuthError } from './errors.ts'
import type { Kit } from './kit.ts'
import { within } from './limits.ts'
import type { Ports } from './ports.ts'
import type { Backend } from './types.ts'

/** How long (ms) a sign-out waits for the server. */
const REVOKE_LIMIT = 5_000

/** The way to the backend: every call has a time limit, ends with the engine, and fails with an {@link AuthError}. */
export function createCalls(
  backend: Backend,
  { clock, fetch, page }: Ports,
  timeout: number,
  life: AbortSignal,
): Pick<Kit, 'call' | 'revoke'> {
  const call: Kit['call'] = (run, ms = timeout) => {
    const limit = new AbortController()
    const { signal } = limit
    const started = async () => {
      life.throwIfAborted()
      return run({ signal, fetch, pageUrl: page?.href() ?? null, now: clock.now() })
    }
    const late = () => {
      throw new AuthError('unavailable', `The auth server did not answer within ${ms} ms.`)
    }
    return within(clock, started(), ms, late, life)
      .catch((cause) => {
        throw isAuthError(cause)
          ? cause
          : new AuthError('unavailable', 'The auth server could not be asked.', { cause })
      })
      .finally(() => limit.abort())
  }
  return {
    call,
    revoke: ({ accessToken, refreshToken = null }, scope = 'local') =>
      call((context) => backend.signOut({ accessToken, refreshToken }, scope, context), REVOKE_LIMIT).then(
        () => true,
        () => false,
      ),
  }
}
