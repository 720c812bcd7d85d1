import type { MockSessionEnd } from './admin-types.ts'
import type { Ids } from './ids.ts'
import { encodeRefreshToken } from './refresh-token-v2.ts'
import { newestLive, type TokenRow } from './rotation.ts'
import type { UserRow } from './users.ts'

/** How somebody signed in, in the words of the `amr` claim. */
export type SignInMethod = 'password' | 'anonymous'

/** Times in ms by the server's clock. */
export interface SessionRow {
  readonly id: string
  readonly user: UserRow
  readonly method: SignInMethod
  readonly createdAt: number
  refreshedAt: number | null
  /** Counts sign-ins and refreshes, to order those of the same ms. */
  serial: number
  /** Ended sessions answer as if they were gone; they are kept so that the log can name them. */
  ended: { readonly at: number; readonly why: MockSessionEnd } | null
  /** Version 1, oldest first. */
  readonly tokens: TokenRow[]
  /** Version 2; null while the session has none of those. */
  counter: CounterRow | null
}

export interface CounterRow {
  readonly key: Uint8Array
  /** Every token issued so far, in the order of their counters. The last is the current one. */
  readonly issued: string[]
}

/** What a refresh token, live or spent, was found to be. `counter` is that of a token of version 2. */
export type OwnedToken =
  | { readonly session: SessionRow; readonly row: TokenRow; readonly counter: null }
  | { readonly session: SessionRow; readonly row: null; readonly counter: number }

export type EndScope = 'local' | 'global' | 'others'

/** Sessions and refresh tokens. Everything here is synchronous, so each step is atomic. */
export interface Sessions {
  readonly open: (user: UserRow, method: SignInMethod, version: 1 | 2) => { session: SessionRow; token: string }
  /** The session, ended or not. */
  readonly row: (id: string) => SessionRow | null
  readonly ownerOf: (refreshToken: string) => OwnedToken | null
  readonly of: (user: UserRow) => readonly SessionRow[]
  readonly all: () => readonly SessionRow[]
  /** A new token of version 1. */
  readonly addRow: (session: SessionRow, parent: string | null) => TokenRow
  /** A new token of version 2; the session's first one, too. */
  readonly advance: (session: SessionRow) => string
  readonly touch: (session: SessionRow) => void
  readonly end: (session: SessionRow, why: MockSessionEnd) => void
}

export function createSessions(ids: Ids, now: () => number): Sessions {
  const sessions = new Map<string, SessionRow>()
  const owners = new Map<string, OwnedToken>()
  let serial = 0

  function addRow(session: SessionRow, parent: string | null): TokenRow {
    const row: TokenRow = { value: ids.refreshToken(), parent, revoked: false, updatedAt: now() }
    session.tokens.push(row)
    owners.set(row.value, { session, row, counter: null })
    return row
  }

  function advance(session: SessionRow): string {
    session.counter ??= { key: ids.bytes(32), issued: [] }
    const { key, issued } = session.counter
    const token = encodeRefreshToken(session.id, issued.length, key)
    owners.set(token, { session, row: null, counter: issued.length })
    issued.push(token)
    return token
  }

  return {
    open: (user, method, version) => {
      const time = now()
      serial += 1
      const session: SessionRow = {
        id: ids.uuid(),
        user,
        method,
        createdAt: time,
        refreshedAt: null,
        serial,
        ended: null,
        tokens: [],
        counter: null,
      }
      sessions.set(session.id, session)
      user.lastSignInAt = time
      user.updatedAt = time
      return { session, token: version === 2 ? advance(session) : addRow(session, null).value }
    },
    row: (id) => sessions.get(id) ?? null,
    ownerOf: (token) => owners.get(token) ?? null,
    of: (user) => [...sessions.values()].filter((session) => session.user === user && !session.ended),
    all: () => [...sessions.values()],
    addRow,
    advance,
    touch: (session) => {
      serial += 1
      session.serial = serial
      session.refreshedAt = now()
    },
    end: (session, why) => {
      session.ended ??= { at: now(), why }
    },
  }
}

/** The refresh token that is to be used next; null if there is none. */
export function currentToken(session: SessionRow): string | null {
  if (session.ended) return null
  return session.counter?.issued.at(-1) ?? newestLive(session.tokens)?.value ?? null
}

/** When the session was last refreshed, or begun. `row`: the token presented, if it is one of version 1. */
export function lastRefreshed(session: SessionRow, row: TokenRow | null = null): number {
  return session.refreshedAt ?? Math.max(session.createdAt, row?.updatedAt ?? 0)
}

/** The session's counter; -1 when it has no tokens of version 2. */
export function counterOf(session: SessionRow): number {
  return (session.counter?.issued.length ?? 0) - 1
}
