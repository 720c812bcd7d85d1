import type { Clock } from '../contract/clock.ts'
import { SessionServiceError } from '../contract/errors.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Rates } from '../options.ts'
import type { Access } from './access.ts'
import type { Incoming } from './message.ts'
import { createRateLimit, type Rate } from './rate-limit.ts'

/** Each throws `too_many_requests` when it is enough. */
export interface Limits {
  caller(access: Access): void
  /** Somebody without a caller token. */
  stranger(incoming: Incoming): void
  /** A session that serves itself; `handle` is null if its id is forged. */
  session(access: Access, incoming: Incoming, handle: string | null): void
}

const SESSIONS: Rate = { perSecond: 10, burst: 20 }
const STRANGERS: Rate = { perSecond: 20, burst: 100 }

export function createLimits(rates: Rates, clock: Clock, metrics: Metrics): Limits {
  const callers = createRateLimit(rates.callers ?? null, clock)
  const sessions = createRateLimit(rates.sessions === undefined ? SESSIONS : rates.sessions, clock)
  const strangers = createRateLimit(rates.strangers === undefined ? STRANGERS : rates.strangers, clock)
  const spend = (wait: number): void => {
    if (wait === 0) return
    metrics.happened('rate_limited')
    throw new SessionServiceError('too_many_requests', 'Too many requests.', { retryAfter: wait })
  }
  return Object.freeze({
    caller(access) {
      if (access.by === 'caller') spend(callers(String(access.caller)))
    },
    stranger: (incoming) => spend(strangers(incoming.address)),
    session(access, incoming, handle) {
      if (access.by === 'session') spend(handle === null ? strangers(incoming.address) : sessions(handle))
    },
  } satisfies Limits)
}
