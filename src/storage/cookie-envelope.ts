/** The record's cookie: the record, and which tokens it was written with. */
import { readRecord } from '../core/record.ts'
import type { SessionRecord, StoredSession } from '../core/types.ts'

/** 0.1.0 reads and writes the same: fields are only added. */
const VERSION = 1

export interface Envelope {
  readonly record: SessionRecord
  /** Domain and path that it was written for. Absent in 0.1.0. */
  readonly at: unknown
  /** Whether it was written with this token: at 0 the access token, at 1 the refresh token. */
  readonly owns: (part: number, token: string) => boolean
}

/** A short fingerprint (djb2), to tell whether a record belongs to the tokens beside it. Not a secret. */
const fingerprint = (text: string | null): number =>
  [...(text ?? '')].reduce((hash, char) => (hash * 33) ^ char.charCodeAt(0), 5381)

export const seal = ({ accessToken, refreshToken, record }: StoredSession, at: string): string =>
  JSON.stringify({ v: VERSION, refresh: fingerprint(refreshToken), access: fingerprint(accessToken), at, record })

/** What a text holds; nothing if it is not whole. */
export function open(text: string): Envelope | [] {
  try {
    const { v, at, access, refresh, ...held } = JSON.parse(text)
    const record = v === VERSION && readRecord(held.record)
    if (record) return { record, at, owns: (part, token) => fingerprint(token) === [access, refresh][part] }
  } catch {
    // Unreadable counts as absent.
  }
  return []
}

/**
 * Of several records the later one counts, as everywhere. Between back ends there is no later one: there it is the one that
 * was written for this domain and path.
 */
export const byRank =
  (here: string) =>
  ({ record: one, at }: Envelope, { record: other, at: there }: Envelope): number =>
    (one.backend && other.backend && one.backend !== other.backend ? +(there === here) - +(at === here) : 0) ||
    (other.order ?? other.receivedAt) - (one.order ?? one.receivedAt) ||
    (other.version ?? 0) - (one.version ?? 0)
