import type { AuthEvents } from 'keyturn'
import type { Pending } from '../world/promises.ts'
import type { Sim } from '../world/sim.ts'
import type { SimTab } from '../world/tab.ts'
import type { Watch } from '../world/watch.ts'
import { talk } from './share.ts'

/** What a timer that rings late gives to an answer that lies waiting, in ms. */
const GRACE = 2_000

interface Exit {
  readonly tab: SimTab
  readonly at: number
  /** For how long each tab had run when it was called. */
  readonly ran: ReadonlyMap<SimTab, number>
}

/**
 * d. Signed out means out. `signOut()` (with scope `local` or `global`) never rejects while the tab lives; when it
 * returns, its tab is not signed in; and when it has settled and the messages have been delivered, no tab is signed in
 * and storage holds no token, until the next sign-in.
 *
 * "The messages have been delivered": after the longest delay of messages and storage, and the 200 ms for which a tab
 * looks twice. A sign-in that was under way in the same tab is overtaken by the sign-out, and is none.
 *
 * Asked of other tabs only if they hear of it (there are channels, or cookie events) and have been running all the while,
 * unthrottled; a frozen tab hears later. And not where
 *
 * - somebody signed in meanwhile, here or at another page of the site, or storage was changed from outside or failed;
 * - the tab itself stood still before it was done, so that others could write between two of its cookies; or another one
 *   stood still at that moment, perhaps in the middle of writing what it signed in to;
 * - storage is slow, and one tab signed out while another signed in: what the one clears may be what the other has written.
 */
export function signedOutMeansOut(sim: Sim): Watch {
  const { browser } = sim.world
  const { device, shelf, ledger } = sim
  const complain = (message: string): void => sim.violate('d signed out means out', message)
  const quiet = 2 * browser.delay + 300 + (browser.storage === 'async' ? 12 * browser.delay : 0)
  const news = talk(browser) || (browser.cookieEvents && browser.https)
  const alone = browser.storage === 'memory'
  let lastSignIn = -1
  let mixed = false
  const exits = new Map<SimTab, Exit>()
  const overtaken = new WeakSet<Pending>()
  const isSignIn = (pending: Pending): boolean => pending.kind === 'sign_in' && !overtaken.has(pending)

  const checked = new WeakSet<Exit>()
  const check = (exit: Exit): void => {
    const { tab, at, ran } = exit
    if (tab.disposed || tab.fake.process.status !== 'running') return
    const signingIn = sim.promises.pending().some(isSignIn)
    // A look at storage whose clock is moved meanwhile takes longer, twice.
    const jumped = sim.trouble.has('jump')
    if (jumped && !checked.has(exit)) {
      checked.add(exit)
      device.setTimeout(() => check(exit), 2 * GRACE)
      return
    }
    if (lastSignIn >= at || signingIn || sim.trouble.has('elsewhere') || sim.trouble.has('storage') || mixed) return
    const stood = (each: SimTab): boolean => each.fake.process.ran() - (ran.get(each) ?? 0) < device.elapsed() - at - 1
    // It stood still between two cookies, and other tabs could write in between.
    if (stood(tab)) return
    for (const other of sim.running()) {
      const then = ran.get(other)
      if (then === undefined || (other !== tab && (alone || !news))) continue
      if (other !== tab && other.throttled) continue
      if (stood(other)) continue
      if (other.auth.getState().status === 'authenticated')
        complain(`${other.name} is signed in ${device.elapsed() - at} ms after ${tab.name} signed out`)
    }
    const token = shelf.token('access') ?? shelf.token('refresh')
    if (token) complain(`storage holds ${ledger.alias(token)} after ${tab.name} signed out`)
    else if (shelf.pieces()) complain(`storage holds part of a token after ${tab.name} signed out`)
  }

  sim.promises.onSettled((pending, _took, error) => {
    const { kind, tab } = pending
    if (isSignIn(pending)) lastSignIn = device.elapsed()
    const exit = exits.get(tab)
    if (kind !== 'sign_out' || !exit) return
    exits.delete(tab)
    if (error && !tab.disposed) complain(`signOut() of ${tab.name} rejected with ${error}`)
    device.setTimeout(() => check(exit), quiet)
  })

  return {
    event(tab, name, payload) {
      // It was under way in another tab, which may be gone by now.
      const mine = name === 'signed_in' && (payload as AuthEvents['signed_in']).by === 'this_tab'
      if (mine && !sim.promises.pending().some((pending) => pending.tab === tab && overtaken.has(pending)))
        lastSignIn = device.elapsed()
    },
    asked(tab, what) {
      const other = what === 'sign_in' ? 'sign_out' : 'sign_in'
      // Where scripts do not see the session, an explicit refresh() asks whose the cookie is, and signs them in (0018).
      if (what === 'sign_in' || (what === 'refresh' && sim.network.hidden.any)) lastSignIn = device.elapsed()
      if ((what === 'sign_in' || what === 'sign_out') && browser.storage === 'async')
        mixed ||= sim.promises.pending().some((each) => each.kind === other && each.tab !== tab)
      if (what !== 'sign_out') return
      for (const pending of sim.promises.pending()) if (pending.tab === tab) overtaken.add(pending)
      const ran = new Map(sim.open().map((other) => [other, other.fake.process.ran()]))
      if (sim.open().some(({ fake }) => fake.process.status === 'stalled')) exits.delete(tab)
      else exits.set(tab, { tab, at: device.elapsed(), ran })
      void Promise.resolve().then(() => {
        if (tab.auth.getState().status === 'authenticated') complain(`signOut() left ${tab.name} signed in`)
      })
    },
    settled() {
      if (lastSignIn >= 0 || sim.trouble.has('elsewhere')) return
      for (const tab of sim.open())
        if (tab.auth.getState().status === 'authenticated') complain(`${tab.name} is signed in, and nobody ever was`)
    },
  }
}
