import type { AuthEvents } from 'keyturn'
import type { Pending } from '../world/promises.ts'
import type { Sim } from '../world/sim.ts'
import type { SimTab } from '../world/tab.ts'
import type { Watch } from '../world/watch.ts'
import { talk } from './share.ts'

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
 * Asked of other tabs only if they hear of it (there are channels, or cookie events) and have been running all the while; a
 * frozen tab hears later. And not where somebody signed in meanwhile, here or at another page of the site, or storage was
 * changed from outside or failed.
 */
export function signedOutMeansOut(sim: Sim): Watch {
  const { browser } = sim.world
  const { device, shelf, ledger } = sim
  const complain = (message: string): void => sim.violate('d signed out means out', message)
  const quiet = 2 * browser.delay + 300 + (browser.storage === 'async' ? 12 * browser.delay : 0)
  const news = talk(browser) || (browser.cookieEvents && browser.https)
  const alone = browser.storage === 'memory'
  let lastSignIn = -1
  const exits = new Map<SimTab, Exit>()
  const overtaken = new WeakSet<Pending>()
  const isSignIn = (pending: Pending): boolean => pending.kind === 'sign_in' && !overtaken.has(pending)

  const check = ({ tab, at, ran }: Exit): void => {
    if (tab.disposed || tab.fake.process.status !== 'running') return
    const signingIn = sim.promises.pending().some(isSignIn)
    if (lastSignIn >= at || signingIn || sim.trouble.has('elsewhere') || sim.trouble.has('storage')) return
    for (const other of sim.running()) {
      const then = ran.get(other)
      if (then === undefined || (other !== tab && (alone || !news))) continue
      // In the back/forward cache it hears nothing, and looks when it is told that it is shown again.
      if (other.fake.process.ran() - then < device.elapsed() - at - 1) continue
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
      // Where scripts do not see the session, an explicit refresh() asks whose the cookie is, and signs them in (0018).
      if (what === 'sign_in' || (what === 'refresh' && sim.network.hidden.any)) lastSignIn = device.elapsed()
      if (what !== 'sign_out') return
      for (const pending of sim.promises.pending()) if (pending.tab === tab) overtaken.add(pending)
      exits.set(tab, {
        tab,
        at: device.elapsed(),
        ran: new Map(sim.open().map((other) => [other, other.fake.process.ran()])),
      })
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
