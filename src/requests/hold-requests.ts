import { later } from '../browser/later.ts'
import { type AuthError, isAuthError, misuse } from '../core/errors.ts'
import type { Auth, AuthState, Exchange, Exchanged, Reply } from '../core/types.ts'

export interface HoldOptions {
  /** How long a request is held, in ms. Default: 600,000 (10 minutes). */
  readonly timeout?: number
  /** How many are held at the same time; any more fail at once. Default: 50. */
  readonly limit?: number
}

export interface HeldRequests {
  /** For `attachAuth` and `createAuthFetch`, in the place of `auth`. */
  readonly auth: Pick<Auth, 'exchange' | 'getState' | 'report'>
  /** How many requests wait for a sign-in. While there are any, show a sign-in form over the page. */
  readonly count: () => number
  /** Calls `listener` when that number changes. Returns the way back. */
  readonly subscribe: (listener: () => void) => () => void
  /** Nobody will sign in: all that wait fail as they would have. */
  readonly giveUp: () => void
}

/**
 * Holds the requests that fail because the session ended, until the same person signs in again; then they are sent as they
 * were. So a sign-in form over the page costs nobody what they have typed.
 *
 * If another person signs in, they fail with `session_changed`; after `timeout`, or `giveUp()`, as they would have without
 * it; and the request's own `signal` ends it at once. It does not hold what was sent when nobody was signed in, what cannot
 * be sent twice, and what failed because the person signed out.
 *
 * ```ts
 * const held = holdRequests(auth)
 * attachAuth(api, held.auth)
 * ```
 */
export function holdRequests(
  auth: Pick<Auth<unknown, never>, 'exchange' | 'getState' | 'report' | 'subscribe'>,
  { timeout = 600_000, limit = 50 }: HoldOptions = {},
): HeldRequests {
  if (!auth?.exchange) misuse('holdRequests: the first argument must be what createAuth() returned.')
  if (!(timeout > 0) || !(limit > 0)) misuse('holdRequests: timeout and limit must be more than 0.')
  /** How to let each of them go. */
  const held = new Set<() => void>()
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const listener of [...listeners]) listener()
  }

  /** Resolves when somebody has signed in, or it is no longer waited for. */
  const wait = (signal: AbortSignal | null | undefined): Promise<void> =>
    new Promise((resolve) => {
      const go = () => {
        if (!held.delete(go)) return
        stopTime()
        stopState()
        signal?.removeEventListener('abort', go)
        resolve()
        changed()
      }
      const stopTime = later(timeout, go)
      const stopState = auth.subscribe(() => {
        if (auth.getState().status === 'authenticated') go()
      })
      signal?.addEventListener('abort', go)
      held.add(go)
      changed()
    })

  const exchange = async <R extends Reply>(each: Exchange<R>): Promise<Exchanged<R>> => {
    let { identity } = each
    const began = (whose: string) => {
      identity = whose
      each.began?.(whose)
    }
    const end = await attempt(() => auth.exchange<R>({ ...each, began }))
    if (!identity || !each.repeatable || !lost(end, auth.getState()) || held.size >= limit) return settle(end)
    await wait(each.signal)
    each.signal?.throwIfAborted()
    if (auth.getState().status !== 'authenticated') return settle(end)
    if ('value' in end) each.discard?.(end.value.reply)
    return exchange({ ...each, identity })
  }

  return {
    auth: { exchange, getState: auth.getState as Auth['getState'], report: auth.report },
    count: () => held.size,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    giveUp() {
      for (const go of [...held]) go()
    },
  }
}

type End<R> = { readonly value: Exchanged<R> } | { readonly thrown: unknown }

const attempt = <R>(run: () => Promise<Exchanged<R>>): Promise<End<R>> =>
  run().then(
    (value) => ({ value }),
    (thrown) => ({ thrown }),
  )

function settle<R>(end: End<R>): Exchanged<R> {
  if ('thrown' in end) throw end.thrown
  return end.value
}

/** Whether it failed because the session ended, other than by signing out. */
function lost(end: End<unknown>, state: AuthState): boolean {
  if (state.status !== 'unauthenticated' || state.reason === 'signed_out' || state.reason === 'other_tab') return false
  const error: unknown = 'thrown' in end ? end.thrown : end.value.error
  return isAuthError(error) && ENDS.includes(error.code)
}

const ENDS: readonly AuthError['code'][] = ['rejected', 'unauthenticated', 'session_changed', 'unavailable']
