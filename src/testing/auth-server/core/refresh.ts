import { isSignedBy, parseRefreshToken } from './refresh-token-v2.ts'
import { type NotRenewed, type Refreshed, type RefreshState, refused, type TokenMarks } from './refresh-types.ts'
import type { TokenRow } from './rotation.ts'
import { lastRefreshed, type OwnedToken, type SessionRow, type Sessions } from './sessions.ts'
import type { Settings } from './settings.ts'
import { moveCounter, swapRow } from './swap-token.ts'
import { isBanned } from './users.ts'

/** Checks and swaps a refresh token, in the order of supabase/auth (internal/tokens/service.go), in one step. */
export function refreshSession(state: RefreshState, value: string): Refreshed {
  const owned = state.sessions.ownerOf(value) ?? readToken(state.sessions, value)
  if (owned === 'malformed') return refused('validation_failed', 'Refresh token is not valid', null, {})
  if (owned === null || owned.session.ended) {
    return refused('refresh_token_not_found', 'Refresh Token Not Found', owned?.session ?? null, {})
  }

  const { session, row } = owned
  const userId = session.user.id
  const time = state.now()
  if (isBanned(session.user, time)) return refused('user_banned', 'User Banned', session, { userId })

  const marks: TokenMarks = { userId, sessionId: session.id }
  const expired = (why: string): NotRenewed => refused('session_expired', `Session Expired${why}`, session, marks)
  const invalid = validity(session, time, state.settings, row)
  if (invalid !== null) return expired(invalid)
  if (state.settings.singleSession && hasNewer(state, session, row, time)) return expired(' (Revoked by Newer Login)')

  return row ? swapRow(state, session, row, marks) : moveCounter(state, session, owned.counter, marks)
}

/** Looks at a token that the server has not issued in this form. null: well-formed, but not one of ours. */
function readToken(sessions: Sessions, value: string): OwnedToken | null | 'malformed' {
  if (value.length <= 12) return /^[a-z0-9]{12}$/.test(value) ? null : 'malformed'
  const token = parseRefreshToken(value)
  if (!token) return 'malformed'
  const session = sessions.row(token.sessionId)
  if (!session?.counter || !isSignedBy(token, session.counter.key)) return null
  return { session, row: null, counter: Number(token.counter) }
}

/** null, or which limit the session has passed. A limit's last moment still counts. */
export function validity(
  session: SessionRow,
  time: number,
  settings: Settings,
  row: TokenRow | null = null,
): '' | ' (Inactivity)' | null {
  if (time > session.createdAt + settings.timebox) return ''
  return time > lastRefreshed(session, row) + settings.inactivity ? ' (Inactivity)' : null
}

/** Whether another session of the user that is still valid was begun or refreshed later. */
function hasNewer(state: RefreshState, session: SessionRow, row: TokenRow | null, time: number): boolean {
  const own = lastRefreshed(session, row)
  return state.sessions.of(session.user).some((other) => {
    if (other === session || validity(other, time, state.settings) !== null) return false
    const last = lastRefreshed(other)
    return last > own || (last === own && other.serial > session.serial)
  })
}
