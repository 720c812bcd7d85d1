import type { Life } from './life.ts'
import { within } from './limits.ts'
import { withLock } from './lock.ts'
import type { Ports } from './ports.ts'
import type { AuthStorage, StoredSession, WriteContext } from './types.ts'

/** How long (ms) a write waits for its lock. What a race leaves wrong is mended at the next look. */
const PATIENCE = 250

/** What a storage holds that answers by promise, as far as is known. */
export interface Mirror {
  read(): StoredSession | null
  write(session: StoredSession, context: WriteContext): void
  /** A write is under way already. */
  wrote(session: StoredSession, done: Promise<void>): void
  /** What the last write has written over. */
  replaced(): StoredSession | null
  /** Resolves when what was written is kept, and what is there was read anew. Rejects when either fails. */
  settle(): Promise<void>
}

export interface MirrorSetup {
  readonly ports: Ports
  readonly timeout: number
  readonly life: Life
  /** Throws that the storage was too slow. */
  readonly late: () => never
  /** Whether what is there is later than what is to be written. */
  readonly later: (there: StoredSession | null, next: StoredSession) => boolean
}

/**
 * Mirrors a storage that answers by promise. Writes go one after the other, each after a look at what is there now, under a
 * lock that the tabs share: nothing is written over what is later.
 */
export function mirror(
  storage: AuthStorage,
  first: Promise<StoredSession | null>,
  { ports, timeout, life, late, later }: MirrorSetup,
): Mirror {
  const { clock } = ports
  const name = storage.key && `keyturn:${storage.key}:write`
  let held: StoredSession | null = null
  let replaced: StoredSession | null = null
  let writes = 0
  let waiting: (() => Promise<void>) | undefined
  const inTime = <T>(promise: T | Promise<T>): Promise<T> =>
    within(clock, Promise.resolve(promise), timeout, late, life.signal())
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
    if (clock.now() - began > timeout) return look(async () => storage.read())
    if (writes === before) held = found
  }
  /** A failure is told once, by who waits for it; a later write may mend it. */
  const follow = (done: Promise<void>) => {
    written = done
    written.catch(() => {})
  }
  let written: Promise<void> = Promise.resolve()
  follow(then(() => look(() => first)))

  return {
    read: () => held,
    replaced: () => replaced,
    wrote(session, done) {
      held = session
      writes++
      follow(then(() => inTime(done)))
    },
    write(next, context) {
      held = next
      const mine = ++writes
      const task = async () => {
        life.signal().throwIfAborted()
        const there = await inTime(storage.read())
        if (later(there, next)) {
          if (mine === writes) held = there
          return
        }
        replaced = there
        await inTime(storage.write(next, context))
      }
      const run = () => withLock(ports, name, PATIENCE, life.signal(), task)
      // Of several that wait only the last is written.
      if (!waiting) {
        follow(
          then(() => {
            const last = waiting as () => Promise<void>
            waiting = undefined
            return last()
          }),
        )
      }
      waiting = run
    },
    async settle() {
      const last = written
      written = last.catch(() => {})
      await last
      await then(() => look(async () => storage.read()))
    },
  }
}
