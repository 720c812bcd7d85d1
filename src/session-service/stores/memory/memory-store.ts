import { isLive, type Session, type UserId } from '../../contract/session.ts'
import { extendedEnd, type Once, type SessionStore } from '../store.ts'

type Remembered = Once & { readonly handle: string }

/** Entries that are looked at on each creation, so that what has expired goes even if nobody calls `removeExpired`. */
const LOOK_AT = 4

/** Walks a map round and round, a few entries at a time, and drops those that are over. */
function createSweeper<Value>(map: ReadonlyMap<string, Value>, drop: (value: Value, now: number) => boolean) {
  let place = map.values()
  return (now: number, entries: number): number => {
    let dropped = 0
    for (let looked = 0; looked < Math.min(entries, map.size); looked++) {
      let next = place.next()
      if (next.done) {
        place = map.values()
        next = place.next()
      }
      if (next.done) break
      if (drop(next.value, now)) dropped++
    }
    return dropped
  }
}

/**
 * Sessions in this process' memory: gone when it ends, unknown to other processes. For development, tests, and a single small process
 * whose users may sign in again after a restart. What has expired is removed bit by bit as sessions are made.
 */
export function memoryStore(): SessionStore {
  const sessions = new Map<string, Session>()
  const handlesOf = new Map<string, Set<string>>()
  const made = new Map<string, Remembered>()

  const live = (handle: string, now: number): Session | null => {
    const session = sessions.get(handle)
    return session && isLive(session, now) ? session : null
  }
  const put = (session: Session): void => {
    sessions.set(session.handle, session)
    const user = String(session.userId)
    const handles = handlesOf.get(user)
    if (handles) handles.add(session.handle)
    else handlesOf.set(user, new Set([session.handle]))
  }
  const drop = (session: Session): void => {
    sessions.delete(session.handle)
    const user = String(session.userId)
    const handles = handlesOf.get(user)
    handles?.delete(session.handle)
    if (handles?.size === 0) handlesOf.delete(user)
  }
  const liveOf = (userId: UserId, now: number): Session[] =>
    [...(handlesOf.get(String(userId)) ?? [])].flatMap((handle) => live(handle, now) ?? [])

  const sweepSessions = createSweeper(sessions, (session, now) => {
    if (isLive(session, now)) return false
    drop(session)
    return true
  })
  const sweepMade = createSweeper(made, ({ key, until }, now) => until <= now && made.delete(key))

  return Object.freeze({
    name: 'memory',
    async create(session, now, once) {
      sweepSessions(now, LOOK_AT)
      sweepMade(now, LOOK_AT)
      const before = once ? made.get(once.key) : undefined
      if (once && before && now < before.until) {
        if (before.fingerprint !== once.fingerprint) return { outcome: 'reused' }
        const first = live(before.handle, now)
        return first ? { outcome: 'repeated', session: first, kid: before.kid } : { outcome: 'ended' }
      }
      if (once) made.set(once.key, { ...once, handle: session.handle })
      put(session)
      return { outcome: 'created' }
    },
    find: async (handle, now) => live(handle, now),
    async extend(handle, now, lifetimes) {
      const session = live(handle, now)
      if (!session) return null
      const expiresAt = extendedEnd(session, now, lifetimes)
      if (expiresAt !== session.expiresAt) sessions.set(handle, { ...session, expiresAt })
      return expiresAt
    },
    async rotate(handle, next, now) {
      const session = live(handle, now)
      if (!session) return null
      const rotated = { ...session, handle: next }
      drop(session)
      put(rotated)
      return rotated
    },
    async end(handle, now) {
      const session = live(handle, now)
      if (session) drop(session)
      return session !== null
    },
    async endUser(userId, now) {
      const ended = liveOf(userId, now)
      for (const session of ended) drop(session)
      return ended.length
    },
    list: async (userId, now, limit) =>
      liveOf(userId, now)
        .sort((a, b) => b.expiresAt - a.expiresAt || (a.handle < b.handle ? -1 : 1))
        .slice(0, limit),
    count: async (userId, now) => liveOf(userId, now).length,
    removeExpired: async (now, limit) => sweepSessions(now, limit) + sweepMade(now, limit),
    open: async () => [],
    check: async () => {},
    close: async () => {},
  } satisfies SessionStore)
}
