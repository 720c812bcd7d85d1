import { AuthError, isAuthError } from '../core/errors.ts'
import { sleep, within } from '../core/limits.ts'
import type { Clock } from '../core/ports.ts'
import type { Backend, RefreshOutcome } from '../core/types.ts'
import { keyFor, openReply, type ReplyStore, sealReply } from './replies.ts'

/** How long (ms) one call to the auth server may take. Below the 10 s that a page waits. */
const TIMEOUT = 9_000
/** How often (ms) another process's answer is looked for. */
const LOOK = 50
const PENDING = 'pending'

export interface RenewalSetup {
  readonly backend: Backend
  readonly clock: Clock
  readonly fetch: typeof globalThis.fetch
  /** For how long (ms) an answer is repeated. */
  readonly hold: number
  readonly store: ReplyStore | undefined
}

/** How a renewal ended, and when (ms since 1970): an answer that is repeated later tells lives from then. */
export type Renewal = RefreshOutcome & { readonly at: number }

export type Renewals = (refreshToken: string) => Promise<Renewal>

/**
 * Asks the auth server once for each refresh token, however many tabs and requests bring it, and repeats the answer to all who
 * bring it within `hold`. So a strict server, which ends a session when a token comes twice, sees it once. Only good answers
 * are kept.
 */
export function createRenewals({ backend, clock, fetch, hold, store }: RenewalSetup): Renewals {
  const known = new Map<string, Promise<Renewal>>()

  const call = async (refreshToken: string): Promise<RefreshOutcome> => {
    const limit = new AbortController()
    const context = { signal: limit.signal, fetch, pageUrl: null, now: clock.now() }
    const late = (): RefreshOutcome => {
      throw new AuthError('unavailable', `The auth server did not answer within ${TIMEOUT} ms.`)
    }
    try {
      const asked = (async () => backend.refresh({ accessToken: null, refreshToken }, context))()
      return await within(clock, asked, TIMEOUT, late)
    } catch (cause) {
      const words = 'The auth server could not be asked.'
      return { type: 'unavailable', error: isAuthError(cause) ? cause : new AuthError('unavailable', words, { cause }) }
    } finally {
      limit.abort()
    }
  }
  const ask = async (token: string): Promise<Renewal> => ({ ...(await call(token)), at: clock.now() })
  const isGood = ({ type }: RefreshOutcome) => type === 'renewed' || type === 'extended'

  /** The same between processes: who gets the key asks, the others wait for what it leaves there. */
  const share = async (shared: ReplyStore, key: string, refreshToken: string): Promise<Renewal> => {
    const until = clock.now() + TIMEOUT
    while (clock.now() < until) {
      const found = await shared.get(key)
      if (found && found !== PENDING) return (await openReply(refreshToken, found)) as Renewal
      if (!found && (await shared.set(key, PENDING, TIMEOUT + 1_000, true))) {
        const outcome = await ask(refreshToken)
        if (isGood(outcome)) await shared.set(key, await sealReply(refreshToken, outcome), hold)
        else await shared.delete(key)
        return outcome
      }
      await sleep(clock, LOOK)
    }
    const error = new AuthError('unavailable', 'Another process is renewing this session.')
    return { type: 'unavailable', error, at: clock.now() }
  }

  return async (refreshToken) => {
    const key = await keyFor(refreshToken)
    const before = known.get(key)
    if (before) return before
    // Without the store nobody knows who else asks: better later than twice.
    const lost = (cause: unknown): Renewal => {
      const error = new AuthError('unavailable', 'The store of answers failed.', { cause })
      return { type: 'unavailable', error, at: clock.now() }
    }
    const flight = store ? share(store, key, refreshToken).catch(lost) : ask(refreshToken)
    known.set(key, flight)
    const drop = () => known.delete(key)
    flight.then((outcome) => (isGood(outcome) && !store ? clock.setTimeout(drop, hold) : drop()), drop)
    return flight
  }
}
