import type { Core } from '../core/core.ts'
import type { Mails } from './mails.ts'
import type { RateLimits } from './rate-limits.ts'

/** What the routes of Supabase Auth need beside what both dialects share. */
export interface SupabaseCore extends Core {
  readonly limits: RateLimits
  readonly mails: Mails
}
