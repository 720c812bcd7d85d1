import type { AuthEvents } from 'keyturn'
import type { Sim, Trouble } from '../world/sim.ts'
import type { SimTab } from '../world/tab.ts'
import type { Mishap } from '../world/types.ts'
import type { Watch } from '../world/watch.ts'
import { isAmong } from './share.ts'

/** After these nobody knows of what was asked for, or another page of the site has undone it. */
const EXCUSES: readonly Trouble[] = ['storage', 'elsewhere', 'lost write']
/** After these a session may be over though nobody asked for it: those of b, and what the server was made to do. */
const ENDED: readonly Trouble[] = ['lost answer', 'crash', 'standstill', 'lock', 'twice', 'jump', 'refusal', 'revoked']
/** A request that was given up may still reach the server for so long, in ms. */
const STRAY = 30_000
const isRefusal = (mishap: Mishap | null): boolean => mishap === 400 || mishap === 401 || mishap === 403
/** So long (ms) a sign-in waits for what else sets the cookie; then it goes on, for whoever holds it up may stand still. */
const PATIENCE = 6_000

/**
 * d, where a cookie that scripts do not see holds the session: what a person asked for last is how it is. When faults have
 * stopped, everybody has heard that the network is back, and nobody has done anything about it:
 *
 * - after a sign-out no tab is signed in, and the server takes the cookie for nobody's, whatever was under way then;
 * - after a sign-in every tab is signed in, if the server takes the cookie for somebody's and no refusal was believed (a tells
 *   whether it might be). And it does, where tabs share locks and none of the troubles of b has come.
 *
 * A sign-in is asked this if nothing else was under way (no sign-in, sign-out or renewal of any tab, living or dead); where tabs
 * share locks and it did not lose its patience, if no other sign-in was.
 *
 * A slow storage tells of a sign-out too late for a sign-in of another tab to see it; then the time of each tells which is the later
 * one, in ms, if nobody moves the clock. Of two in one ms neither is.
 *
 * Only requests may come after either. An explicit `refresh()` after a sign-out asks the server who is there, and whom that tells
 * is signed in (0018). Not where storage was changed from outside or failed: then nobody knows of the sign-out any more. Nor
 * where another page of the site set the cookie. A sign-out counts once storage has a word of it: with cookies when `signOut()`
 * returns, unless the tab has died before that, else when it has settled, unless the engine was disposed of before that.
 */
export function wishesCount(sim: Sim): Watch {
  const { hidden, letters } = sim.network
  const { browser } = sim.world
  const locks = browser.locks === 'yes' && browser.https
  let wish: 'in' | 'out' | null = null
  let wisher: SimTab | null = null
  let settled = false
  let alone = false

  const isUnderWay = (wanted: RegExp): boolean => {
    const since = sim.truth.elapsed() - STRAY
    const given = letters.filter(({ target }) => wanted.test(target))
    return (
      given.some(({ fate, at }) => fate === 'under way' || (fate === 'lost' && at > since)) ||
      sim.promises.pending().some(({ kind }) => wanted.test(kind))
    )
  }
  const isBusy = (): boolean =>
    isUnderWay(/sign_in|sign_out|refresh|ready|token/) || sim.open().some(({ auth }) => auth.inspect().refreshing)
  const isTie = (tab: SimTab): boolean =>
    browser.storage === 'async' &&
    sim.promises
      .pending()
      .some(
        (each) =>
          each.kind === 'sign_in' &&
          each.tab !== tab &&
          (sim.trouble.has('jump') || each.given >= sim.device.elapsed() - 1),
      )
  const noteEnd = (): void => {
    settled ||= sim.shelf.over()
  }
  sim.promises.onSettled(({ kind, tab }, took, error) => {
    if (tab !== wisher) return
    if (kind === 'sign_in' && wish === 'in' && (error || (!alone && took >= PATIENCE))) wish = null
    // Its engine is gone, and may not have written it.
    if (kind === 'sign_out' && tab.disposed) return
    if (kind === (wish === 'in' ? 'sign_in' : 'sign_out')) settled = true
  })
  return {
    event(_tab, name, payload) {
      if (wish !== 'in' || name !== 'signed_out') return
      // That it has run out is true as well (a), though by a clock that somebody has moved.
      if (/^(rejected|expired)$/.test((payload as AuthEvents['signed_out']).reason)) wish = isEndable() ? null : wish
    },
    asked(tab, what) {
      if (!hidden.any || what === 'request') return
      if (what === 'sign_out_others') {
        // It ends the session of a sign-in that the server has granted, and the tab does not know of yet.
        if (isUnderWay(/sign_in/)) wish = null
        return
      }
      wisher = tab
      if (what === 'sign_out') {
        wish = isTie(tab) ? null : 'out'
        settled = false
        void Promise.resolve().then(noteEnd)
      } else if (what === 'sign_in') {
        alone = !isBusy()
        wish = alone || (locks && !isUnderWay(/sign_in/)) ? 'in' : null
        settled = false
      } else if (wish === 'out') wish = null
    },
    calm() {
      if (!wish || !settled || isAmong(sim.trouble, EXCUSES)) return
      // A server that refuses the sign-out says that there is no such session, and is believed (0018).
      if (wish === 'out' && letters.some(({ target, mishap }) => target === 'sign_out' && isRefusal(mishap))) return
      const live = hidden.live()
      const wanted = wish === 'in' ? 'authenticated' : 'unauthenticated'
      const complain = (message: string): void => sim.violate('d signed out means out', message)
      if (wish === 'out' && live) complain(`the last word was to sign out, and the cookie is still of ${live.user}`)
      if (wish === 'in' && !live) {
        // What is spent may be on its way to be a new one.
        if (!isEndable() && !isUnderWay(/refresh/)) complain('the last word was to sign in, and the cookie is nobody’s')
        return
      }
      for (const { name, auth } of sim.open())
        if (auth.getState().status !== wanted)
          complain(`the last word was to sign ${wish}, and ${name} is ${auth.getState().status}`)
    },
  }

  /** Whether a session may be over by now though nobody asked for that. */
  function isEndable(): boolean {
    const timed = !sim.world.server.kind?.endsWith('/cookie')
    return timed || !locks || !browser.channels || isAmong(sim.trouble, ENDED)
  }
}
