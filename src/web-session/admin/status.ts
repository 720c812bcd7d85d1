import type { Keeper } from '../../node/keeper/types.ts'
import type { WebSession } from '../create-web-session.ts'

/** As it is sent. Times are ISO 8601 in UTC. */
export interface AdminStatus {
  readonly has_credentials: boolean
  readonly credentials_username: string | null
  /** A session is stored and not over. */
  readonly session_active: boolean
  /** Whether it worked when it was last asked, at `checked_at`; null: not asked yet. */
  readonly session_valid: boolean | null
  readonly checked_at: string | null
  readonly renewed_at: string | null
  /** When the next check is due; what it finds due is renewed. */
  readonly next_refresh_at: string | null
  readonly session_ends_at: string | null
  readonly fail_count: number
  readonly last_error: string | null
  readonly state: string
  readonly person_needed: string | null
  /** The id of a renewal that is under way. */
  readonly running: string | null
  readonly scheduler: string
  readonly last_run: string | null
}

const iso = (at: number | null | undefined): string | null => (at == null ? null : new Date(at).toISOString())

export function statusOf(session: Pick<WebSession, 'inspect'>, keeper: Pick<Keeper, 'status'>): AdminStatus {
  const { username, refused, blocked } = session.inspect()
  const status = keeper.status()
  return {
    has_credentials: username !== null,
    credentials_username: username,
    session_active: status.active,
    session_valid: status.valid,
    checked_at: iso(status.checkedAt),
    renewed_at: iso(status.renewedAt),
    next_refresh_at: iso(status.nextRunAt),
    session_ends_at: iso(status.endsAt),
    fail_count: Math.max(status.failCount, refused),
    last_error: status.lastError?.message ?? blocked,
    state: status.state,
    person_needed: status.person?.why.message ?? null,
    running: status.running,
    scheduler: status.scheduler,
    last_run: iso(status.lastRun?.endedAt),
  }
}
