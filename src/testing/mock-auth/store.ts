import type { Ids } from './ids.ts'
import { decideRotation, newestLive, type RotationRules, type TokenRow } from './rotation.ts'
import type { MockSession, MockUser, RefreshVerdict } from './types.ts'

export interface UserRow {
  readonly id: string
  readonly identityId: string
  readonly email: string
  readonly password: string
  readonly data: Readonly<Record<string, unknown>>
  readonly confirmedAt: number | null
  readonly createdAt: number
  updatedAt: number
  lastSignInAt: number | null
  banned: boolean
}

export interface SessionRow {
  readonly id: string
  readonly user: UserRow
  readonly createdAt: number
  refreshedAt: number | null
  /** Ended sessions answer as if they were gone; they are kept so that the log can name them. */
  ended: boolean
  readonly tokens: TokenRow[]
}

export type Refreshed =
  | {
      readonly type: 'renewed'
      readonly verdict: RefreshVerdict
      readonly session: SessionRow
      /** null: the server does not rotate. */
      readonly token: string | null
    }
  | { readonly type: 'refused'; readonly code: string; readonly session: SessionRow | null }

export type SignedIn =
  | { readonly type: 'signed_in'; readonly session: SessionRow; readonly token: string }
  | { readonly type: 'refused'; readonly code: 'invalid_credentials' | 'user_banned' | 'email_not_confirmed' }

export type EndScope = 'local' | 'global' | 'others'

/** Users, sessions and refresh tokens. Everything here is synchronous, so each step is atomic. */
export interface Store {
  readonly addUser: (user: MockUser) => UserRow
  readonly findUser: (email: string) => UserRow | null
  readonly userById: (id: string) => UserRow | null
  readonly signIn: (email: string, password: string) => SignedIn
  readonly openSession: (user: UserRow) => { readonly session: SessionRow; readonly token: string }
  readonly refresh: (token: string) => Refreshed
  /** The session, unless it has ended. */
  readonly session: (id: string) => SessionRow | null
  /** The session that a refresh token, live or spent, belongs to, unless it has ended. */
  readonly sessionOf: (refreshToken: string) => SessionRow | null
  readonly end: (user: UserRow, sessionId: string | null, scope: EndScope) => void
  readonly endAll: () => void
  readonly endOne: (sessionId: string) => void
  readonly list: () => readonly MockSession[]
  readonly liveToken: (sessionId: string) => string | null
}

export function createStore(ids: Ids, now: () => number, rules: RotationRules): Store {
  const users = new Map<string, UserRow>()
  const sessions = new Map<string, SessionRow>()
  const owners = new Map<string, { readonly row: TokenRow; readonly session: SessionRow }>()

  function addToken(session: SessionRow, parent: string | null): string {
    const row: TokenRow = { value: ids.refreshToken(), parent, revoked: false, updatedAt: now() }
    session.tokens.push(row)
    owners.set(row.value, { row, session })
    return row.value
  }

  function openSession(user: UserRow): { session: SessionRow; token: string } {
    const session: SessionRow = { id: ids.uuid(), user, createdAt: now(), refreshedAt: null, ended: false, tokens: [] }
    sessions.set(session.id, session)
    user.lastSignInAt = now()
    user.updatedAt = now()
    return { session, token: addToken(session, null) }
  }

  function refresh(value: string): Refreshed {
    if (!/^[a-z0-9]{12}$/.test(value)) return { type: 'refused', code: 'validation_failed', session: null }
    const owner = owners.get(value)
    if (!owner) return { type: 'refused', code: 'refresh_token_not_found', session: null }
    const { row, session } = owner
    if (session.ended) return { type: 'refused', code: 'refresh_token_not_found', session }
    if (session.user.banned) return { type: 'refused', code: 'user_banned', session }

    const time = now()
    const decision = decideRotation(row, session.tokens, time, rules)
    if (decision.type === 'refuse') {
      if (decision.consequence === 'end_session') session.ended = true
      if (decision.consequence === 'revoke_live_tokens') {
        for (const token of session.tokens) {
          if (token.revoked) continue
          token.revoked = true
          token.updatedAt = time
        }
      }
      return { type: 'refused', code: 'refresh_token_already_used', session }
    }

    session.refreshedAt = time
    if (decision.type === 'keep') return { type: 'renewed', verdict: 'kept', session, token: null }
    if (decision.type === 'hand_out_again') {
      return { type: 'renewed', verdict: 'reused', session, token: decision.token.value }
    }
    row.revoked = true
    row.updatedAt = time
    session.user.updatedAt = time
    return { type: 'renewed', verdict: decision.verdict, session, token: addToken(session, row.value) }
  }

  const live = (id: string): SessionRow | null => {
    const session = sessions.get(id)
    return session && !session.ended ? session : null
  }
  const liveToken = (id: string): string | null => newestLive(live(id)?.tokens ?? [])?.value ?? null
  const findUser = (email: string): UserRow | null => users.get(email.toLowerCase()) ?? null

  return {
    addUser: ({ email, password, data = {}, confirmed = true }) => {
      const time = now()
      const user: UserRow = {
        id: ids.uuid(),
        identityId: ids.uuid(),
        email: email.toLowerCase(),
        password,
        data,
        confirmedAt: confirmed ? time : null,
        createdAt: time,
        updatedAt: time,
        lastSignInAt: null,
        banned: false,
      }
      users.set(user.email, user)
      return user
    },
    findUser,
    userById: (id) => [...users.values()].find((user) => user.id === id) ?? null,
    signIn: (email, password) => {
      const user = findUser(email)
      if (!user) return { type: 'refused', code: 'invalid_credentials' }
      if (user.banned) return { type: 'refused', code: 'user_banned' }
      if (user.password !== password) return { type: 'refused', code: 'invalid_credentials' }
      if (user.confirmedAt === null) return { type: 'refused', code: 'email_not_confirmed' }
      return { type: 'signed_in', ...openSession(user) }
    },
    openSession,
    refresh,
    session: live,
    sessionOf: (refreshToken) => {
      const session = owners.get(refreshToken)?.session
      return session && !session.ended ? session : null
    },
    end: (user, sessionId, scope) => {
      for (const session of sessions.values()) {
        if (session.user !== user) continue
        const isThis = session.id === sessionId
        if (scope === 'global' || isThis === (scope === 'local')) session.ended = true
      }
    },
    endAll: () => {
      for (const session of sessions.values()) session.ended = true
    },
    endOne: (sessionId) => {
      const session = sessions.get(sessionId)
      if (session) session.ended = true
    },
    list: () =>
      [...sessions.values()].map((session) => ({
        id: session.id,
        userId: session.user.id,
        email: session.user.email,
        live: liveToken(session.id) !== null,
        createdAt: session.createdAt,
        refreshedAt: session.refreshedAt,
        tokensIssued: session.tokens.length,
      })),
    liveToken,
  }
}
