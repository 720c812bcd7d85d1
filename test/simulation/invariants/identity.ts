import type { Sim } from '../world/sim.ts'
import type { Watch } from '../world/watch.ts'

/**
 * e. One user per request. A request that began while somebody was signed in is sent, and repeated, with a token of that
 * user and of nobody else; one that began while nobody was, with no token at all; one that began while a session was
 * being restored, with tokens of one user only; and one that began while nobody was, and is sent again by a library, may then be
 * anybody's, but of one user only. Checked for every request that leaves, in every world.
 */
export function oneUserPerRequest(sim: Sim): Watch {
  const users = new Map<number, string>()
  return {
    sent({ errand, bearer, tab }) {
      if (!errand || !bearer) return
      // One that was torn, or came from outside, is nobody's.
      const user = sim.ledger.find(bearer)?.user
      if (!user) return
      const open = errand.as === undefined || (errand.as === null && !!sim.world.browser.retries)
      const expected = open ? (users.get(errand.number) ?? user) : errand.as
      users.set(errand.number, user)
      const began = `request ${errand.number} of ${tab.name} began as ${expected ?? 'nobody'}`
      if (user !== expected) sim.violate('e one user per request', `${began} and left with a token of ${user}`)
    },
  }
}
