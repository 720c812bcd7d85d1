import { AuthError } from './errors.ts'
import type { Keeper } from './keeper.ts'
import { withLease } from './lease.ts'
import type { Life } from './life.ts'
import { noop, sleep, within } from './limits.ts'
import { withLock } from './lock.ts'
import { mayCall, pause, stale, youth } from './memory.ts'
import type { Messages } from './messages.ts'
import type { Ports } from './ports.ts'
import type { Asker, Renewal } from './renewal.ts'
import { isExpired } from './session.ts'
import type { Store } from './store.ts'
import type { Tabs } from './tabs.ts'
import type { LeaseNote } from './types.ts'

/** How many attempts one flight makes, and after how long (ms) it makes no further one. */
const ATTEMPTS = 4
const FLIGHT_LIMIT = 12_000
/** After how long (ms) a flight is given up for stuck, whatever holds it. */
const STUCK = 60_000
/** Longest pause (ms) between two attempts of one flight. When a longer one is due, waiters fail and the alarm goes on. */
const LONGEST_PAUSE = 5_000
/** Pauses (ms) before a refusal is believed: the tab that won a race may not have written yet. */
const SECOND_LOOKS = [100, 300, 600]

/** One way to new tokens, which all who want some share. */
export interface Flight {
  readonly who: AbortSignal
  readonly promise: Promise<void>
  /** The server is being asked. */
  begun: boolean
}

export interface Refresher {
  readonly flight: () => Flight | null
  readonly lock: () => 'none' | 'waiting' | 'held'
  /** Joins the flight of this session, or starts one. */
  run(by: Asker): Promise<void>
  /** A flight that begins after this call: at once, or when the one under way is over. */
  again(): Promise<void>
  /** Makes the next try possible after `ms`, or after what the server asked for (`Retry-After`) if that is more. */
  hurry(ms: number): void
}

export interface RefreshSetup {
  readonly ports: Ports
  /** The lock that tabs share, and the note of those who share no lock. */
  readonly lockName: string | undefined
  readonly note: LeaseNote | undefined
  readonly timeout: number
  readonly life: Life
  readonly store: Store<unknown>
  readonly keeper: Keeper
  readonly tabs: Tabs
  readonly messages: Messages
  readonly renewal: Renewal
}

export function createRefresher(setup: RefreshSetup): Refresher {
  const { ports, lockName, note, timeout, store, keeper, tabs, messages, renewal } = setup
  const { clock } = ports
  const { session, memory, trace } = keeper
  let flight: Flight | null = null
  let waiting: Promise<void> | null = null
  let lock: 'none' | 'waiting' | 'held' = 'none'
  // A waiter waits longer than the holder's attempt may last, and anew for the next holder.
  const patience = timeout + 1_000

  const fly = async (who: AbortSignal, by: Asker, isMine: () => boolean): Promise<void> => {
    // What another tab had before the call does not count.
    if (by === 'app') await tabs.look()
    who.throwIfAborted()
    const { version: before = 0, accessToken: old = null } = session() ?? {}
    const started = clock.now()
    /** Another tab was first. Where each keeps its access token to itself, that is no help if the server refuses ours. */
    const adopted = () => {
      const { version = 0, accessToken = null } = session() ?? {}
      const refused = by === 'answer' && old !== null && accessToken === old
      return version > before && !refused && !isExpired(session(), clock.now())
    }
    const follow = (wait: (ms: number) => void) => {
      const deaf = messages.onRenewing(() => wait(patience))
      const blind = store.on('refreshed', () => wait(adopted() ? 0 : patience))
      return () => {
        deaf()
        blind()
      }
    }
    const begin = () => {
      // It was given up for stuck: another one asks, or has asked.
      if (!isMine()) throw stale(memory(), clock.now())
      ;(flight as Flight).begun = true
    }
    let locked = false
    const held = () => {
      locked = true
      lock = 'held'
      trace({ step: 'lock', state: 'held' })
    }
    // Somebody waits for it: it is tried once, before its time.
    const called = by !== 'timer' && mayCall(memory(), by === 'app', clock.now())
    const limit = called && memory().trouble ? 1 : ATTEMPTS
    for (let attempts = 0, refusals = 0; ; attempts++) {
      if (attempts && adopted()) return
      const wait = called && !attempts ? 0 : pause(memory(), clock.now())
      if (attempts === limit || wait > LONGEST_PAUSE || Math.abs(clock.now() - started) > FLIGHT_LIMIT)
        throw stale(memory(), clock.now())
      const young = by === 'app' && !attempts ? youth(memory(), clock.now()) : 0
      if (wait || young) await sleep(clock, Math.max(wait, young), who)
      locked = false
      lock = 'waiting'
      trace({ step: 'lock', state: lockName && ports.lock ? 'waiting' : 'without' })
      const attempt = (stands?: () => boolean) =>
        renewal.attempt(who, { number: attempts + 1, by, adopted, stands, begin })
      const task = () => (note ? withLease(note, ports, patience, 2 * patience, who, attempt) : attempt())
      const result = await withLock(ports, lockName, patience, who, task, { held, follow }).finally(() => {
        lock = 'none'
        trace({ step: 'lock', state: 'released' })
      })
      // Only now, with the lock released and the tokens stored.
      if (result === 'renewed') messages.announce()
      if (typeof result === 'string') return
      if (!result) continue
      const stands = () => session()?.version === result.version
      for (const look of SECOND_LOOKS) {
        if (!stands() || !result.version) break
        await sleep(clock, look, who)
        await tabs.look('storage_lost', true)
        who.throwIfAborted()
      }
      // Where others may have renewed it meanwhile, a cookie that scripts do not see may have become a newer one since it was sent.
      if (stands() && ((locked && !note) || session()?.refreshToken || !result.version || refusals++)) {
        void renewal.end('rejected', result.error)
        throw result.error
      }
    }
  }

  const start = (by: Asker): Promise<void> => {
    const who = keeper.identity()
    const stuck = () => {
      throw new AuthError('unavailable', 'The refresh was stuck.')
    }
    const flown = fly(who, by, () => flight === mine)
    const promise = within(clock, flown, STUCK, stuck, who).finally(() => {
      if (flight !== mine) return
      flight = null
      // `auth.refresh()` has found nobody, and nobody else waits to know.
      if (!waiting && session()?.version === 0 && store.state().status !== 'loading') keeper.restore(null)
      else keeper.note()
    })
    const mine: Flight = { who, promise, begun: false }
    flight = mine
    // Failures are shown by state and events; a flight that nobody waits for is no unhandled rejection.
    promise.catch(noop)
    return promise
  }

  const refresher: Refresher = {
    flight: () => flight,
    lock: () => lock,
    run(by) {
      const who = keeper.identity()
      // Only dispose() leaves it so.
      if (who.aborted) return Promise.reject(who.reason)
      const joined = flight?.who === who
      trace({ step: 'asked', by, joined })
      if (joined) return (flight as Flight).promise
      if (!session()) return Promise.reject(new AuthError('unauthenticated', 'Nobody is signed in.'))
      return start(by)
    },
    again() {
      const who = keeper.identity()
      // Who joins before the server is asked gets what is asked after the call.
      if (flight?.who !== who || !flight.begun) return refresher.run('app')
      waiting ??= flight.promise.catch(noop).then(() => {
        waiting = null
        who.throwIfAborted()
        return refresher.run('app')
      })
      return waiting
    },
    hurry(ms) {
      const { trouble } = memory()
      if (!trouble) return
      const span = Math.min(trouble.pause, Math.max(ms, trouble.error.retryAfter ?? 0))
      keeper.note({ trouble: { ...trouble, pause: span } })
    },
  }
  return refresher
}
