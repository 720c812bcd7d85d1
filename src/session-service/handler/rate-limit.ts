import type { Clock } from '../contract/clock.ts'
import { misconfigured } from '../contract/errors.ts'

/** How many requests somebody may make. */
export interface Rate {
  /** On average. */
  readonly perSecond: number
  /** At once, after a pause. Default: twice `perSecond`, at least 1. */
  readonly burst?: number
}

/** Seconds to wait before the next request of `who`, or 0 if it may be made now. */
export type RateLimit = (who: string) => number

/** More than these at once are not kept apart: whoever was seen least recently starts anew. */
const MOST = 10_000

/** One bucket of tokens for each `who`. */
export function createRateLimit(rate: Rate | null, clock: Clock): RateLimit {
  if (!rate) return () => 0
  const { perSecond, burst = Math.max(1, perSecond * 2) } = rate
  if (!(perSecond > 0) || !(burst >= 1) || !Number.isFinite(burst))
    throw misconfigured('A rate needs perSecond above 0 and burst of at least 1.')
  const buckets = new Map<string, { readonly left: number; readonly at: number }>()
  return (who) => {
    const now = clock.now()
    const before = buckets.get(who)
    // A clock that was set back fills no bucket, and empties none.
    const filled = before ? before.left + (Math.max(0, now - before.at) / 1000) * perSecond : burst
    const left = Math.min(burst, filled)
    buckets.delete(who)
    buckets.set(who, { left: left >= 1 ? left - 1 : left, at: now })
    if (buckets.size > MOST)
      for (const oldest of buckets.keys()) {
        buckets.delete(oldest)
        break
      }
    return left >= 1 ? 0 : Math.max(1, Math.ceil((1 - left) / perSecond))
  }
}
