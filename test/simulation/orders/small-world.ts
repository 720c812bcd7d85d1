/** Small worlds: where they begin, and what may happen in them. Plain JSON. */
import type { Sim } from '../world/sim.ts'
import { act } from '../world/steps.ts'
import { isOpen, isRunning, openTab } from '../world/tab.ts'
import type { Action, BrowserConfig, Person, ServerConfig } from '../world/types.ts'

export interface SmallWorld {
  readonly name: string
  readonly server: ServerConfig
  readonly browser: BrowserConfig
  readonly tabs: number
  /**
   * - `fresh`: the first tab has signed in as Ada, the others were opened after that; nothing is due for long.
   * - `due`: the same, and all tabs are to renew the token in a moment.
   * - `nobody`: nobody is signed in.
   */
  readonly start: 'fresh' | 'due' | 'nobody'
  /** What may happen, each at any moment. */
  readonly deeds: readonly Deed[]
  /** How many of them happen in one order. */
  readonly most: number
  /** How often in one order something overtakes what is under way for longer; null: as often as it can. */
  readonly swaps: number | null
}

/** What a person, the server or the browser does. With a tab: `A ada` is a sign-in as Ada in tab A. */
export type Deed = `${'A' | 'B' | 'C'} ${TabDeed}` | (typeof COMMON)[number]
type TabDeed = (typeof IN_TAB)[number]

/** `401`: the server refuses all access tokens there are, and the tab sends a request. `request`: it sends one. */
const IN_TAB = ['ada', 'bob', 'out', '401', 'request', 'refresh', 'close', 'freeze', 'thaw', 'stall'] as const
/** `refusal`: the server ends all sessions. `lost`: the answer to the next refresh is lost. `clear`: all cookies are deleted. */
export const COMMON = ['refusal', 'lost', 'clear'] as const

const PEOPLE: Readonly<Record<string, Person>> = { ada: 'ada', bob: 'bob' }
const REQUEST = { do: 'request', to: 'echo', count: 1, body: false, limit: 0, abort: null } as const

/** What it is in the terms of worlds drawn at random. */
function actionsOf(deed: Deed, tab: number): readonly Action[] {
  const what = deed.split(' ').at(-1) ?? ''
  const person = PEOPLE[what]
  if (person) return [{ do: 'sign_in', tab, person }]
  switch (what) {
    case 'out':
      return [{ do: 'sign_out', tab, scope: 'local' }]
    case '401':
      return [{ do: 'expire_tokens' }, { ...REQUEST, tab }]
    case 'request':
      return [{ ...REQUEST, tab }]
    case 'refresh':
      return [{ do: 'refresh', tab }]
    case 'close':
      return [{ do: 'close', tab, after: -1 }]
    case 'freeze':
      return [{ do: 'freeze', tab }]
    case 'thaw':
      return [{ do: 'thaw', tab }]
    case 'stall':
      return [{ do: 'stall', tab, after: 1, for: 400 }]
    case 'refusal':
      return [{ do: 'revoke' }]
    case 'lost':
      return [{ do: 'fault', target: 'refresh', mishap: 'lost', times: 1 }]
    default:
      return [{ do: 'evict', what: 'all' }]
  }
}

/** Whether it can happen now. */
export function possible(sim: Sim, deed: Deed): boolean {
  const [name, what] = deed.split(' ')
  if (!what) return true
  const tab = sim.tabs.find((one) => one.name === name)
  if (!tab || !isOpen(tab)) return false
  if (what === 'thaw') return tab.fake.process.status === 'frozen'
  return what === 'close' || isRunning(tab)
}

export function perform(sim: Sim, deed: Deed): void {
  const index = sim.open().findIndex(({ name }) => name === deed.split(' ')[0])
  for (const action of actionsOf(deed, Math.max(index, 0))) act(sim, action)
}

/** Long enough for everything to come to rest. */
const REST = 5_000
/** How long before the token is due the walk begins in `due`. */
const AHEAD = 200

export async function begin(sim: Sim, { start, tabs, server }: SmallWorld): Promise<void> {
  openTab(sim)
  if (start !== 'nobody') act(sim, { do: 'sign_in', tab: 0, person: 'ada' })
  await sim.pass(REST)
  for (let count = 1; count < tabs; count++) openTab(sim)
  await sim.pass(REST)
  if (start !== 'due') return
  // A short life is used for two thirds.
  const due = sim.tabs[0]?.auth.inspect().nextRefreshAt ?? 0
  await sim.pass(due - sim.device.now() - AHEAD)
  if (!due || server.life < 30) throw new Error('Nothing is due.')
}
