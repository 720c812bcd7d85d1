/** What a record must be to be believed. A storage may hold anything: other scripts, other releases and people write there. */
import type { SessionRecord, SignedOutReason, SignOutScope } from './types.ts'

/** Beyond it not every whole number can be told from the next. */
const LARGEST = 2 ** 52
/** The last millisecond that a Date can tell. */
const LAST = 8.64e15

const ENDINGS: readonly unknown[] = ['signed_out', 'rejected', 'expired', 'idle'] satisfies SignedOutReason[]

const SCOPES: readonly unknown[] = ['local', 'global', undefined] satisfies (SignOutScope | undefined)[]

const count = (value: unknown): boolean =>
  value === undefined || (Number.isInteger(value) && +(value as number) > 0 && +(value as number) <= LARGEST)
const time = (value: unknown): boolean => Number.isFinite(value) && Math.abs(value as number) <= LAST
const text = (value: unknown): boolean => value == null || typeof value === 'string'

/** The record, if all in it has its type and range; else null. What it holds beside is left out. */
export function readRecord(value: unknown): SessionRecord | null {
  if (!(value instanceof Object)) return null
  const { id, order, version, backend, over, pending, receivedAt, expiresAt, skew, subject } = value as Record<
    string,
    unknown
  >
  const fits =
    typeof id === 'string' &&
    (over === undefined ? /^[!-~]{1,200}$/.test(id) : ENDINGS.includes(over)) &&
    SCOPES.includes(pending) &&
    count(order) &&
    count(version) &&
    text(backend) &&
    text(subject) &&
    time(receivedAt) &&
    (expiresAt === null || time(expiresAt)) &&
    time(skew)
  return fits ? (value as SessionRecord) : null
}
