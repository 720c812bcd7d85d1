import { badRequest } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { Metadata, UserId } from '../contract/session.ts'

/** What no store could keep, or keep apart: control characters, and halves of characters. */
const UNKEEPABLE = /\p{Cc}|\p{Cs}/u
const VISIBLE = /^[\x21-\x7e]+$/

/** `user_id` of a body: text, or a whole number that JavaScript can hold exactly. */
export function readUserId(value: unknown): UserId {
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) throw badRequest('user_id must be a whole number, or text.')
    if (!Number.isSafeInteger(value)) throw badRequest('user_id is beyond 2^53-1, where digits get lost: send text.')
    return value
  }
  if (typeof value !== 'string' || value === '') throw badRequest('user_id is missing: send text or a whole number.')
  if (value.length > LIMITS.userId) throw badRequest(`user_id may have at most ${LIMITS.userId} characters.`)
  if (UNKEEPABLE.test(value)) throw badRequest('user_id has control characters, or half a character.')
  return value
}

const depthOf = (value: unknown, left: number): boolean =>
  value === null ||
  typeof value !== 'object' ||
  (left > 0 && Object.values(value).every((inner) => depthOf(inner, left - 1)))

export function readMetadata(value: unknown): Metadata | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'object' || Array.isArray(value)) throw badRequest('metadata must be a JSON object.')
  // Depth first: writing a value that is nested without a bound overflows the stack.
  if (!depthOf(value, LIMITS.metadataDepth))
    throw badRequest(`metadata may be nested ${LIMITS.metadataDepth} deep at most.`)
  if (Buffer.byteLength(JSON.stringify(value)) > LIMITS.metadataBytes)
    throw badRequest(`metadata may have at most ${LIMITS.metadataBytes} bytes of JSON.`)
  return Object.keys(value).length ? (value as Metadata) : null
}

export function readIdempotencyKey(value: string | undefined): string | null {
  if (value === undefined) return null
  if (value.length > LIMITS.idempotencyKey || !VISIBLE.test(value))
    throw badRequest(`Idempotency-Key must be 1 to ${LIMITS.idempotencyKey} visible ASCII characters.`)
  return value
}

export function readLimit(value: string | null): number {
  if (value === null) return 100
  const limit = /^\d{1,4}$/.test(value) ? Number(value) : 0
  if (limit < 1 || limit > LIMITS.list) throw badRequest(`limit must be a whole number from 1 to ${LIMITS.list}.`)
  return limit
}
