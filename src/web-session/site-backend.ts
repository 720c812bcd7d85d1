import { AuthError } from '../core/errors.ts'
import type { Clock, Lock } from '../core/ports.ts'
import type { Backend, MaybePromise, RefreshOutcome } from '../core/types.ts'
import type { PageLike } from './browser-types.ts'
import { waitFor } from './sign-in-gate.ts'
import type { SiteCredentials } from './site.ts'
import { inBrowser, LIMIT, type Visited, type VisitSetup, visit } from './visit.ts'

export interface BackendSetup<Page extends PageLike, User> extends VisitSetup<Page, User> {
  readonly credentials: () => MaybePromise<SiteCredentials | null>
  /** One browser at a time for all processes that share the file. */
  readonly lock: Lock
  /** What a person is told to do. */
  readonly advice: string
  /** No state is kept: each token is a person's work. */
  readonly manual: boolean
}

/** What a `signIn` of the session takes: a token that a person's browser has just shown, or nothing: open the site and look. */
export type Arrival<User> = { readonly found?: Extract<Visited<User>, { type: 'read' }> } | undefined

/**
 * The order is fixed: a fresh token needs no visit (the engine sees to that); else the saved state; else the sign-in hook; else a
 * person.
 */
export function siteBackend<Page extends PageLike, User>(
  setup: BackendSetup<Page, User>,
): Backend<User, Arrival<User>> {
  const { site, keep, clock, limits, lock, advice, manual } = setup
  let flight: Promise<RefreshOutcome<User>> | null = null

  const person = (why: string): RefreshOutcome<User> =>
    site.signIn
      ? { type: 'interaction_required', error: new AuthError('interaction_required', `${why} ${advice}`) }
      : { type: 'rejected', error: new AuthError('rejected', `${why} ${advice}`) }

  const go = async (): Promise<RefreshOutcome<User>> => {
    const { signIns, state, over } = keep.read()
    const credentials = site.signIn ? await setup.credentials() : null
    const dead = !state || over
    const wait = waitFor(signIns, limits, clock.now())
    const mayTry = !!credentials && !signIns.blocked && !wait
    if (dead && signIns.blocked) return person(signIns.blocked.message)
    if (dead && !credentials) return person(state ? 'The saved session is over.' : 'There is no saved session.')
    if (dead && wait) {
      const error = new AuthError('unavailable', 'The last sign-in was too short a time ago.', { retryAfter: wait })
      return { type: 'unavailable', error }
    }
    return judged(await visit(setup, mayTry ? credentials : null))
  }
  const judged = (visited: Visited<User>): RefreshOutcome<User> => {
    switch (visited.type) {
      case 'read':
        return { type: 'renewed', answer: visited.answer }
      case 'signed_out':
        return keep.read().signIns.blocked || !site.signIn
          ? person(keep.read().signIns.blocked?.message ?? 'The saved session is over.')
          : { type: 'unavailable', error: later('The saved session is over, and it is too early to sign in.') }
      case 'refused':
        return keep.read().signIns.blocked
          ? person(visited.error.message)
          : { type: 'unavailable', error: later(visited.error.message) }
      case 'challenge':
        return {
          type: 'interaction_required',
          error: new AuthError('interaction_required', `${visited.error.message} ${advice}`),
        }
      case 'unavailable':
        return visited
    }
  }
  const later = (message: string): AuthError =>
    new AuthError('unavailable', message, { retryAfter: waitFor(keep.read().signIns, limits, clock.now()) })

  /** A visit goes on when whoever asked for it has lost patience; the next who asks joins it. */
  const renew = (): Promise<RefreshOutcome<User>> => {
    flight ??= alone(lock, clock, go).finally(() => {
      flight = null
    })
    return flight
  }

  return Object.freeze<Backend<User, Arrival<User>>>({
    kind: { access: 'token', refresh: manual ? 'none' : 'cookie' },
    baseUrl: new URL(site.url).origin,
    async signIn(arrival) {
      if (arrival?.found) return arrival.found.answer
      const outcome = await renew()
      if (outcome.type === 'renewed') return outcome.answer
      if (outcome.type === 'rejected') throw new AuthError('interaction_required', outcome.error.message)
      throw 'error' in outcome ? outcome.error : new AuthError('invalid_response', 'The visit gave no token.')
    },
    refresh: renew,
    async signOut() {
      const { signOut } = site
      const there = async (): Promise<void> =>
        inBrowser(setup, async (page) => {
          await page.goto(site.url)
          await signOut?.(page)
        })
      try {
        if (signOut && keep.read().state) await alone(lock, clock, there)
      } finally {
        // Whatever the site says: here it is over.
        keep.change({ state: null, over: true })
      }
      return signOut ? undefined : false
    },
  })
}

/** Runs under the lock; waits for it as long as another process's visit may take, and a little longer. */
export async function alone<Result>(lock: Lock, clock: Clock, run: () => Promise<Result>): Promise<Result> {
  let result: Promise<Result> | null = null
  const patience = new AbortController()
  const busy = (): AuthError =>
    new AuthError('unavailable', 'Another process has a browser open for this session, for too long.')
  const timer = clock.setTimeout(() => patience.abort(busy()), 2 * LIMIT)
  await lock('visit', patience.signal, async () => {
    clock.clearTimeout(timer)
    result = run()
    await result.catch(() => {})
  }).finally(() => clock.clearTimeout(timer))
  return result ?? Promise.reject(busy())
}
