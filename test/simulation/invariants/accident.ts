import type { AuthEvents } from 'keyturn'
import { kindOf } from '../world/hidden.ts'
import type { Sim } from '../world/sim.ts'
import { junkOf } from '../world/steps.ts'
import type { SimTab } from '../world/tab.ts'
import type { Watch } from '../world/watch.ts'
import { isWording } from '../world/wordings.ts'

/** By how much (ms per s) the device's clock may go wrong. */
const SLACK = 20

/**
 * a. No accidental sign-out. Whenever a tab says `unauthenticated`, or `signed_out`, its reason is true:
 *
 * - `signed_out`: the app called `signOut()` in this very tab, now or a moment ago: it may still be looking at storage.
 * - `other_tab`: since this tab came to its session, `signOut()` was called, or was still at work, in another tab. Where
 *   storage was changed from outside or failed, ever, and in any tab: what could not be deleted then may be deleted later;
 *   or somebody signed in again, which is the end of the session before. Or a junk message tells of one, where storage was changed
 *   from outside: of a session without a record nobody knows the id.
 * - `rejected`: the server refused a refresh that this tab sent, or that another tab sent which told, if only by what it
 *   left in storage when it died, or what a third tab that found it there has passed on; and either the
 *   server holds that session no more, or the refused token was the newest of it that this tab could know: none newer has
 *   ever been in shared storage, or come to this tab. (Where storage was changed from outside, or failed, any refused token
 *   will do: it may have given the tab an old one.)
 *   What renews itself has run out with the last token that the server has given, whichever of them a tab has.
 *   Where the refresh token is in a cookie that scripts do not see: the session is over, or the cookie that was sent is the
 *   newest of it that the browser has had, or it had none, then or by now.
 * - `expired`: where there are no refresh tokens, the access token has run out, or the server has refused it.
 * - `expired`, `storage_lost`: somebody changed storage from outside, or it did not keep what was written. Also where a
 *   sign-out or a refusal, in this tab or another, has emptied storage or part of it, and the news of it is still on its
 *   way, or it was not done when others wrote again.
 * - `none`: at the start, with storage holding no token, or a record that says that the session is over; and, where scripts
 *   do not see what the session is renewed with, no record of one that goes on.
 *
 * No side conditions: it is checked in every world.
 */
export function noAccidentalSignOut(sim: Sim): Watch {
  const { ledger, shelf, truth, violate, world } = sim
  /** When each tab came to its session. */
  const since = new Map<SimTab, number>()
  const exits: { readonly tab: SimTab; readonly why: 'signed_out' | 'rejected' | 'expired'; until: number }[] = []
  let asking: SimTab | null = null
  /** Whether somebody else may have posted this message. */
  const posted = (message: string): boolean =>
    world.steps.some((step) => step.do === 'junk' && junkOf(step.what) === message)
  /** Tabs that have given their session its id. */
  const named = new Set<SimTab>()
  /** A message that means nothing tells of a sign-out, and somebody has changed storage: of a session whose id this tab did not know. */
  const hearsay = (tab: SimTab): boolean =>
    !named.has(tab) &&
    sim.trouble.has('storage') &&
    world.steps.some((step) => step.do === 'junk' && junkOf(step.what).endsWith('signed_out'))

  /**
   * How long storage may take to be empty, and messages to arrive. A tab that stands still in the middle of a write puts a session
   * back that somebody has signed out of; others take it for one that goes on, until whoever knows better deletes it.
   */
  const news = world.steps.some((step) => step.do === 'stall') ? Infinity : 20 * world.browser.delay
  sim.promises.onSettled(({ tab, kind }) => {
    const exit = kind === 'sign_out' && exits.find((each) => each.tab === tab && each.until === Infinity)
    if (exit) exit.until = truth.elapsed() + news
  })

  const elsewhere = (tab: SimTab, ...whys: readonly (typeof exits)[number]['why'][]): boolean =>
    world.browser.storage !== 'memory' &&
    exits.some(
      (exit) =>
        (exit.tab !== tab || sim.trouble.has('storage') || whys.includes('expired')) &&
        (exit.until >= (since.get(tab) ?? 0) || sim.trouble.has('storage')) &&
        whys.includes(exit.why),
    )

  /** A server that misses a cookie says that something is missing. */
  const isDoubt = (said: string): boolean =>
    said.startsWith('doubt') || (said === 'never validation' && kindOf(world.server.kind).refresh === 'cookie')

  /** Whether the server's word against this tab's session is to be believed. */
  const refused = (tab: SimTab): boolean => {
    // Storage, or the message of who looked there, tells what another tab was told, which may have died before its app knew.
    const told = shelf.over() || sim.browser.messages.some((message) => / rejected$/.test(message) && !posted(message))
    const heard = sim.network.letters.filter(
      ({ tab: asker, target, fate }) => target === 'refresh' && (asker === tab || told) && fate === 'delivered',
    )
    // In words that may mean something else it must have been said three times, alike.
    const doubts = new Map<unknown, number>()
    for (const { mishap } of heard) doubts.set(mishap, (doubts.get(mishap) ?? 0) + 1)
    return heard.some(({ entry, refreshToken, mishap }) => {
      const status = entry?.status ?? 0
      const final = isWording(mishap)
        ? mishap.startsWith('final') || (isDoubt(mishap) && (doubts.get(mishap) ?? 0) >= 3)
        : [400, 401, 403].includes(status)
      if (!final) return false
      // The page of a firewall is not the server's word.
      if (mishap === 'wall') return false
      const token = ledger.find(refreshToken)
      // From outside comes what was spent long ago, or never was a token.
      if (sim.trouble.has('storage')) return true
      if (sim.network.hidden.any && !sim.network.hidden.live()) return true
      if (kindOf(world.server.kind).refresh === 'cookie' && !refreshToken) return true
      // The server refuses all that it has given, or all has run out.
      if (kindOf(world.server.kind).refresh === 'access' && (sim.trouble.has('revoked') || allRanOut())) return true
      return !!token && (!sim.mock.admin.isLive(token.session) || token.order >= ledger.newest(token.session, tab))
    })
  }

  /** What renews itself: also the newest that the server has given. */
  const allRanOut = (): boolean => {
    const ends = sim.network.ends()
    return ends.length > 0 && ends.every((at) => at <= truth.now() + 1_000)
  }
  const ranOut = (tab: SimTab): boolean =>
    (kindOf(world.server.kind).refresh === 'access' && allRanOut()) ||
    ((!!world.server.equal || kindOf(world.server.kind).refresh === 'none') &&
      (sim.trouble.has('jump') ||
        sim.network.ends().some((at) => at <= truth.now() + 1_000 + SLACK * world.server.life) ||
        // Storage tells what another tab was told, which may have died before it could say so.
        sim.network.letters.some(
          (letter) =>
            letter.entry?.status === 401 &&
            (letter.tab === tab || (shelf.over() && /^(session_not_found|bad_jwt)$/.test(letter.entry.code ?? ''))),
        )))

  const justified = (tab: SimTab, reason: AuthEvents['signed_out']['reason']): boolean => {
    switch (reason) {
      case 'signed_out':
        return asking === tab || sim.promises.pending().some((each) => each.tab === tab && each.kind === 'sign_out')
      case 'other_tab':
        return elsewhere(tab, 'signed_out') || hearsay(tab)
      case 'rejected':
        return elsewhere(tab, 'rejected') || refused(tab)
      case 'storage_lost':
        // Its record was never written: nothing tells when the token ran out, and with it its cookie.
        if (sim.trouble.has('crash') && ranOut(tab)) return true
        return sim.trouble.has('storage') || elsewhere(tab, 'signed_out', 'rejected', 'expired')
      case 'expired':
        return ranOut(tab) || sim.trouble.has('storage') || elsewhere(tab, 'signed_out', 'rejected', 'expired')
      default:
        return sim.trouble.has('storage') || elsewhere(tab, 'signed_out', 'rejected', 'expired')
    }
  }

  return {
    asked(tab, what) {
      asking = what === 'sign_out' ? tab : null
      if (asking) exits.push({ tab, why: 'signed_out', until: Infinity })
    },
    event(tab, name, payload) {
      if (name === 'signed_in') {
        // Whoever signs in again is done with the session before it, and where storage fails that one may be in it still.
        exits.push({ tab, why: 'signed_out', until: 0 })
        since.set(tab, truth.elapsed())
        if ((payload as AuthEvents['signed_in']).by === 'this_tab') named.add(tab)
      }
      if (name !== 'signed_out') return
      const { reason } = payload as AuthEvents['signed_out']
      if (!justified(tab, reason)) violate('a no accidental sign-out', `${tab.name} was signed out as '${reason}'`)
      // It tells the others.
      else if (reason === 'rejected' || reason === 'expired')
        exits.push({ tab, why: reason, until: truth.elapsed() + news })
    },
    state(tab, state) {
      if (!since.has(tab)) since.set(tab, truth.elapsed())
      if (state.status !== 'unauthenticated' || state.reason !== 'none') return
      const known = sim.network.hidden.any && kindOf(world.server.kind).refresh !== 'none' && shelf.whose()
      if (known && world.browser.storage === 'cookies' && !sim.trouble.has('storage'))
        violate('a no accidental sign-out', `${tab.name} finds nobody at its start, but storage tells of ${known}`)
      const holds = shelf.token('refresh') ?? shelf.token('access')
      if (holds && !shelf.over() && ['cookies', 'file'].includes(world.browser.storage) && !sim.trouble.has('storage'))
        violate(
          'a no accidental sign-out',
          `${tab.name} finds nobody at its start, but storage holds ${ledger.alias(holds)}`,
        )
    },
  }
}
