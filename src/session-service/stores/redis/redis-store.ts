import { misconfigured } from '../../contract/errors.ts'
import { isLive, type Session } from '../../contract/session.ts'
import type { SessionStore } from '../store.ts'
import { createConnection } from './connection.ts'
import { dangersOf } from './dangers.ts'
import { readOnce, readRecord, userName, writeOnce, writeRecord } from './record.ts'
import { CREATE, END, END_USER, EXTEND, LIST, ROTATE } from './scripts.ts'

export interface RedisStoreOptions {
  /** `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS. */
  readonly url: string
  /** What all keys begin with. Default: `keyturn:`. */
  readonly prefix?: string
  /** Milliseconds that Redis may take to answer. Default: 2,000. */
  readonly timeout?: number
}

/** Sessions of a user that one script ends: some milliseconds, in which Redis answers nobody else. */
const BATCH = 1_000

/**
 * Sessions in one Redis (7 or newer, with replicas if you like; not a cluster), through the package `redis`. Each
 * operation is one command or one script: one step, one round trip; only the end of all sessions of a user takes one for each
 * thousand. What has expired goes by Redis' own time to live.
 *
 * A session is the key `{prefix}s:{handle}` with a JSON object; a user's sessions are the sorted set
 * `{prefix}u:{user_id}`, which lives as long as the last of them, and is `{prefix}e:{user_id}` while they are being ended; an `Idempotency-Key` is `{prefix}i:{hash}`.
 *
 * How much a crash can lose is Redis' matter: see "What can be lost" in docs/session-service.md.
 */
export function redisStore({ url, prefix = 'keyturn:', timeout = 2_000 }: RedisStoreOptions): SessionStore {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url))
    throw misconfigured('REDIS_URL must be such as redis://127.0.0.1:6379.')
  const redis = createConnection({ url, timeout })
  const [sessions, users, ending, onces] = [`${prefix}s:`, `${prefix}u:`, `${prefix}e:`, `${prefix}i:`]
  const read = (handle: string, value: unknown): Session | null =>
    typeof value === 'string' ? readRecord(handle, value) : null

  return Object.freeze({
    name: 'Redis',
    async create(session, now, once) {
      const { handle, expiresAt } = session
      const keys = [sessions + handle, users + userName(session.userId)]
      const args = [writeRecord(session), expiresAt - now, expiresAt, now, handle, sessions]
      if (once) {
        keys.push(onces + once.key)
        args.push(writeOnce(once, handle), once.until - now)
      }
      const before = (await redis.script(CREATE, keys, args)) as [string, unknown] | null
      if (!once || !before) return { outcome: 'created' }
      const seen = readOnce(before[0])
      if (seen.fingerprint !== once.fingerprint) return { outcome: 'reused' }
      const first = read(seen.handle, before[1])
      return first && isLive(first, now) ? { outcome: 'repeated', session: first, kid: seen.kid } : { outcome: 'ended' }
    },
    async find(handle, now) {
      const session = read(handle, await redis.run((client) => client.get(sessions + handle)))
      return session && isLive(session, now) ? session : null
    },
    async extend(handle, now, { ttl, extendFrom }) {
      const end = await redis.script(EXTEND, [sessions + handle], [now, ttl, extendFrom, users, handle, ending])
      return end === null ? null : Number(end)
    },
    rotate: async (handle, next, now) =>
      read(next, await redis.script(ROTATE, [sessions + handle, sessions + next], [now, users, handle, next, ending])),
    end: async (handle, now) => (await redis.script(END, [sessions + handle], [now, users, handle, ending])) === 1,
    async endUser(userId, now) {
      const keys = [users + userName(userId), ending + userName(userId)]
      for (let ended = 0, moved = 0, done = 0; ; ) {
        const answer = await redis.script(END_USER, keys, [now, sessions, BATCH, moved])
        const [live, ...rest] = answer as [number, number, number]
        ;[moved, done] = rest
        ended += live
        if (done) return ended
      }
    },
    async list(userId, now, limit) {
      const found = (await redis.script(LIST, [users + userName(userId)], [now, limit, sessions])) as string[]
      return found.flatMap((handle, place) => (place % 2 ? [] : (read(handle, found[place + 1]) ?? [])))
    },
    count: (userId, now) => redis.run((client) => client.zCount(users + userName(userId), `(${now}`, '+inf')),
    removeExpired: async () => 0,
    open: async () => dangersOf(await redis.run((client) => client.info())),
    async check() {
      await redis.run((client) => client.ping())
    },
    close: () => redis.close(),
  } satisfies SessionStore)
}
