import type { Life } from './life.ts'
import { within } from './limits.ts'
import { withLock } from './lock.ts'
import type { Ports } from './ports.ts'
import type { AuthStorage, StoredSession, WriteContext } from './types.ts'

/** A storage that answers at once, and, where it only mirrors a slower one, tells when that has caught up. */
export interface Mirror {
  read(): StoredSession | null
  write(session: StoredSession, context: WriteContext): void
  /** Writes what waits and reads anew. Rejects when either fails. undefined: there is nothing to wait for. */
  settle(): Promise<void> | undefined
}

/**
 * Mirrors a storage that answers by promise. Writes go one after the other, each after a look at what is there now, under a
 * lock that the tabs share: nothing is written over what is later.
 * @param later whether what is there is later than what is to be written
 */
export function mirror(
  storage: AuthStorage,
  first: Promise<StoredSession | null>,
  ports: Ports,
  timeout: number,
  life: Life,
  late: () => never,
  later: (there: StoredSession | null, next: StoredSession) => boolean,
): Mirror {
  const { clock } = ports
  const name = storage.key && `keyturn:${storage.key}:write`
  let held: StoredSession | null = null
  let writes = 0
  const inTime = <T>(promise: Promise<T>): Promise<T> => within(clock, promise, timeout, late, life.signal())
  // One thing after the other: no look can overtake a write, or another look.
  let line: Promise<unknown> = Promise.resolve()
  const then = <T>(run: () => Promise<T>): Promise<T> => {
    const done = line.then(run)
    line = done.catch(() => {})
    return done
  }
  const look = async (read: () => Promise<StoredSession | null>): Promise<void> => {
    const before = writes
    const began = clock.now()
    const found = await inTime(read())
    // What took longer than it may was read before the browser stood still.
    if (clock.now() - began > timeout) return look(read)
    if (writes === before) held = found
  }
  let written: Promise<void> = then(() => look(() => first))
  written.catch(() => {})

  return {
    read: () => held,
    write(next, context) {
      held = next
      const mine = ++writes
      const task = async () => {
        life.signal().throwIfAborted()
        const there = await inTime(Promise.resolve(storage.read()))
        if (!later(there, next)) await inTime(Promise.resolve(storage.write(next, context)))
        else if (mine === writes) held = there
      }
      // A failure is told once, by who waits for it; a later write may mend it.
      written = then(() => withLock(ports, name, timeout, life.signal(), task))
      written.catch(() => {})
    },
    async settle() {
      const last = written
      written = last.catch(() => {})
      await last
      await then(() => look(async () => storage.read()))
    },
  }
}
