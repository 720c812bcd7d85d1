import type { AuthEvents } from 'keyturn'
import type { Sim, Trouble } from '../world/sim.ts'
import type { Watch } from '../world/watch.ts'
import { isAmong } from './share.ts'

/** After these a session may be over, or another one be there, though nobody asked for it. */
const EXCUSES: readonly Trouble[] = ['storage', 'elsewhere', 'lost write']
/** A request that was given up may still reach the server for so long, in ms. */
const STRAY = 30_000

/**
 * d, where a cookie that scripts do not see holds the session: what a person asked for last is how it is. When faults have
 * stopped, everybody has heard that the network is back, and nobody has done anything about it:
 *
 * - after a sign-out no tab is signed in, and the server takes the cookie for nobody's;
 * - after a sign-in every tab is signed in, if the server takes the cookie for somebody's, and no refusal was believed (a tells
 *   whether it might be).
 *
 * Asked only if nothing else was under way then (no sign-in, sign-out or renewal, of any tab, living or dead), and if nothing but
 * requests came after it. An explicit `refresh()` after a sign-out asks the server who is there, and whom that tells is signed
 * in (0018). Not where storage was changed from outside or failed: then nobody knows of the sign-out any more. Nor where another
 * page of the site set the cookie. A sign-out counts once storage has a word of it: with cookies when `signOut()` returns, unless the
 * tab has died before that, else when it has settled.
 */
export function wishesCount(sim: Sim): Watch {
  const { hidden, letters } = sim.network
  let wish: 'in' | 'out' | null = null
  let settled = false

  const isBusy = (): boolean => {
    const given = letters.filter(({ target }) => target === 'sign_in' || target === 'sign_out' || target === 'refresh')
    const since = sim.truth.elapsed() - STRAY
    return (
      given.some(({ fate, at }) => fate === 'under way' || (fate === 'lost' && at > since)) ||
      sim.promises.pending().some(({ kind }) => kind !== 'request') ||
      sim.open().some(({ auth }) => auth.inspect().refreshing)
    )
  }
  const noteEnd = (): void => {
    settled ||= sim.shelf.over()
  }
  sim.promises.onSettled(({ kind }, _took, error) => {
    if (error && kind === 'sign_in') wish = null
    if (kind === 'sign_in' || kind === 'sign_out') settled = true
  })
  return {
    event(_tab, name, payload) {
      if (wish === 'in' && name === 'signed_out' && (payload as AuthEvents['signed_out']).reason === 'rejected')
        wish = null
    },
    asked(_tab, what) {
      if (!hidden.any || what === 'request' || what === 'sign_out_others') return
      if (what === 'sign_in' || what === 'sign_out') {
        settled = false
        if (what === 'sign_out') void Promise.resolve().then(noteEnd)
        wish = isBusy() ? null : what === 'sign_in' ? 'in' : 'out'
      } else if (wish === 'out') wish = null
    },
    calm() {
      if (!wish || !settled || isAmong(sim.trouble, EXCUSES)) return
      const live = hidden.live()
      const wanted = wish === 'in' ? 'authenticated' : 'unauthenticated'
      const complain = (message: string): void => sim.violate('d signed out means out', message)
      if (wish === 'out' && live) complain(`the last word was to sign out, and the cookie is still of ${live.user}`)
      if (wish === 'in' && !live) return
      for (const { name, auth } of sim.open())
        if (auth.getState().status !== wanted)
          complain(`the last word was to sign ${wish}, and ${name} is ${auth.getState().status}`)
    },
  }
}
