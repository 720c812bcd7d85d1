import { createFakeClock, createMockAuth } from 'keyturn/testing'
import { stream } from '../world/random.ts'
import { listenersOf, type Retained, retained, signalsMadeBy } from './gauge.ts'
import { ADA, SERVER } from './server.ts'
import { createTracker, type Tracker } from './tracker.ts'
import { createLongWorld, type LongWorld } from './world.ts'

export const DAY = 86_400_000
const HOUR = 3_600_000

/** What is held at one moment, all tabs together. */
export interface Held {
  readonly timers: number
  readonly channels: number
  readonly wakeListeners: number
  readonly locks: number
  /** On the signals that live as long as an engine, or as its page. */
  readonly abortListeners: number
}

/** `objects` and `bytes` where they were asked for. */
export interface Sample extends Partial<Retained> {
  readonly day: number
  readonly refreshes: number
  readonly held: Held
}

export interface LongRun {
  readonly world: LongWorld
  readonly tracker: Tracker
  /** When the answer to the sign-in arrived, by `clock.elapsed()`. */
  readonly began: number
  readonly samples: readonly Sample[]
  readonly messages: number
  readonly held: () => Held
}

/** After which days to look at what. */
export interface Looks {
  readonly held: readonly number[]
  /** Takes half a second each. */
  readonly retained: readonly number[]
}

/**
 * Signs in in one tab and lets `days` pass from then on. Every tab sends a request every 6 hours; nobody does anything
 * else.
 */
export async function runFor(days: number, jitters: readonly number[], looks: Looks): Promise<LongRun> {
  const tracker = createTracker()
  const samples: Sample[] = []
  let world = null as unknown as LongWorld
  let began = 0
  let messages = 0
  const signals = await signalsMadeBy(async () => {
    world = createLongWorld(jitters, tracker)
    const signedIn = world.tabs[0]?.auth.signIn(ADA).then(() => {
      began = world.clock.elapsed()
    })
    await world.pass(1_000)
    await signedIn
  })
  const { clock, tabs, tally } = world
  const held = (): Held => {
    const each = tabs.map(({ fake }) => fake.held())
    const sum = (what: keyof (typeof each)[number]): number => each.reduce((all, one) => all + one[what], 0)
    return {
      timers: sum('timers'),
      channels: sum('channels'),
      wakeListeners: sum('wakeListeners'),
      locks: world.locks(),
      abortListeners: listenersOf([...signals, ...tabs.map(({ page }) => page.signal)]),
    }
  }

  for (let hours = 6; hours <= days * 24; hours += 6) {
    await world.pass(began + hours * HOUR - clock.elapsed())
    for (const { api, page } of tabs) void api.get('/echo', { signal: page.signal })
    await world.pass(1_000)
    messages += world.messages()
    const day = hours / 24
    if (looks.held.includes(day)) {
      const memory = looks.retained.includes(day) ? await retained() : {}
      samples.push({ day, refreshes: tally.refreshes.length, held: held(), ...memory })
    }
  }
  return { world, tracker, began, samples, messages, held }
}

/**
 * What the mock server alone retains after each of `counts` refreshes: spent tokens, so that it knows them again. They are
 * asked for with no kit.
 */
export async function serverAlone(counts: readonly number[]): Promise<readonly Retained[]> {
  const mock = createMockAuth({ ...SERVER, clock: createFakeClock(), random: stream('long run') })
  const post = async (path: string, body: unknown): Promise<{ refresh_token: string }> => {
    const init = { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
    return (await mock.fetch(`/api/auth/${path}`, init)).json()
  }
  let { refresh_token } = await post('login', ADA)
  let done = 0
  const found: Retained[] = []
  // The first look makes things of its own.
  await retained()
  for (const count of counts) {
    for (; done < count; done++) refresh_token = (await post('refresh-token', { refresh_token })).refresh_token
    found.push(await retained())
  }
  return found
}
