import type { Life } from './life.ts'
import { noop, within } from './limits.ts'
import { withLock } from './lock.ts'
import type { Ports } from './ports.ts'
import type { AuthStorage, StoredSession, WriteContext } from './types.ts'

/** How long (ms) a write waits for its lock. What a race leaves wrong is mended at the next look. */
const PATIENCE = 250

/** What a storage holds that answers by promise, as far as is known. */
export interface Mirror {
  /** False until its first answer. */
  readonly opened: () => boolean
  read(): StoredSession | null
  /** `unless`: whether what is there by then forbids it. */
  write(session: StoredSession, context: WriteContext, unless: (there: StoredSession | null) => boolean): void
  /** A write is under way already. */
  wrote(session: StoredSession, done: Promise<void>): void
  /** What the last write has written over. */
  replaced(): StoredSession | null
  /** Resolves when what was written is kept. Rejects when it is not. */
  written(): Promise<void>
  /** Resolves when what was written is kept, and what is there was read anew. Rejects when either fails. */
  settle(): Promise<void>
}

export interface MirrorSetup {
  readonly ports: Ports
  readonly timeout: number
  readonly life: Life
  /** Throws that the storage was too slow. */
  readonly late: () => never
}

/**
 * Mirrors a storage that answers by promise. Writes go one after the other, each after a look at what is there now, under a
 * lock that the tabs share: nothing is written over what is later.
 */
export function mirror(
  storage: AuthStorage,
  first: Promise<StoredSession | null>,
  { ports, timeout, life, late }: MirrorSetup,
): Mirror {
  const { clock } = ports
  const name = storage.key && `keyturn:${storage.key}:write`
  let held: StoredSession | null = null
  let replaced: StoredSession | null = null
  let writes = 0
  let opened = false
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
    // What is still to be written is newer than what is there.
    if (writes === before && !waiting) held = found
  }
  /** A failure is told once, by who waits for it; a later write may mend it. */
  const follow = (done: Promise<void>) => {
    written = done
    written.catch(() => {})
  }
  let written: Promise<void> = Promise.resolve()
  const opening = then(() => look(() => first))
  const open = () => {
    opened = true
  }
  opening.then(open, open)
  let untold = opening

  /** A failure is told once. */
  const take = (): Promise<void> => {
    const last = written
    written = last.catch(() => {})
    return last
  }

  return {
    opened: () => opened,
    read: () => held,
    replaced: () => replaced,
    wrote(session, done) {
      held = session
      writes++
      follow(then(() => inTime(done)))
    },
    write(next, context, unless) {
      held = next
      const mine = ++writes
      const task = async () => {
        life.signal().throwIfAborted()
        // What does not answer its first question soon is not asked once more.
        if (!opened) await within(clock, opening.catch(noop), PATIENCE, noop, life.signal())
        const there = opened ? await inTime(storage.read()) : null
        if (unless(there)) {
          if (mine === writes) held = there
          return
        }
        replaced = there
        await inTime(storage.write(next, context))
      }
      const run = async () => {
        life.signal().throwIfAborted()
        return withLock(ports, name, PATIENCE, life.signal(), task)
      }
      // Of several that wait only the last is written.
      if (!waiting) {
        const last = () => {
          const latest = waiting as () => Promise<void>
          waiting = undefined
          return latest()
        }
        follow(opened ? then(last) : written.then(last, last))
      }
      waiting = run
    },
    written: take,
    async settle() {
      const before = untold
      untold = before.catch(() => {})
      await before
      // What was still to be written then is not there yet, and may not come to be.
      do {
        await take()
        await then(() => look(async () => storage.read()))
      } while (waiting)
    },
  }
}
