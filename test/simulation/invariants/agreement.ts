import { kindOf } from '../world/hidden.ts'
import { FOREIGN } from '../world/shelf.ts'
import type { Sim } from '../world/sim.ts'
import { idOf } from '../world/steps.ts'
import type { SimTab } from '../world/tab.ts'
import type { Watch } from '../world/watch.ts'
import { talk } from './share.ts'

/**
 * h. Agreement. Always: whoever is signed in is somebody, if only an object without members. When faults have stopped:
 *
 * - After some time and a wake signal, and with nobody having done anything about it, no tab is still restoring, and none
 *   sits on an access token that it knows to have expired, unless a refresh is under way. Where tabs share cookies and
 *   locks and hear each other, each has the version that is stored, unless somebody has changed storage from outside, or a tab has
 *   died: what it left half written each takes up for itself, at its next look.
 * - When each tab has then renewed (for a server may have ended a session without a tab having noticed), one more tab has
 *   been opened, and all have sent a request, three times over at most: all are in the same state and session, and so is
 *   storage; if signed in, the server holds the session and the refresh token in storage, if any, is a live one, every tab shows
 *   the user that the server sees, without a problem, and its request has succeeded; if not, storage holds no token.
 *
 * Not asked where tokens live for seconds, nothing tells for how long, and tabs have neither locks nor messages: each then
 * renews for itself, and takes the token of another, which has run out as well, for a new one.
 *
 * Where another app's session lies in storage, it is left alone, and a tab that was signed in goes on in memory: each tab
 * then agrees with the server for itself.
 *
 * Where scripts do not see what a session is renewed with, that is the browser's cookie: it is a live one, and nobody is signed
 * in only if it is none. (The latter not where nothing renews a session: nothing asks for it, and its record may be lost.)
 *
 * With `memory` storage each tab has a session of its own, and agrees with the server about it.
 */
export function agreement(sim: Sim): Watch {
  const complain = (message: string): void => sim.violate('h agreement', message)
  const { server, browser } = sim.world
  const locks = browser.locks === 'yes' && browser.https
  const blind = server.expiry === 'unknown' && server.life < 30 && !locks && !talk(browser)
  return {
    state({ name }, { status, user }) {
      if (status === 'authenticated' && !user) complain(`${name} is signed in as ${user}`)
    },
    calm() {
      for (const message of outdated(sim)) complain(message)
      const now = sim.device.now()
      for (const { auth, name } of sim.open()) {
        const { expiresAt, nextRefreshAt, refreshing } = auth.inspect()
        const { status } = auth.getState()
        if (status === 'loading' && !refreshing) complain(`${name} is still restoring`)
        if (status === 'authenticated' && expiresAt !== null && expiresAt <= now && !refreshing)
          complain(`${name} sits on a token that expired ${now - expiresAt} ms ago; next refresh: ${nextRefreshAt}`)
      }
    },
    settled() {
      // Tabs that keep their tokens to themselves renew one after the other, and no request waits for longer than 14 s.
      const trip = (server.silent ? 4 : 2) * sim.latency
      if (browser.inPage && sim.open().length * trip > 14_000) return
      if (!blind) for (const message of disagreements(sim)) complain(message)
    },
  }
}

/** Which tabs have not heard of a renewal that others have stored. */
function outdated(sim: Sim): readonly string[] {
  const { browser } = sim.world
  const { id, version = 0, over, receivedAt = 0 } = sim.shelf.peek()?.record ?? {}
  const clear = talk(browser) && browser.storage === 'cookies' && browser.locks === 'yes' && browser.https
  if (!clear || over || sim.trouble.has('storage') || sim.trouble.has('crash')) return []
  // The news of it may be on its way.
  const fresh = sim.device.now() - receivedAt < 1_000
  if (fresh || sim.open().some(({ auth }) => auth.inspect().refreshing)) return []
  return sim.open().flatMap(({ name, auth }) => {
    const mine = auth.inspect()
    const old = mine.sessionId === id && mine.version < version
    return old ? [`${name} has version ${mine.version} of what is stored in version ${version}`] : []
  })
}

/** In what the tabs, storage and the server do not agree now. */
export function disagreements(sim: Sim): readonly string[] {
  const { shelf, ledger } = sim
  const tabs = sim.open()
  const found = tabs.flatMap((tab) => quarrel(sim, tab))
  if (sim.world.browser.storage === 'memory' || shelf.foreign()) return found

  const views = tabs.map((tab) => {
    const { status } = tab.auth.getState()
    // Each keeps its token. Another page, or a late answer where there are no locks, may have set the cookie of another session
    // of the same person: both are good.
    const { inPage, locks, https } = sim.world.browser
    const own = inPage && (sim.trouble.has('elsewhere') || locks !== 'yes' || !https)
    const where = own ? idOf(tab.auth.getState().user) : sessionOf(sim, tab)
    return { name: tab.name, view: status === 'authenticated' ? `${status} in ${where}` : status }
  })
  if (new Set(views.map(({ view }) => view)).size > 1)
    found.push(`the tabs disagree: ${views.map(({ name, view }) => `${name} is ${view}`).join(', ')}`)
  const beside = shelf.token('refresh')
  // Where the server gives none that scripts see, it is not this app's.
  const gives = !sim.world.server.equal && kindOf(sim.world.server.kind).refresh === 'token'
  const refresh = gives ? beside : null
  const access = shelf.token('access')
  const signedIn = tabs.some(({ auth }) => auth.getState().status === 'authenticated')
  // Where only the refresh token was lost, the session lasts as long as its access token.
  const { hidden } = sim.network
  const live = hidden.any ? hidden.live() : refresh ? sim.network.isLive(refresh) : !!access
  if (signedIn && !live)
    found.push(
      hidden.any
        ? 'the cookie is not a live one'
        : `the refresh token in storage, ${ledger.alias(refresh)}, is not a live one`,
    )
  // Without its record nothing asks for a session that nothing renews (0018: to ask is to renew).
  const forgotten = kindOf(sim.world.server.kind).refresh === 'none'
  if (!signedIn && hidden.live() && tabs.length && !forgotten)
    found.push(`nobody is signed in, but the cookie is of ${hidden.live()?.user}`)
  // Another app's whose record was lost: nobody knows whose they are, and the next load asks.
  const foreign = `${beside} ${access}`.includes(FOREIGN) || refresh !== beside
  if (!signedIn && !foreign && (refresh || access))
    found.push(`nobody is signed in, but storage holds ${ledger.alias(access)} and ${ledger.alias(refresh)}`)
  return found
}

/** In what one tab and the server do not agree. */
function quarrel(sim: Sim, tab: SimTab): string[] {
  const { admin } = sim.mock
  const state = tab.auth.getState()
  if (state.status !== 'authenticated') return []
  const session = sessionOf(sim, tab)
  if (!session) return [`${tab.name} is signed in, but its request failed`]
  const found: string[] = []
  if (state.problem) found.push(`${tab.name} has a problem: ${state.problem.code} (${state.problem.message})`)
  if (!admin.isLive(session)) found.push(`${tab.name} is signed in to a session that the server does not hold`)
  const user = admin.session(session)?.userId
  const shown = idOf(state.user)
  // An app that throws when it is to make its user shows none.
  // Nothing renews it: no answer tells that another page has set another person's cookie, or a tab that died before it could store
  // whose it is, but those of the API (`whose`).
  const silent = sim.trouble.has('elsewhere') || sim.trouble.has('crash')
  const untold = sim.world.server.kind === 'cookie/none' && silent
  if (user !== shown && !untold && !(sim.world.browser.throws && shown === undefined))
    found.push(`${tab.name} shows ${shown}, but its requests are those of ${user}`)
  return found
}

/** The server's session of a tab, by the answer to its last request; null when it was refused. */
function sessionOf(sim: Sim, tab: SimTab): string | null {
  const letter = [...sim.network.letters].reverse().find(({ errand }) => errand?.tab === tab)
  return letter?.entry?.status === 200 ? letter.entry.sessionId : null
}
