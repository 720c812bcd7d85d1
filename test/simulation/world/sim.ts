import type { Ports } from 'keyturn'
import {
  createFakeBrowser,
  createFakeClock,
  createMockAuth,
  type FakeBrowser,
  type FakeClock,
  type MockAuth,
} from 'keyturn/testing'
import { readToken } from '../../../src/tokens/read-token.ts'
import { createInvariants, type InvariantName } from '../invariants/index.ts'
import type { Held, HeldClock } from '../orders/held-clock.ts'
import { type Computer, createComputer } from '../processes/computer.ts'
import { createDevice, type Device } from './device.ts'
import { kindOf } from './hidden.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createNetwork, type Network } from './network.ts'
import { emailOf, PASSWORDS } from './people.ts'
import { createPromises, type Promises } from './promises.ts'
import { draw, stream } from './random.ts'
import { createShelf, type Shelf } from './shelf.ts'
import { isOpen, isRunning, type SimTab } from './tab.ts'
import { createTimeline, type Timeline } from './timeline.ts'
import type { ServerConfig, World } from './types.ts'
import { type Watch, watchAll } from './watch.ts'

export interface Violation {
  readonly invariant: InvariantName
  /** In ms since the world began. */
  readonly at: number
  readonly message: string
}

/** What has gone wrong so far, as far as invariants make exceptions for it. */
export type Trouble =
  /** The answer to a refresh that the server may have processed did not reach the tab. */
  | 'lost answer'
  /** A tab was closed or disposed of in the middle of something. */
  | 'crash'
  /** A tab was stopped, or its timers held up, for longer than the others wait. */
  | 'standstill'
  /** The lock was taken by somebody else. */
  | 'lock'
  /** Storage was changed from outside, or refused what was written. */
  | 'storage'
  /** Another page of the site, without the kit, changed the cookies that scripts do not see. */
  | 'elsewhere'
  /** A tab was closed while it stood still in the middle of a write; its code had gone on as if that had been done. */
  | 'lost write'
  /** A tab stood still in the middle of a write, and another one wrote. */
  | 'torn write'
  /** The server was made to refuse a refresh that it would have accepted. */
  | 'refusal'
  /** A request was processed twice. */
  | 'twice'
  /** The server was made to end sessions. */
  | 'revoked'
  /** The device's clock was moved. */
  | 'jump'

/** Which troubles there were. */
class Troubles extends Set<Trouble> {
  /** How many, each time counted. */
  count = 0

  override add(trouble: Trouble): this {
    this.count++
    return super.add(trouble)
  }
}

/** What the exhaustive walk adds to a world. */
export interface Walk {
  readonly clock: HeldClock
  readonly watch: Watch
}

/** One world in motion. */
export interface Sim {
  readonly world: World
  /** True time. */
  readonly truth: FakeClock
  readonly device: Device
  readonly mock: MockAuth
  readonly browser: FakeBrowser
  readonly shelf: Shelf
  /** That the processes run on; null in worlds of tabs. */
  readonly computer: Computer | null
  readonly network: Network
  readonly ledger: Ledger
  readonly timeline: Timeline
  readonly promises: Promises
  readonly watch: Required<Watch>
  /** All that were ever opened. */
  readonly tabs: SimTab[]
  readonly trouble: Troubles
  readonly violations: Violation[]
  /** What ends the faults that last. Each may be called more than once. */
  readonly ends: (() => void)[]
  readonly href: string
  /** What the page resolves addresses against: the same, unless a `<base>` stands in it. */
  base: string
  /**
   * Longest way of a request or an answer: that of the world, but no more than a twelfth of a token's life. Where a token
   * has hardly any life left when it arrives, nobody can promise anything.
   */
  readonly latency: number
  /** Posts on the channel of the tabs. */
  readonly junk: (message: string) => void
  readonly violate: (invariant: InvariantName, message: string) => void
  /** Not closed and not disposed of. */
  readonly open: () => SimTab[]
  readonly running: () => SimTab[]
  /** As the real one, which it asks once for each token: it is pure, and half the cost of a world. */
  readonly readToken: Ports['readToken']
  /** In the exhaustive walk, what is on its way arrives in the order that is chosen; null in worlds drawn at random. */
  readonly held: HeldClock | null
  /** Lets something arrive after `ms`; in the walk when that is chosen, but in at most `limit` ms. */
  readonly later: (what: Held, ms: number, limit: number) => void
  /** Lets time pass. */
  readonly pass: (ms: number) => Promise<void>
}

const EXPIRY: Readonly<Record<ServerConfig['expiry'], { omitExpiry: boolean; opaqueTokens: boolean }>> = {
  both: { omitExpiry: false, opaqueTokens: false },
  jwt: { omitExpiry: true, opaqueTokens: false },
  answer: { omitExpiry: false, opaqueTokens: true },
  unknown: { omitExpiry: true, opaqueTokens: true },
}

function remember<T>(read: (token: string) => T): (token: string) => T {
  const known = new Map<string, T>()
  return (token) => {
    const value = known.get(token) ?? read(token)
    known.set(token, value)
    return value
  }
}

const settle = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve))

export function createSim(world: World, walk: Walk | null = null): Sim {
  const held = walk?.clock ?? null
  const { server, browser, seed } = world
  const truth = held ?? createFakeClock({ settle })
  const device = createDevice(truth, browser.drift)
  const href = `${browser.https ? 'https' : 'http'}://app.example.test/`
  const data = { note: 'x'.repeat(server.largeUser ? 3600 : 10) }
  let operations = 0
  let changes = 0
  let busy = false
  const byDevice = (ms: number): number => Math.ceil(ms / (1 + browser.drift))
  const delay = (what: string): number => Math.floor(draw(seed, what, ++operations) * (browser.delay + 1))
  const computer = world.host ? createComputer(world, world.host, device.now, () => sim) : null

  const sim: { -readonly [Key in keyof Sim]: Sim[Key] } = {
    world,
    truth,
    device,
    href,
    base: href,
    latency: Math.min(browser.latency, (server.life * 1000) / 12),
    tabs: [],
    ends: [],
    trouble: new Troubles(),
    violations: [],
    ledger: createLedger(),
    timeline: createTimeline(truth.elapsed),
    violate(invariant, message) {
      sim.timeline.note('!!!', `${invariant}: ${message}`)
      sim.violations.push({ invariant, at: truth.elapsed(), message })
    },
    junk(message) {
      const { ports } = sim.browser.openTab()
      const channel = ports.openChannel?.(`keyturn:${sim.shelf.key}`, () => {})
      channel?.post(message)
      channel?.close()
    },
    open: () => sim.tabs.filter(isOpen),
    running: () => sim.tabs.filter(isRunning),
    readToken: remember(readToken),
    held,
    later(what, ms, limit) {
      if (held) held.send(what, limit)
      else truth.setTimeout(what.run, ms)
    },
    async pass(ms) {
      await truth.advance(ms)
      sim.watch.passed()
    },
    mock: createMockAuth({
      clock: truth,
      random: stream(seed, 'server'),
      profile: server.rules === 'forgiving' ? 'strict' : server.rules,
      revokeOnReuse: server.rules !== 'forgiving',
      signing: 'none',
      tokenLifetime: server.life,
      serverSkew: server.skew,
      origin: new URL(href).origin,
      ...EXPIRY[server.expiry],
      users: (['ada', 'bob'] as const).map((person) => ({
        email: emailOf(person),
        password: PASSWORDS[person],
        data,
      })),
    }),
    browser: createFakeBrowser({
      clock: device,
      href,
      // Web Locks need a secure context.
      locks: browser.locks !== 'no' && browser.https,
      channels: browser.channels,
      // In the walk, tab.ts holds what comes.
      ...(held ? {} : { delay: () => delay('between tabs') }),
    }),
    computer,
    shelf:
      computer?.shelf ??
      createShelf({
        ...browser,
        device,
        torn: () => sim.trouble.add('torn write'),
        later: (what) => sim.later(what, byDevice(delay('storage')), browser.delay),
        changed(part, value, by) {
          // Who asks a slow storage may be answered with what it held a moment ago.
          const seen = browser.storage === 'async' ? 2 * browser.delay : 0
          const token =
            part === 'refresh' || (part === 'access' && kindOf(server.kind).refresh === 'access') ? value : null
          // What scripts do not see nobody knows of before storage tells of it.
          for (const each of [token, by === 'page' ? sim.network.hidden.held() : null])
            if (each) seen ? device.setTimeout(() => sim.ledger.store(each), seen) : sim.ledger.store(each)
          // By a clock that was moved, an access token that renews itself is dropped while it is good.
          const kept = part === 'access' && !(kindOf(server.kind).refresh === 'access' && sim.trouble.has('jump'))
          if (by === 'outside' || (by === 'expiry' && !kept)) sim.trouble.add('storage')
          if (!browser.cookieEvents || !browser.https) return
          const writer = sim.shelf.user()
          const now = browser.between && by === 'page' && writer && !busy
          for (const { name, fake } of sim.open()) {
            if (now && fake.process !== writer && draw(seed, 'between', name, ++changes) < 0.4) {
              busy = true
              fake.wake('storage')
              busy = false
              continue
            }
            const event = { what: `${name} sees cookies change`, to: name, detail: '', run: () => fake.wake('storage') }
            // One that is still under way tells of this change, too.
            if (held?.all().some(({ what }) => what === event.what)) continue
            sim.later(event, byDevice(delay('cookie event')), browser.delay)
          }
        },
      }),
    // The rest needs a world to look at.
    network: null as unknown as Network,
    promises: null as unknown as Promises,
    watch: null as unknown as Required<Watch>,
  }
  sim.network = createNetwork(sim)
  sim.promises = createPromises(sim)
  sim.watch = watchAll([...createInvariants(sim), ...(walk ? [walk.watch] : [])])
  return sim
}
