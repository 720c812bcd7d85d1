import { AuthError } from './errors.ts'
import { sleep, within } from './limits.ts'
import { withLock } from './lock.ts'
import type { Ports } from './ports.ts'
import { backoff, isExpired, type Session } from './session.ts'
import type { Backend, BackendContext, RefreshOutcome, TokenAnswer } from './types.ts'
import type { Vault } from './vault.ts'

/** How many attempts one flight makes, and after how long (ms) it makes no further one. */
const ATTEMPTS = 4
const FLIGHT_LIMIT = 12_000
/** Longest pause (ms) between two attempts of one flight. When a longer one is due, waiters fail and the alarm goes on. */
const LONGEST_PAUSE = 5_000
/** Pauses (ms) before a refusal is believed: the tab that won a race may not have written yet. */
const SECOND_LOOKS = [100, 300, 600]
/** A token this young (ms) is not renewed again: it would not help. */
export const MIN_INTERVAL = 1_000

/** What the engine lends to a refresh. */
export interface RefreshHost {
  readonly vault: Vault
  readonly ports: Ports
  readonly backend: Backend
  readonly lockName: string | undefined
  /** Time limit of one call, in ms. */
  readonly timeout: number
  /** Aborts when the engine is disposed; its reason is the error to report. */
  readonly life: AbortSignal
  readonly context: (signal: AbortSignal) => BackendContext
  /** Reads storage again and follows what it says. */
  readonly sync: () => Promise<void>
  /** Takes new tokens, or a longer life of the old ones, for the current session: into memory, then into storage. */
  readonly renew: (answer: TokenAnswer) => Promise<void>
  /** The session is over. */
  readonly end: (reason: 'rejected' | 'expired', error: AuthError) => void
  /** Tells the other tabs that the session changed. */
  readonly announce: () => void
  /** Something that the state, `inspect()` or the alarm depends on has changed. */
  readonly changed: () => void
  readonly failed: (error: AuthError, retryAt: number | null) => void
  /** Ends on the server what came too late to be used. */
  readonly revoke: (answer: TokenAnswer) => void
}

export interface Refresher {
  failures: number
  error: AuthError | null
  lock: 'none' | 'waiting' | 'held'
  /** When the session was last renewed, by whichever tab; null if not since this engine began. */
  renewedAt: number | null
  /** The flight under way. */
  flight: Promise<void> | null
  /** Joins the flight of this session, or starts one. */
  run(): Promise<void>
  /** When the next try after a failure may start. Infinity: only the app can help. null: nothing has failed. */
  retryAt(): number | null
  /** Makes the next try possible after `ms`, unless the server asked for more (`Retry-After`). */
  hurry(ms: number): void
  /** Forgets failures: the session is another one, or has been renewed. */
  reset(): void
}

interface Refused {
  readonly error: AuthError
  readonly refreshToken: string
}

export function createRefresher(host: RefreshHost): Refresher {
  const { vault, ports, timeout, life } = host
  const { clock } = ports
  let flightEpoch = -1
  // The pause after the last failure, kept as a span and not as a time: a clock moved back must not prolong it.
  let failedAt = 0
  let pause = 0
  let firm = false

  const pauseLeft = () => (pause === Infinity ? pause : Math.min(Math.max(failedAt + pause - clock.now(), 0), pause))

  const check = (epoch: number): void => {
    life.throwIfAborted()
    if (epoch !== vault.epoch) throw new AuthError('session_changed', 'The session changed during the refresh.')
  }

  const fail = (error: AuthError, final: boolean) => {
    failedAt = clock.now()
    refresher.error = error
    firm = error.retryAfter !== undefined
    pause = final ? Infinity : Math.max(error.retryAfter ?? 0, backoff(++refresher.failures, ports.random()))
    host.failed(error, final ? null : failedAt + pause)
  }

  /** Calls the backend. Whatever it throws, and whatever junk it returns, is `unavailable`: a bug signs nobody out. */
  const call = async (run: (context: BackendContext) => Promise<RefreshOutcome>): Promise<RefreshOutcome> => {
    const limit = new AbortController()
    try {
      const started = (async () => run(host.context(limit.signal)))()
      const outcome = await within(
        clock,
        started,
        timeout,
        () => {
          throw new AuthError('unavailable', `The server did not answer the refresh within ${timeout} ms.`)
        },
        life,
      )
      if (outcome.type === 'renewed') checkAnswer(outcome.answer)
      return outcome
    } catch (cause) {
      const error = cause instanceof AuthError ? cause : new AuthError('unavailable', 'The refresh failed.', { cause })
      return { type: 'unavailable', error }
    } finally {
      limit.abort()
    }
  }

  const checkAnswer = ({ accessToken }: TokenAnswer) => {
    checkToken(accessToken)
    const known = vault.session?.subject
    const { subject } = ports.readToken(accessToken)
    if (known && subject && subject !== known)
      throw new AuthError('invalid_response', 'The answer to the refresh belongs to another user.')
  }

  /** One attempt. Undefined: try again. */
  const attempt = async (epoch: number, before: Session): Promise<'renewed' | 'adopted' | Refused | undefined> => {
    check(epoch)
    await host.sync()
    check(epoch)
    const session = vault.session as Session
    if (session.accessToken !== before.accessToken && !isExpired(session, clock.now())) return 'adopted'
    const { accessToken, refreshToken } = session
    if (!refreshToken) {
      const error = new AuthError('unauthenticated', 'The access token ran out and there is no refresh token.')
      host.end('expired', error)
      throw error
    }
    const outcome = await call((context) => host.backend.refresh({ accessToken, refreshToken }, context))
    life.throwIfAborted()
    const answer = outcome.type === 'renewed' ? outcome.answer : null
    // The world may have moved on meanwhile: signed out, another user, or renewed by a tab that had no lock.
    if (epoch === vault.epoch) await host.sync()
    if (epoch !== vault.epoch && answer) host.revoke(answer)
    check(epoch)
    if (vault.session?.refreshToken !== refreshToken) return
    if (outcome.type === 'rejected') return { error: outcome.error, refreshToken }
    if (answer || outcome.type === 'extended') {
      await host.renew(
        answer ?? { accessToken: accessToken ?? '', expiresIn: (outcome as { expiresIn: number }).expiresIn },
      )
      return 'renewed'
    }
    const { type, error } = outcome as Extract<RefreshOutcome, { type: 'unavailable' | 'interaction_required' }>
    fail(error ?? new AuthError('unavailable', 'The refresh failed.'), type === 'interaction_required')
    return
  }

  const fly = async (epoch: number): Promise<void> => {
    const before = vault.session as Session
    let late = false
    const limit = clock.setTimeout(() => {
      late = true
    }, FLIGHT_LIMIT)
    try {
      for (let attempts = 0; ; attempts++) {
        const wait = pauseLeft()
        if (late || attempts >= ATTEMPTS || wait > LONGEST_PAUSE)
          throw refresher.error ?? new AuthError('unavailable', 'Other tabs kept changing the session.')
        if (wait) await sleep(clock, wait, life)
        const show = (lock: Refresher['lock']) => {
          refresher.lock = lock
        }
        // A waiter waits longer than the holder's attempt may last.
        const result = await withLock(ports, host.lockName, timeout + 1_000, life, show, () => attempt(epoch, before))
        check(epoch)
        if (result === 'renewed') host.announce()
        if (typeof result === 'string') return
        if (!result) continue
        for (const look of SECOND_LOOKS) {
          await sleep(clock, look, life)
          await host.sync()
          check(epoch)
          if (vault.session?.refreshToken !== result.refreshToken) break
        }
        if (vault.session?.refreshToken !== result.refreshToken) continue
        host.end('rejected', result.error)
        throw result.error
      }
    } finally {
      clock.clearTimeout(limit)
    }
  }

  const refresher: Refresher = {
    failures: 0,
    error: null,
    lock: 'none',
    renewedAt: null,
    flight: null,
    run() {
      if (refresher.flight && flightEpoch === vault.epoch) return refresher.flight
      const { session } = vault
      if (!session) return Promise.reject(new AuthError('unauthenticated', 'Nobody is signed in.'))
      const age = clock.now() - (refresher.renewedAt ?? -Infinity)
      if (age >= 0 && age < MIN_INTERVAL && !isExpired(session, clock.now())) return Promise.resolve()
      flightEpoch = vault.epoch
      const flight = fly(flightEpoch).finally(() => {
        if (refresher.flight !== flight) return
        refresher.flight = null
        host.changed()
      })
      // Failures are shown by state and events; a flight that nobody waits for is no unhandled rejection.
      flight.catch(() => {})
      refresher.flight = flight
      return flight
    },
    retryAt: () => (refresher.error ? clock.now() + pauseLeft() : null),
    hurry(ms) {
      if (!firm) pause = Math.min(pause, ms)
    },
    reset() {
      refresher.failures = pause = 0
      refresher.error = null
    },
  }
  return refresher
}

/** Throws unless an answer carries an access token. */
export function checkToken(accessToken: unknown): void {
  if (typeof accessToken !== 'string' || !accessToken)
    throw new AuthError('invalid_response', 'The server answered without an access token.')
}
