import type { TraceRecord } from 'keyturn'
import type { Letter } from '../world/letter.ts'
import type { Sim, Trouble } from '../world/sim.ts'
import type { SimTab } from '../world/tab.ts'
import type { Watch } from '../world/watch.ts'
import { isAmong, talk } from './share.ts'

const FLIGHT = 4
/** After a renewed token was refused as well (ms). */
const COOL_DOWN = 30_000
/** What may make a tab ask again, at any time after, though another one has just renewed. */
const EXCUSES: readonly Trouble[] = [
  'lost answer',
  'crash',
  'standstill',
  'lock',
  'twice',
  'jump',
  'refusal',
  'revoked',
]
/**
 * g. Bounded effort. A request of the app is sent at most twice, each time that a library sends it again. A tab never fires 10,000 timers at one instant, nor in one
 * world posts 3,000 messages, writes 3,000 times or asks 3,000 times for the lock. And the refreshes that all tabs send
 * together are at most
 *
 *     Σ over tabs of 4 × (1 + time ÷ period) + 4 × (steps that disturb + 4) + log₂(time ÷ 250 ms) + time ÷ 30 s
 *
 * where `time` is how long the tab ran and `period` how long an access token is used, at least 1 s: its life less margin
 * and jitter (5.5 minutes, or 11/30 of a short life); 4 is the number of attempts in one flight; the logarithm is what
 * doubling back-off allows; 30 s is the pause after a renewed token was refused. Requests do not count as disturbing. A
 * keeper adds one for each time that it looks, and after a failure one for each minute.
 *
 * And none is needless: where tabs share locks and the access token, no tab asks of itself (at its start, by its timer, before a
 * request) within a second after another one's renewal, until the first trouble of `EXCUSES`, and unless there was any other in
 * between. Tokens that live less than a minute are left out, and so are those of which nothing tells how long they live.
 *
 * Nor is any hasty: while a tab knows nothing newer, its timer keeps to what the server told it to wait (`Retry-After`). Nor
 * restless: because its token is refused, a tab renews it at most twice in 30 s, and twice more for each step that may have made
 * it refused.
 */
export function boundedEffort(sim: Sim): Watch {
  const { server, steps, host } = sim.world
  const { keeper = 0 } = host ?? {}
  const life = server.life * 1000
  const period = server.expiry === 'unknown' ? Infinity : Math.max(1000, life - Math.min(330_000, (life / 3) * 1.1))
  const disturbances = steps.filter((step) => step.do !== 'request').length
  const allowed = ({ fake }: SimTab): number => {
    const ran = fake.process.ran()
    const kept = keeper ? ran / Math.min(keeper, 60_000) : 0
    return FLIGHT * (1 + ran / period) + FLIGHT * (disturbances + 4) + Math.log2(1 + ran / 250) + ran / 30_000 + kept
  }
  const { browser } = sim.world
  const shared =
    browser.locks === 'yes' && browser.https && browser.storage === 'cookies' && !browser.inPage && talk(browser)
  const calm = () =>
    shared && server.life >= 60 && server.expiry !== 'unknown' && !server.equal && !isAmong(sim.trouble, EXCUSES)
  /** The last renewal, and whose it was. */
  let last: { readonly tab: SimTab; readonly at: number; readonly now: number; readonly troubles: number } | null = null
  const asker = new Map<SimTab, string>()
  const needless = (tab: SimTab, record: TraceRecord): void => {
    if (record.step === 'asked' && !record.joined) asker.set(tab, record.by)
    if (record.step === 'signed_out' || (record.step === 'signed_in' && record.by === 'this_tab')) last = null
    if (record.step === 'outcome' && record.type === 'renewed')
      last = { tab, at: sim.truth.elapsed(), now: sim.device.now(), troubles: sim.trouble.count }
    if (record.step !== 'attempt' || !last || last.tab === tab) return
    if (!calm() || last.troubles < sim.trouble.count) return
    // It was not stored: another app's session lies there, or cookies are blocked.
    if ((sim.shelf.peek()?.record?.receivedAt ?? 0) < last.now) return
    const by = asker.get(tab) ?? ''
    if (/^(start|timer|request)$/.test(by) && sim.truth.elapsed() - last.at < 1_000)
      sim.violate('g bounded effort', `${tab.name} asks (${by}) though ${last.tab.name} has just renewed`)
  }
  /** A refresh that the server answered by how long to wait, of a tab that knows nothing newer. */
  const told = new Map<SimTab, Letter>()
  /** For which session, in which version, a tab has asked last. */
  const tried = new Map<SimTab, string>()
  const what = ({ session, version }: TraceRecord) => `${session} ${version}`
  const hasty = (tab: SimTab, record: TraceRecord): void => {
    const { step } = record
    if (step === 'signed_in' || step === 'signed_out' || (step === 'looked' && record.finding !== 'same'))
      told.delete(tab)
    if (step === 'outcome') {
      const letter = [...sim.network.letters].reverse().find((each) => each.tab === tab && each.target === 'refresh')
      // Of tokens that another tab has renewed meanwhile it means nothing, nor of those before a sign-in.
      const heard = letter?.fate === 'delivered' && record.type === 'unavailable' && what(record) === tried.get(tab)
      if (letter?.wait && heard) told.set(tab, letter)
      else told.delete(tab)
    }
    if (step === 'attempt') tried.set(tab, what(record))
    const { at = 0, wait = 0 } = told.get(tab) ?? {}
    // Its clock may run fast.
    const early = sim.truth.elapsed() < at + wait * 0.98
    if (step === 'attempt' && asker.get(tab) === 'timer' && early && !sim.trouble.has('jump'))
      sim.violate(
        'g bounded effort',
        `${tab.name} asks ${sim.truth.elapsed() - at} ms after it was told to wait for ${wait}`,
      )
  }
  const renewals = new Map<SimTab, number[]>()
  const losses = steps.filter((step) => /expire|revoke|fault|sign_in/.test(step.do)).length
  /** Answers that refuse the token make a tab renew it, but not again and again. */
  const restless = (tab: SimTab, { step }: TraceRecord): void => {
    if (step !== 'outcome' || asker.get(tab) !== 'answer') return
    const now = sim.truth.elapsed()
    const recent = [...(renewals.get(tab) ?? []).filter((at) => at > now - COOL_DOWN), now]
    renewals.set(tab, recent)
    if (server.life >= 60 && recent.length > 2 + 2 * losses && !sim.trouble.has('jump'))
      sim.violate('g bounded effort', `${tab.name} renews ${recent.length} times in 30 s because its token is refused`)
  }
  return {
    traced(tab, record) {
      needless(tab, record)
      hasty(tab, record)
      restless(tab, record)
    },
    sent({ errand, tab }) {
      if (errand && errand.sends > 2 * (1 + (sim.world.browser.retries ?? 0)))
        sim.violate('g bounded effort', `request ${errand.number} of ${tab.name} was sent ${errand.sends} times`)
    },
    busy(tab, what) {
      sim.violate('g bounded effort', `${tab.name} ${what} without end`)
    },
    over() {
      const count = sim.network.letters.filter(({ target }) => target === 'refresh').length
      const bound = sim.tabs.reduce((sum, tab) => sum + allowed(tab), 0)
      if (count > bound)
        sim.violate('g bounded effort', `${count} refreshes were sent, of ${Math.round(bound)} allowed`)
    },
  }
}
