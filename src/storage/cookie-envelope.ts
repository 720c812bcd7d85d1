/** The record's cookie: the record, and which tokens it was written with. */
import { readRecord } from '../core/record.ts'
import type { SessionRecord, SessionTokens } from '../core/types.ts'

/** 0.1.0 reads and writes the same: fields are only added. */
const VERSION = 1

export interface Envelope {
  /** Fingerprints. */
  readonly access: unknown
  readonly refresh: unknown
  /** Domain and path that it was written for. Absent in 0.1.0. */
  readonly at?: unknown
  readonly record: SessionRecord | null
}

/** A short fingerprint (djb2), to tell whether a record belongs to the tokens beside it. Not a secret. */
export const fingerprint = (text: string | null): number =>
  [...(text ?? '')].reduce((hash, char) => (hash * 33) ^ char.charCodeAt(0), 5381)

export const sealEnvelope = ({ accessToken, refreshToken }: SessionTokens, at: string, record: SessionRecord | null) =>
  JSON.stringify({ v: VERSION, refresh: fingerprint(refreshToken), access: fingerprint(accessToken), at, record })

export function openEnvelope(text: string): Envelope | null {
  try {
    const held = JSON.parse(text)
    return held.v === VERSION ? { ...held, record: readRecord(held.record) } : null
  } catch {
    return null
  }
}

/**
 * Of several records the later one counts, as everywhere. Between back ends there is no later one: there it is the one that
 * was written for this domain and path.
 */
export const byRank =
  (at: string) =>
  ({ record: one, at: there }: Envelope, { record: other, at: elsewhere }: Envelope): number => {
    if (!one || !other) return +!one - +!other
    if (one.backend && other.backend && one.backend !== other.backend) return +(elsewhere === at) - +(there === at)
    const later =
      one.order && other.order
        ? other.order - one.order || +!!other.over - +!!one.over || (other.version ?? 0) - (one.version ?? 0)
        : 0
    return later || other.receivedAt - one.receivedAt
  }
