import type { AuthEvents } from 'keyturn'
import { kindOf } from '../world/hidden.ts'
import type { Sim, Trouble } from '../world/sim.ts'
import type { Watch } from '../world/watch.ts'
import { isAmong } from './share.ts'

const EXCUSES: readonly Trouble[] = ['storage', 'refusal', 'revoked', 'lost write', 'elsewhere']

/**
 * c. Session kept. Against Supabase's rules (any of `default`, `hosted` and `v2`), whatever happens to network, tabs,
 * locks, messages and clocks:
 *
 * - a tab says `rejected` only when the server holds none of the sessions that it was refused for;
 * - at the end, if the last thing the person did was to sign in, and the server still holds that session, every tab is
 *   signed in to it. Where another sign-in was under way at the same time, to either.
 *
 * Not where the server was made to refuse or to end what it holds, or storage was changed from outside or failed; and
 * not where signing in and signing out overlap, for then nobody can say which was the last; and not where a tab died in the
 * middle of a write; and not where access tokens renew themselves, or nothing does, for then time ends sessions; nor where
 * another page of the site has replaced the cookies.
 */
export function sessionKept(sim: Sim): Watch {
  const { server, browser } = sim.world
  const supabase = server.rules !== 'strict' && server.rules !== 'forgiving'
  const timed = /access|none/.test(kindOf(server.kind).refresh)
  const excused = (): boolean => !supabase || timed || isAmong(sim.trouble, EXCUSES)
  const held = (session: string): boolean => sim.mock.admin.isLive(session)
  /** Sessions of sign-ins that nothing later has replaced; null: nobody can say. */
  let last: Set<string> | null = new Set()

  sim.promises.onSettled(({ kind, tab }, _took, error) => {
    if (kind !== 'sign_in') return
    // Nobody can say what an engine that was disposed of has still stored.
    if (tab.disposed) last = null
    if (error) return
    const letter = [...sim.network.letters]
      .reverse()
      .find((each) => each.tab === tab && each.target === 'sign_in' && each.issued)
    const session = sim.ledger.find(letter?.issued)?.session
    const alone = !sim.promises.pending().some((pending) => pending.kind === 'sign_in')
    if (alone && last) last.clear()
    if (session) last?.add(session)
  })

  return {
    asked(_tab, what) {
      const pending = sim.promises.pending().map(({ kind }) => kind)
      if (what === 'sign_out') last = pending.includes('sign_in') ? null : new Set()
      else if (what === 'sign_in' && pending.includes('sign_out')) last = null
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
