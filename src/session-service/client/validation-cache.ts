import { misconfigured } from '../contract/errors.ts'
import type { UserId } from '../contract/session.ts'

export interface CacheOptions {
  /**
   * Seconds that an answer may be old: so long a session that was ended elsewhere may still count as valid. At most 300.
   */
  readonly maxAge: number
  /** Answers kept at most. Default: 10,000. */
  readonly entries?: number
}

interface Known {
  readonly userId: UserId
  readonly expiresAt: number
}

interface Mark {
  readonly ends: number
  readonly at: number
}

export interface ValidationCache<Value extends Known> {
  get(id: string): Value | undefined
  /** Before asking: an answer counts from here, and is not kept if somebody is signed out here in between. */
  mark(): Mark
  put(id: string, value: Value, mark: Mark): void
  drop(id: string): void
  dropUser(userId: UserId): void
}

/** Valid answers, for a bounded time. That an id is not valid is never kept. */
export function createValidationCache<Value extends Known>(
  { maxAge, entries = 10_000 }: CacheOptions,
  now: () => number,
): ValidationCache<Value> {
  if (!(maxAge > 0 && maxAge <= 300)) throw misconfigured('cache.maxAge must be above 0 and at most 300 seconds.')
  if (!(Number.isSafeInteger(entries) && entries > 0))
    throw misconfigured('cache.entries must be a whole number above 0.')
  const known = new Map<string, { readonly value: Value; readonly at: number }>()
  let ends = 0
  return Object.freeze({
    get(id) {
      const entry = known.get(id)
      if (!entry) return undefined
      const age = now() - entry.at
      // A clock that was set back makes no answer younger.
      if (age >= 0 && age < maxAge * 1000 && now() < entry.value.expiresAt * 1000) return entry.value
      known.delete(id)
      return undefined
    },
    mark: () => ({ ends, at: now() }),
    put(id, value, mark) {
      if (mark.ends !== ends) return
      known.delete(id)
      known.set(id, { value, at: mark.at })
      if (known.size > entries) known.delete(known.keys().next().value ?? '')
    },
    drop(id) {
      ends++
      known.delete(id)
    },
    dropUser(userId) {
      ends++
      for (const [id, { value }] of known) if (String(value.userId) === String(userId)) known.delete(id)
    },
  } satisfies ValidationCache<Value>)
}
