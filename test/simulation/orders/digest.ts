import { mix } from '../world/random.ts'
import type { Sim } from '../world/sim.ts'
import { idOf } from '../world/steps.ts'
import type { SimTab } from '../world/tab.ts'
import type { Mind } from './mind.ts'

/** What is further ahead (ms) than the walk goes is just far. */
export const HORIZON = 15_000
/** What is longer ago (ms) makes no difference to anybody: no pause of the engine is longer than that of its calls. */
const AGO = 4_000

export interface Known {
  readonly mindOf: (tab: SimTab) => Mind
  /** What was done so far, in order. */
  readonly done: readonly string[]
  /** How many tokens there were when the server last refused all. */
  readonly refusedUpTo: number
}

/** All that tells one state from another, for the code of the kit and for the invariants. */
export function digest(sim: Sim, { mindOf, done, refusedUpTo }: Known): string {
  const now = sim.device.now()
  const elapsed = sim.truth.elapsed()
  const ahead = (at: number): number | string => (at - elapsed > HORIZON ? 'far' : at - elapsed)
  const since = (at: number | null): number | string | null =>
    at === null ? null : now - at > AGO ? 'ago' : at - now > HORIZON ? 'far' : now - at
  const clock = sim.held
  const busy = new Set(sim.promises.pending().map(({ tab }) => tab))
  const way = clock?.all() ?? []
  const alarms = clock?.alarms() ?? []

  const tabs = sim.tabs.map((tab) => {
    const { auth, fake, name, disposed } = tab
    const { status } = fake.process
    if (status === 'closed' || disposed) return name
    const mind = mindOf(tab)
    const state = auth.getState()
    const look = auth.inspect()
    const timers = alarms.filter(({ owner }) => owner === name).length
    const rest =
      status === 'running' &&
      !busy.has(tab) &&
      !look.refreshing &&
      !tab.locks &&
      timers <= (look.sessionId ? 1 : 0) &&
      !way.some(({ to }) => to === name) &&
      !sim.network.letters.some((letter) => letter.tab === tab && letter.fate === 'under way')
    if (rest) mind.history = 0
    return [
      name,
      status,
      mind.history,
      Math.min(elapsed - mind.last, 1_000),
      mind.ending,
      mind.tokens,
      mind.accepted,
      mind.refused,
      state.status,
      idOf(state.user),
      state.problem?.code,
      state.status === 'unauthenticated' ? state.reason : '',
      look.sessionId,
      look.version,
      since(look.receivedAt),
      since(look.expiresAt),
      since(look.nextRefreshAt),
      since(look.lastRefreshAt),
      look.lastRefreshBy,
      look.refreshing,
      look.lock,
      look.failures,
      look.lastError?.code,
      look.persisted,
    ].join()
  })
  const server = sim.mock.admin
    .sessions()
    .map(({ ended, email, liveTokens, tokensIssued }) =>
      [email, ended, tokensIssued, ...liveTokens.map(sim.ledger.alias)].join(),
    )
  const letters = sim.network.letters
    .filter(({ fate }) => fate === 'under way')
    .map(({ name, bearer, refreshToken, mishap, entry, issued }) =>
      [name, sim.ledger.alias(bearer), sim.ledger.alias(refreshToken), mishap, entry?.status, issued && 1].join(),
    )
    .sort()
  const promises = sim.promises
    .pending()
    .map(({ tab, kind }) => `${tab.name} ${kind}`)
    .sort()
  const text = [
    ...tabs,
    storageNow(sim),
    ...server,
    ...letters,
    ...promises,
    ...way.map(({ what, detail, until }) => `${what}:${detail} ${ahead(until)}`).sort(),
    ...alarms.map(({ owner, at }) => `${owner}${ahead(at)}`).sort(),
    ...[...sim.trouble].sort(),
    sim.network.faults(),
    sim.browser.lockCount(),
    refusedUpTo,
    ...done,
  ].join('\n')
  return `${mix(text)} ${mix(text, 'again')}`
}

/** What storage holds, without the tokens' text and in times from now. */
export function storageNow(sim: Sim): string {
  const found = sim.shelf.peek()
  if (!found) return 'nothing'
  const { accessToken, refreshToken, record, fits } = found
  const now = sim.device.now()
  const { id, order = 0, version, over, receivedAt = 0, user } = record ?? {}
  return [
    sim.ledger.alias(accessToken),
    sim.ledger.alias(refreshToken),
    fits,
    id,
    // Orders of long ago differ in nothing but their rank, which the deeds and the ids tell.
    order > now ? order - now : '',
    version,
    over,
    Math.min(now - receivedAt, AGO),
    !!user,
  ].join()
}
