import type { AuthStorage, StoredSession } from '../core/types.ts'

/**
 * Keeps the session in memory: gone with the page, unseen by other tabs. For tests, for pages that must not leave a
 * trace, and where cookies are blocked.
 */
export function memoryStorage(): AuthStorage {
  let held: StoredSession | null = null
  return Object.freeze({
    read: () => held,
    write(session: StoredSession) {
      held = session
    },
  })
}
