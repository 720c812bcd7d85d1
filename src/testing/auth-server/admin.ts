import type { MockAdmin, MockSession } from './core/admin-types.ts'
import { issuerOf, liveSession } from './core/core.ts'
import { currentToken, type SessionRow } from './core/sessions.ts'
import type { SupabaseCore } from './supabase/supabase-core.ts'

const tenYears = 315_360_000
/** As good as for good, and still a date. */
const century = 3_155_760_000_000

export function createAdmin(core: SupabaseCore, origin: string, setTokenVersion: (version: 1 | 2) => void): MockAdmin {
  const { sessions, users, tokens } = core
  const liveToken = (id: string): string | null => {
    const session = liveSession(core, id)
    return session && currentToken(session)
  }
  const view = (session: SessionRow | null | undefined): MockSession | null => (session ? viewOf(session) : null)

  return {
    expireAccessTokens: tokens.expireAll,
    revokeSession: (id) => {
      const session = sessions.row(id)
      if (session) sessions.end(session, 'revoked')
    },
    revokeSessions: () => {
      for (const session of sessions.all()) sessions.end(session, 'revoked')
    },
    sessions: () => sessions.all().map(viewOf),
    session: (id) => view(sessions.row(id)),
    sessionOf: (refreshToken) => view(sessions.ownerOf(refreshToken)?.session),
    isLive: (id) => liveToken(id) !== null,
    currentRefreshToken: liveToken,
    setTokenLifetime: tokens.setLifetime,
    setRefreshTokenVersion: setTokenVersion,
    ban: (email, banned = true) => {
      const user = users.byEmail(email)
      if (!user) return
      if (banned === false) user.bannedUntil = null
      else user.bannedUntil = core.now() + (banned === true ? century : banned * 1000)
    },
    confirm: (email) => {
      const user = users.byEmail(email)
      if (user) users.confirm(user)
    },
    reauthenticationCode: (email) => users.byEmail(email)?.reauthenticationCode || null,
    apiKey: async (role) => (await tokens.issueKey({ iss: issuerOf(origin), role }, tenYears)).token,
  }
}

function viewOf(session: SessionRow): MockSession {
  const { tokens, counter, ended } = session
  const issued = counter?.issued ?? []
  const live = [...tokens.filter(({ revoked }) => !revoked).map(({ value }) => value), ...issued.slice(-1)]
  const spent = [...tokens.filter(({ revoked }) => revoked).map(({ value }) => value), ...issued.slice(0, -1)]
  return {
    id: session.id,
    userId: session.user.id,
    email: session.user.email,
    live: currentToken(session) !== null,
    ended,
    createdAt: session.createdAt,
    refreshedAt: session.refreshedAt,
    tokensIssued: live.length + spent.length,
    liveTokens: ended ? [] : live,
    spentTokens: spent,
  }
}
