import { AxiosError } from 'axios'
import { isAuthError } from 'keyturn'
import type { Pending, Promised } from '../world/promises.ts'
import type { Sim } from '../world/sim.ts'
import { RETRY_AFTER } from '../world/tab.ts'
import type { Watch } from '../world/watch.ts'

/** One call to the backend, and what anybody waits for a token. */
const CALL = 10_000
const WAIT = 14_000
const REVOKE = 5_000
/** How long a sign-in waits for the lock. */
const QUEUE = 6_000
/** What a timer that rings late gives to an answer that lies waiting. */
const GRACE = 2_000

/**
 * f. Every promise settles, within this much time (ms) in which its tab was running:
 *
 * - `ready`: 14 s.
 * - `refresh()` and `getAccessToken()`: 14 s, the wait for the restore included.
 * - `signIn()`: 20 s (the call, and one more to ask who the user is), and storage. `signOut()`: 5 s, and storage.
 * - a request: its own time limit, or when it is aborted, whichever comes first. Else three waits of 14 s (for the
 *   restore, for a token, for a new one after a 401) and two ways over the network.
 *
 * Where a cookie that scripts do not see holds the session, a sign-in waits for what else sets it: with a lock 6 s, else for
 * whatever the same tab has begun before, which takes as long itself.
 *
 * "And storage": four operations of an asynchronous storage, at most 10 s each, for one may be under way already. Where a
 * tab is throttled, each of up to six timers in a row may be a minute late. Five percent are for the device's clock. A
 * request's own time limit is taken from the wall clock: where that was moved, each of three legs may take all of it. A
 * timer that rings late, for the tab stood still or its clock was moved, gives 2 s more, in each of the three legs.
 *
 * Where a library sends failed requests again, all that again for each time.
 *
 * Also: what rejects is an `AuthError`, or for requests an axios error; and no rejection is left to nobody.
 */
export function everyPromiseSettles(sim: Sim): Watch {
  const { browser } = sim.world
  const storage = browser.storage === 'async' ? 4 * Math.min(CALL, 4 * browser.delay) : 0
  // A connection may break only after five minutes; the kit cannot know.
  const way = 2 * browser.latency + 312_000
  const bounds: Record<Promised, number> = {
    ready: WAIT,
    refresh: WAIT,
    token: WAIT,
    sign_in: 2 * CALL + storage,
    sign_out: REVOKE + storage,
    request: 3 * WAIT + 2 * way,
  }
  const { retries = 0 } = browser
  const { hidden } = sim.network
  const locks = browser.locks === 'yes' && browser.https
  const boundOf = (pending: Pending, took: number): number => {
    const { kind, limits, tab, given, ahead } = pending
    const jumped = sim.trouble.has('jump')
    const queue = hidden.any && kind === 'sign_in' ? QUEUE + (locks ? 0 : ahead * bounds.sign_in) : 0
    const own = Math.min(bounds[kind] + queue, ...limits.map((limit) => limit * (jumped ? 3 : 1)))
    const again = kind === 'request' ? retries : 0
    const stood = jumped || sim.device.elapsed() - given > took
    return (
      (1 + again) * (again * RETRY_AFTER + own + (tab.throttled ? 6 * 60_000 : 0) + (stood ? 3 * GRACE : 0)) * 1.05 + 5
    )
  }

  const late = (pending: Pending, took: number): void => {
    const { tab, kind } = pending
    const bound = boundOf(pending, took)
    if (took > bound)
      sim.violate('f every promise settles', `${kind} of ${tab.name} took ${took} ms or more, not ${Math.round(bound)}`)
  }
  sim.promises.onSettled((pending, took, error) => {
    late(pending, took)
    const { kind, tab } = pending
    const typed = isAuthError(error) || (kind === 'request' && error instanceof AxiosError)
    if (error && !typed) sim.violate('f every promise settles', `${kind} of ${tab.name} rejected with ${error}`)
  })
  return {
    over() {
      for (const pending of sim.promises.pending()) late(pending, pending.tab.fake.process.ran() - pending.since)
    },
  }
}
