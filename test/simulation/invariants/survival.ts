import type { AuthEvents } from 'keyturn'
import { kindOf } from '../world/hidden.ts'
import type { Letter } from '../world/letter.ts'
import type { Sim, Trouble } from '../world/sim.ts'
import type { Watch } from '../world/watch.ts'
import { isAmong } from './share.ts'

const EXCUSES: readonly Trouble[] = ['storage', 'refusal', 'revoked', 'elsewhere']

/** What a tab has sent that is gone may still get to the server for so long, in ms. */
const STRAY = 30_000

/**
 * c. Session kept. Against Supabase's rules (any of `default`, `hosted` and `v2`), whatever happens to network, tabs,
 * locks, messages and clocks:
 *
 * - a tab says `rejected` only when the server holds none of the sessions that it was refused for;
 * - at the end, if the last thing the person did was to sign in, and the server still holds that session, every tab is
 *   signed in to it. Where another sign-in was under way at the same time, to either.
 *
 * Not where the server was made to refuse or to end what it holds, or storage was changed from outside or failed; and
 * not where signing in and signing out overlap, for then nobody can say which was the last, nor, where a cookie that scripts do
 * not see holds the session and tabs share no locks, a sign-in and a renewal; and not where access tokens renew themselves, or
 * nothing does, for then time ends sessions; nor where another page of the site has
 * replaced the cookies.
 */
export function sessionKept(sim: Sim): Watch {
  const { server, browser } = sim.world
  const supabase = server.rules !== 'strict' && server.rules !== 'forgiving'
  const timed = /access|none/.test(kindOf(server.kind).refresh)
  const excused = (): boolean => !supabase || timed || isAmong(sim.trouble, EXCUSES)
  const held = (session: string): boolean => sim.mock.admin.isLive(session)
  /** Sessions of sign-ins that nothing later has replaced; null: nobody can say. */
  let last: Set<string> | null = new Set()

  /** Whether a renewal was under way at the same time, and tabs do not take turns: its answer may have set the cookie last. */
  const crossed = (entered: Letter | undefined): boolean =>
    sim.network.hidden.any &&
    !(browser.locks === 'yes' && browser.https) &&
    sim.network.letters.some(({ target, at }) => target === 'refresh' && at > (entered?.at ?? 0) - STRAY)

  sim.promises.onSettled(({ kind, tab }, _took, error) => {
    if (kind !== 'sign_in') return
    if (error) return
    const letter = [...sim.network.letters]
      .reverse()
      .find((each) => each.tab === tab && each.target === 'sign_in' && each.issued)
    if (crossed(letter)) last = null
    const session = sim.ledger.find(letter?.issued)?.session
    const alone = !sim.promises.pending().some((pending) => pending.kind === 'sign_in')
    if (alone && last) last.clear()
    if (session) last?.add(session)
  })

  /** Whether a sign-out may still get to the server that a tab has sent which is gone: its answer deletes the cookie. */
  const isLeaving = (): boolean =>
    sim.network.hidden.any &&
    sim.network.letters.some(
      ({ target, tab, fate, at }) =>
        target === 'sign_out' &&
        tab.fake.process.status === 'closed' &&
        fate !== 'delivered' &&
        at > sim.truth.elapsed() - STRAY,
    )

  return {
    asked(_tab, what) {
      const pending = sim.promises.pending().map(({ kind }) => kind)
      if (what === 'sign_out') last = pending.includes('sign_in') ? null : new Set()
      else if (what === 'sign_in' && (pending.includes('sign_out') || isLeaving())) last = null
      else if (what === 'sign_out_others' && pending.includes('sign_in')) last = null
    },
    event(tab, name, payload) {
      if (name !== 'signed_out' || (payload as AuthEvents['signed_out']).reason !== 'rejected' || excused()) return
      for (const { target, tab: asker, entry, refreshToken } of sim.network.letters) {
        const token = sim.ledger.find(refreshToken)
        if (target === 'refresh' && asker === tab && entry?.verdict === 'refused' && token && held(token.session))
          sim.violate('c session kept', `${tab.name} gave up, but the server holds the session of ${token.alias}`)
      }
    },
    settled() {
      if (excused() || !last || browser.storage === 'memory') return
      const sessions = [...last].filter(held)
      if (!sessions.length) return
      for (const tab of sim.open()) {
        const { status } = tab.auth.getState()
        if (status !== 'authenticated')
          sim.violate('c session kept', `${tab.name} is ${status}, but the server holds the session`)
      }
    },
  }
}
