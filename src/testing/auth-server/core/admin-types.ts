/**
 * What ended a session.
 *
 * - `signed_out`: its user, by signing out here or elsewhere.
 * - `reuse`: a spent refresh token was presented (`strict`, or tokens of version 2).
 * - `password_changed`: another session of the user set a new password, or an operator did.
 * - `user_deleted`, `revoked`: an operator.
 */
export type MockSessionEnd = 'signed_out' | 'reuse' | 'password_changed' | 'user_deleted' | 'revoked'

/** A session, as `admin.sessions()` shows it. Times in ms by the server's clock. */
export interface MockSession {
  readonly id: string
  readonly userId: string
  readonly email: string
  /**
   * Whether it has not ended and has a live refresh token. With the profiles of version 1, detected reuse leaves a session
   * without one, but does not end it.
   */
  readonly live: boolean
  readonly ended: { readonly at: number; readonly why: MockSessionEnd } | null
  readonly createdAt: number
  readonly refreshedAt: number | null
  /** How many refresh tokens it has been given, the first included. */
  readonly tokensIssued: number
  /**
   * Those that would be swapped for a new one, oldest first; none once the session has ended. More than one only where
   * spent tokens may be used again (version 1).
   */
  readonly liveTokens: readonly string[]
  /** Those that have been used or revoked, oldest first. */
  readonly spentTokens: readonly string[]
}

/** What an operator could do to the server's state. */
export interface MockAdmin {
  /** From now on every access token issued so far is refused as expired. Refresh tokens are untouched. */
  readonly expireAccessTokens: () => void
  /** Ends one session: its refresh tokens are no longer found, its access tokens are refused. */
  readonly revokeSession: (sessionId: string) => void
  readonly revokeSessions: () => void
  /** All sessions there have been, oldest first. */
  readonly sessions: () => readonly MockSession[]
  readonly session: (sessionId: string) => MockSession | null
  /** The session that a refresh token, live or spent, was given to; null for a token that is not from here. */
  readonly sessionOf: (refreshToken: string) => MockSession | null
  /** Whether the session has not ended and still has a live refresh token. */
  readonly isLive: (sessionId: string) => boolean
  /** The newest live refresh token; null if there is none. */
  readonly currentRefreshToken: (sessionId: string) => string | null
  /** Lifetime of the access tokens issued from now on. */
  readonly setTokenLifetime: (seconds: number) => void
  /** Which refresh tokens new sessions get from now on; with `upgradePercentage`, old ones too. Not with `strict`. */
  readonly setRefreshTokenVersion: (version: 1 | 2) => void
  /** Bans a user for good, or for a number of seconds, or lifts the ban (false). */
  readonly ban: (email: string, banned?: boolean | number) => void
  /** Confirms a user's address, as the link in the mail would. */
  readonly confirm: (email: string) => void
  /** The code of the mail that `GET /reauthenticate` has sent last; null if there is none. */
  readonly reauthenticationCode: (email: string) => string | null
  /**
   * An API key: an access token without a user, good for ten years. `service_role` opens the routes under
   * `/auth/v1/admin`.
   */
  readonly apiKey: (role: 'anon' | 'service_role') => Promise<string>
}
