import { AuthError } from './errors.ts'
import { type Kit, noop } from './kit.ts'
import { sleep, within } from './limits.ts'
import { withLock } from './lock.ts'
import { backoff, isExpired } from './session.ts'
import type { RefreshOutcome } from './types.ts'

/** How many attempts one flight makes, and after how long (ms) it makes no further one. */
const ATTEMPTS = 4
const FLIGHT_LIMIT = 12_000
/** After how long (ms) a flight is given up for stuck, whatever holds it. */
const STUCK = 60_000
/** Longest pause (ms) between two attempts of one flight. When a longer one is due, waiters fail and the alarm goes on. */
const LONGEST_PAUSE = 5_000
/** Pauses (ms) before a refusal is believed: the tab that won a race may not have written yet. */
const SECOND_LOOKS = [100, 300, 600]
/** How long (ms) the cookies of other tabs may take to be seen here, where that cannot be asked. */
const SETTLING = 150
/** A token this young (ms) is not renewed again: it would not help. */
const MIN_INTERVAL = 1_000

/** What a tab tells the others when it asks the server for new tokens. */
export const RENEWING = 'renewing'

export interface Refresher {
  /** Attempts that failed since the last success, and the last failure. */
  failures: number
  error: AuthError | null
  lock: 'none' | 'waiting' | 'held'
  /** When the session was last renewed, by whichever tab; −Infinity if not since this engine began. */
  renewedAt: number
  /** The flight under way. */
  flight: Promise<void> | null
  /** Another tab has begun to renew: whoever waits for its lock may wait anew. Or it is `over`, and nobody need wait. */
  moved: (over: boolean) => void
  /** Joins the flight of this session, or starts one. */
  run(): Promise<void>
  /** For how long (ms) the session is still too young to be renewed again. */
  youth(): number
  /** How long until the next try after a failure may start, in ms. Infinity: only the app can help. */
  pause(): number
  /** Makes the next try possible after `ms`, or after what the server asked for (`Retry-After`) if that is more. */
  hurry(ms: number): void
  /** Forgets failures: the session is another one, or has been renewed. */
  reset(): void
}

export function createRefresher(kit: Kit): Refresher {
  const { ports, session, sync } = kit
  const { clock } = ports
  let flyer: AbortSignal
  // The pause after the last failure, kept as a span and not as a time: when the clock is moved back, it begins anew.
  let failedAt = 0
  let span = 0

  const fail = (error: AuthError, final: boolean) => {
    refresher.error = error
    failedAt = clock.now()
    span = final ? Infinity : Math.max(error.retryAfter ?? 0, backoff(++refresher.failures, ports.random()))
    kit.changed()
    kit.emit('refresh_failed', { error, retryAt: final ? null : failedAt + span })
  }

  /** Another tab was first. */
  const adopted = (before: string | null) => session()?.accessToken !== before && !isExpired(session(), clock.now())

  /**
   * One attempt. Resolves with whose new tokens there are; with the refusal to be looked at twice; else with nothing:
   * try again.
   */
  const attempt = async (who: AbortSignal, before: string | null) => {
    if (ports.settle) await (ports.settle() ?? sleep(clock, SETTLING, who)).catch(noop)
    who.throwIfAborted()
    await sync()
    who.throwIfAborted()
    const { id = '', accessToken = null, refreshToken = null, subject: owner = null } = session() ?? {}
    if (adopted(before)) return 'adopted'
    if (!refreshToken) {
      const error = new AuthError('unauthenticated', 'The access token ran out and there is no refresh token.')
      kit.end('expired', error)
      throw error
    }
    kit.announce(RENEWING)
    const outcome = await kit
      .call(async (context) => {
        const result = await kit.backend.refresh({ accessToken, refreshToken }, context)
        if (result.type !== 'renewed') return result
        const { subject } = ports.readToken(checkToken(result.answer))
        if (subject && owner && subject !== owner)
          throw new AuthError('invalid_response', 'The refresh was answered with the token of another user.')
        return result
      })
      .catch((error): RefreshOutcome => ({ type: 'unavailable', error }))
    // The world may have moved on meanwhile: signed out, another user, or renewed by a tab that had no lock.
    if (!who.aborted) await sync()
    const answer = outcome.type === 'renewed' && outcome.answer
    // Nobody will use the late tokens. But never revoke what may be, under another id, the session of now.
    if (who.aborted && answer && !kit.life.aborted && kit.over(id, ports.readToken(answer.accessToken).subject))
      void kit.revoke(answer)
    who.throwIfAborted()
    if (session()?.refreshToken !== refreshToken) return
    if (outcome.type === 'rejected') return { error: outcome.error, refreshToken }
    if (!answer && !(outcome.type === 'extended' && accessToken)) {
      const { error = new AuthError('unavailable', 'The refresh failed.'), type } = outcome as {
        error: AuthError
        type: string
      }
      return fail(error, type === 'interaction_required')
    }
    await kit.renew(answer || { accessToken: accessToken as string, ...(outcome as { expiresIn: number }) })
    return 'renewed'
  }

  const fly = async (who: AbortSignal): Promise<void> => {
    const before = session()?.accessToken ?? null
    const started = clock.now()
    for (let attempts = 0; ; attempts++) {
      if (attempts && adopted(before)) return
      const wait = refresher.pause()
      if (attempts === ATTEMPTS || wait > LONGEST_PAUSE || Math.abs(clock.now() - started) > FLIGHT_LIMIT)
        throw refresher.error ?? new AuthError('unavailable', 'Other tabs kept changing the session.')
      if (wait) await sleep(clock, wait, who)
      refresher.lock = 'waiting'
      const held = () => {
        refresher.lock = 'held'
      }
      // A waiter waits longer than the holder's attempt may last, and anew for the next holder.
      const patience = kit.timeout + 1_000
      const result = await withLock(ports, kit.lockName, patience, who, held, refresher, () =>
        attempt(who, before),
      ).finally(() => {
        refresher.lock = 'none'
      })
      // Only now, with the lock released and the tokens stored.
      if (result === 'renewed') kit.announce()
      if (typeof result === 'string') return
      if (!result) continue
      const stands = () => session()?.refreshToken === result.refreshToken
      for (const look of SECOND_LOOKS) {
        if (!stands()) break
        await sleep(clock, look, who)
        await sync(true)
        who.throwIfAborted()
      }
      if (stands()) {
        kit.end('rejected', result.error)
        throw result.error
      }
    }
  }

  const refresher: Refresher = {
    failures: 0,
    error: null,
    lock: 'none',
    renewedAt: -Infinity,
    moved: noop,
    flight: null,
    run() {
      const who = kit.identity()
      // Only dispose() leaves it so.
      if (who.aborted) return Promise.reject(who.reason)
      if (refresher.flight && flyer === who) return refresher.flight
      const now = clock.now()
      if (!session()) return Promise.reject(new AuthError('unauthenticated', 'Nobody is signed in.'))
      if (refresher.youth() && !isExpired(session(), now)) return Promise.resolve()
      flyer = who
      const stuck = () => {
        throw new AuthError('unavailable', 'The refresh was stuck.')
      }
      const flight = within(clock, fly(who), STUCK, stuck, who).finally(() => {
        if (refresher.flight !== flight) return
        refresher.flight = null
        kit.changed()
      })
      refresher.flight = flight
      // Failures are shown by state and events; a flight that nobody waits for is no unhandled rejection.
      flight.catch(noop)
      return flight
    },
    youth() {
      const age = Math.abs(clock.now() - refresher.renewedAt)
      return Math.max(MIN_INTERVAL - age, 0)
    },
    pause() {
      const now = clock.now()
      failedAt = Math.min(failedAt, now)
      return Math.max(failedAt + span - now, 0)
    },
    hurry(ms) {
      span = Math.min(span, Math.max(ms, refresher.error?.retryAfter ?? 0))
    },
    reset() {
      refresher.failures = span = 0
      refresher.error = null
    },
  }
  return refresher
}

/** The access token of an answer. Throws if it has none. */
export function checkToken(answer: { readonly accessToken?: unknown } | null | undefined): string {
  const token = answer?.accessToken
  if (typeof token !== 'string' || !token)
    throw new AuthError('invalid_response', 'The auth server answered without an access token.')
  return token
}
