import type { SessionKind } from '../../core/types.ts'

/** How long an access token lives, as the server tells it. */
export interface Life {
  /** Where it stands in an answer: a path, or `exp` of the token. */
  readonly at: string
  /** In an answer, not in the token. */
  readonly told: boolean
  readonly unit: 's' | 'ms' | 'date'
  /** A point in time, and not a length. */
  readonly point: boolean
  /** What it comes to, in s. */
  readonly seconds: number
}

/** Answers are told as status and the server's words; null: not asked. */
export interface Findings {
  /** Where in an answer the tokens are. */
  accessAt: string | null
  /** In the answer to a refresh, where that differs. */
  accessAtRefresh: string | null
  refreshAt: string | null
  /** The sign-in sends the browser somewhere else. */
  redirected: boolean
  kind: SessionKind
  life: Life | null
  /** Whether the sign-in told who it is, at which path. */
  userAt: string | null
  cookies: readonly (readonly [name: string, what: string])[]
  /** Of these, the API wants to see. */
  apiCookies: readonly string[]
  cors: { readonly page: string | null; readonly stranger: string | null; readonly credentials: boolean }
  refresh: RefreshFindings | null
  api: { readonly malformed: string; readonly missing: string }
  /** With an access token that has run out. */
  expired: { readonly api: string; readonly signOut: string | null; readonly endsRefresh: boolean | null }
  /** Why that was not asked. */
  notExpired: string
  signOut: { readonly answer: string; readonly endsRefresh: boolean | null; readonly endsAccess: boolean } | null
  /** `Retry-After` came with a refusal. */
  retryAfter: boolean
  /** The server's clock minus this machine's, in s; null where it does not tell. */
  clock: number | null
}

export interface RefreshFindings {
  readonly rotates: boolean
  readonly secondUse: string | null
  /** For how many seconds at least a second use is forgiven; null: it is never refused, as nothing is spent. */
  readonly forgives: number | null
  /** At the next look, so many seconds after the first use, it was not; null: it still was at the last look. */
  readonly refusedAt: number | null
  readonly survivesSecondUse: boolean
  readonly parallel: 'one' | 'all' | 'race'
  /** null: chance. */
  readonly survivesParallel: boolean | null
  readonly malformed: string
  readonly missing: string
  /** What the kit makes of the refusals that it got: whether the session ends by them. */
  readonly unclear: readonly string[]
}
