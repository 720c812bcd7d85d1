import { kindOf } from '../world/hidden.ts'
import type { Sim } from '../world/sim.ts'
import type { Watch } from '../world/watch.ts'

/**
 * e. One user per request. A request that began while somebody was signed in is sent, and repeated, with a token of that
 * user and of nobody else; one that began while nobody was, with no token at all; one that began while a session was
 * being restored, with tokens of one user only; and one that began while nobody was, and is sent again by a library, may then be
 * anybody's, but of one user only. Checked for every request that leaves, in every world.
 *
 * Where the access token is in a cookie that scripts do not see, the browser picks it as it sends. There an answer is handed
 * out only to whom the server took the request for. Exempt (core.md, "Kinds of session"): the server has set another
 * person's cookie, and as the answer arrives nothing in the browser tells so yet: neither storage nor the tab, nor the answer
 * (`whose`). `test/simulation/exemptions.test.ts` has the world.
 */
export function oneUserPerRequest(sim: Sim): Watch {
  const users = new Map<number, string>()
  const unseen = kindOf(sim.world.server.kind).access === 'cookie'
  return {
    sent({ errand, bearer, tab }) {
      if (!errand || !bearer || unseen) return
      // One that was torn, or came from outside, is nobody's.
      const user = sim.ledger.find(bearer)?.user
      if (!user) return
      const open = errand.as === undefined || (errand.as === null && !!sim.world.browser.retries)
      const expected = open ? (users.get(errand.number) ?? user) : errand.as
      users.set(errand.number, user)
      const began = `request ${errand.number} of ${tab.name} began as ${expected ?? 'nobody'}`
      if (user !== expected) sim.violate('e one user per request', `${began} and left with a token of ${user}`)
    },
    handed(errand) {
      if (!unseen || typeof errand.as !== 'string') return
      const letter = [...sim.network.letters].reverse().find((each) => each.errand === errand)
      const user = letter?.entry?.userId
      if (!letter || !user || user === errand.as || letter.target !== 'api') return
      const [stored, shown] = letter.told ?? []
      // Another app's session that lies there tells of nobody.
      const silent = stored === errand.as || sim.shelf.foreign()
      if (silent && shown === errand.as && !sim.world.browser.whose) return
      const began = `request ${errand.number} of ${errand.tab.name} began as ${errand.as}`
      sim.violate('e one user per request', `${began}, and was given the answer to ${user}`)
    },
  }
}
