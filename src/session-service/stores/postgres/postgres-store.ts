import { misconfigured } from '../../contract/errors.ts'
import type { Metadata, Session, UserId } from '../../contract/session.ts'
import type { SessionStore } from '../store.ts'
import { createConnection } from './connection.ts'

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`, with whatever parameters the package `pg` knows. */
  readonly url: string
  /** Connections at most. Default: 10. */
  readonly connections?: number
  /** Milliseconds that the database may take to answer. Default: 2,000. */
  readonly timeout?: number
}

interface Row {
  readonly session_id: string
  readonly user_id: string
  readonly user_is_number: boolean
  readonly created_at: number
  readonly expires_at: number
  readonly ends_at: number
  readonly metadata: Metadata | null
}

type FirstRow = { readonly fingerprint: string; readonly kid: string } & (Row | { readonly user_id: null })

const toSession = (row: Row): Session => ({
  handle: row.session_id,
  userId: row.user_is_number ? Number(row.user_id) : row.user_id,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  endsAt: row.ends_at,
  metadata: row.metadata,
})

const toValues = ({ handle, userId, createdAt, expiresAt, endsAt, metadata }: Session) => [
  handle,
  nameOf(userId),
  typeof userId === 'number',
  createdAt,
  expiresAt,
  endsAt,
  metadata && JSON.stringify(metadata),
]

/** Sessions of a user that one statement ends, well within the time limit. */
const BATCH = 1_000

const nameOf = (userId: UserId): string => String(userId)

/**
 * Sessions in a table of PostgreSQL (15 or newer), through the package `pg`. Each operation is one statement: one step, one round trip;
 * only the end of all sessions of a user takes one for each thousand. Tables and functions, all named `keyturn_…`, are made at the first use, in numbered steps. What has expired is removed
 * by `maintain()` in batches.
 */
export function postgresStore({ url, connections = 10, timeout = 2_000 }: PostgresStoreOptions): SessionStore {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw misconfigured('DATABASE_URL must be such as postgres://user:password@127.0.0.1:5432/database.')
  const database = createConnection({ url, connections, timeout })

  return Object.freeze({
    name: 'PostgreSQL',
    async create(session, now, once) {
      if (!once) {
        await database.run('create', toValues(session))
        return { outcome: 'created' }
      }
      const values = [now, once.key, once.fingerprint, once.kid, once.until, ...toValues(session)]
      const [seen] = await database.run<FirstRow>('create_once', values)
      if (!seen) return { outcome: 'created' }
      if (seen.fingerprint !== once.fingerprint) return { outcome: 'reused' }
      if (seen.user_id === null) return { outcome: 'ended' }
      return { outcome: 'repeated', session: toSession(seen), kid: seen.kid }
    },
    async find(handle, now) {
      const [row] = await database.run<Row>('find', [handle, now])
      return row ? toSession(row) : null
    },
    async extend(handle, now, { ttl, extendFrom }) {
      const [row] = await database.run<{ expires_at: number | null }>('extend', [handle, now, ttl, extendFrom])
      return row?.expires_at ?? null
    },
    async rotate(handle, next, now) {
      const [row] = await database.run<Row>('rotate', [handle, next, now])
      return row ? toSession(row) : null
    },
    async end(handle, now) {
      const [row] = await database.run<{ live: boolean }>('end', [handle, now])
      return row?.live ?? false
    },
    async endUser(userId, now) {
      for (let ended = 0; ; ) {
        const [row] = await database.run<{ live: number; more: boolean }>('end_user', [nameOf(userId), now, BATCH])
        ended += row?.live ?? 0
        if (!row?.more) return ended
      }
    },
    list: async (userId, now, limit) =>
      (await database.run<Row>('list', [nameOf(userId), now, limit])).map((row) => toSession(row)),
    count: async (userId, now) => amount(await database.run<Count>('count', [nameOf(userId), now])),
    async removeExpired(now, limit) {
      const sessions = amount(await database.run<Count>('remove_sessions', [now, limit]))
      return sessions + amount(await database.run<Count>('remove_once', [now, limit]))
    },
    async open() {
      await database.run('check', [])
      return []
    },
    async check() {
      await database.run('check', [])
    },
    close: () => database.close(),
  } satisfies SessionStore)
}

interface Count {
  readonly count: number
}

const amount = (rows: readonly Count[]): number => rows[0]?.count ?? 0
