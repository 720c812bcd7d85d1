/** Sessions to store, and the marker that a sign-out leaves. */
import type { AuthStorage, SessionRecord, StoredSession, WriteContext } from 'keyturn'
import { HOUR, jwt } from '../core/world.ts'

/** In whole seconds, as the expiry of a cookie is. */
export const now: number = Math.floor(Date.now() / 1000) * 1000

export const context: WriteContext = { secure: true, now, warn: () => {} }

export const record = (change: Partial<SessionRecord> = {}): SessionRecord => ({
  id: 'session-1',
  order: now,
  version: 1,
  backend: 'https://app.example.test',
  receivedAt: now,
  expiresAt: now + HOUR,
  skew: -250,
  subject: 'ada',
  user: { sub: 'ada' },
  ...change,
})

export const session = (change: Partial<StoredSession> = {}): StoredSession => ({
  accessToken: jwt({ sub: 'ada' }),
  refreshToken: 'a-refresh-token-of-ada',
  record: record(),
  ...change,
})

/** What the engine writes when somebody signs out. */
export const marker = (change: Partial<SessionRecord> = {}): StoredSession => ({
  accessToken: null,
  refreshToken: null,
  record: record({ over: 'signed_out', order: now + 1, expiresAt: null, user: null, ...change }),
})

export const signOut = (storage: AuthStorage, change: Partial<SessionRecord> = {}) =>
  storage.write(marker(change), context)
