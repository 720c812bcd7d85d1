import type { Metadata, Session, UserId } from '../../contract/session.ts'
import type { Once } from '../store.ts'

interface SessionRecord {
  readonly expires_at: number
  readonly ends_at: number
  /** The user as the index is named. */
  readonly user: string
  readonly created_at: number
  readonly user_id: UserId
  readonly metadata?: Metadata
}

/** A user in a key, and inside of a record where no quote may stand. */
export const userName = (userId: UserId): string => encodeURIComponent(userId)

/** The order counts: `scripts.ts` reads the first three fields. */
export function writeRecord({ expiresAt, endsAt, createdAt, userId, metadata }: Session): string {
  const record: SessionRecord = {
    expires_at: expiresAt,
    ends_at: endsAt,
    user: userName(userId),
    created_at: createdAt,
    user_id: userId,
    ...(metadata ? { metadata } : {}),
  }
  return JSON.stringify(record)
}

export function readRecord(handle: string, text: string): Session {
  const record = JSON.parse(text) as SessionRecord
  return {
    handle,
    userId: record.user_id,
    createdAt: record.created_at,
    expiresAt: record.expires_at,
    endsAt: record.ends_at,
    metadata: record.metadata ?? null,
  }
}

export const writeOnce = (once: Once, handle: string): string =>
  `${once.until} ${once.fingerprint} ${once.kid} ${handle}`

export function readOnce(text: string): { fingerprint: string; kid: string; handle: string } {
  const [, fingerprint = '', kid = '', handle = ''] = text.split(' ')
  return { fingerprint, kid, handle }
}
