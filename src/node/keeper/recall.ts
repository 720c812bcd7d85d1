import { EMPTY } from './memory.ts'
import type { KeeperMemory, KeeperPlace } from './types.ts'

/** Holds what a keeper remembers, and writes it where it outlives the process. */
export interface Recall {
  readonly memory: () => KeeperMemory
  change(next: KeeperMemory): void
}

/**
 * Reads the place before each change: other processes keep the same session, one after the other. A place that cannot be
 * read or written costs what is remembered, never the session.
 */
export function createRecall(place: KeeperPlace | undefined): Recall {
  let memory = EMPTY
  const read = (): KeeperMemory => {
    try {
      return { ...EMPTY, ...place?.read() }
    } catch {
      return memory
    }
  }
  if (place) memory = read()
  return {
    memory: () => memory,
    change(next) {
      if (next === memory) return
      memory = next
      try {
        place?.write(next)
      } catch {
        // Kept in memory.
      }
    },
  }
}
