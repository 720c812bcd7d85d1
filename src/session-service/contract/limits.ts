import { misconfigured } from './errors.ts'
import type { Lifetimes } from './session.ts'

const DAY = 86_400

/** Bounds that are the same for every store, so that none answers 500 where another accepts. */
export const LIMITS: {
  readonly userId: number
  readonly metadataBytes: number
  readonly metadataDepth: number
  readonly bodyBytes: number
  readonly list: number
  readonly idempotencyKey: number
} = Object.freeze({
  /** Characters of a text `user_id`. */
  userId: 256,
  metadataBytes: 4096,
  metadataDepth: 8,
  bodyBytes: 16_384,
  /** Sessions in one list. */
  list: 1000,
  /** Characters of an `Idempotency-Key`. */
  idempotencyKey: 255,
})

const wholeSeconds = (name: string, value: number, least: number): number => {
  if (Number.isSafeInteger(value) && value >= least && value <= 100 * 366 * DAY) return value
  throw misconfigured(`${name} must be a whole number of seconds from ${least} to a hundred years, not ${value}.`)
}

/** The lifetimes with their defaults: 24 hours idle, 30 days in all, extended from a tenth of the idle time on. */
export function lifetimesOf(options: Partial<Lifetimes>): Lifetimes {
  const ttl = wholeSeconds('ttl', options.ttl ?? DAY, 1)
  const maxLifetime = wholeSeconds('maxLifetime', options.maxLifetime ?? Math.max(30 * DAY, ttl), 1)
  const extendFrom = wholeSeconds('extendFrom', options.extendFrom ?? Math.floor(ttl / 10), 0)
  if (ttl > maxLifetime) throw misconfigured(`ttl (${ttl} s) must not be longer than maxLifetime (${maxLifetime} s).`)
  if (extendFrom >= ttl)
    throw misconfigured(
      `extendFrom (${extendFrom} s) must be less than ttl (${ttl} s), or no session could be extended.`,
    )
  return Object.freeze({ ttl, maxLifetime, extendFrom })
}
