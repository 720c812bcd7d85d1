import { type FSWatcher, watchFile as pollFile, unwatchFile, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** How often (ms) a file is looked at where the system does not tell of changes, as on network file systems. */
const POLL = 2_000

/**
 * Calls `changed` when a file was replaced, by this process or another. The folder is watched, because a rename puts another
 * file in its place. It keeps no process alive. Returns the way back.
 */
export function watchFile(path: string, changed: () => void): () => void {
  const name = basename(path)
  let watcher: FSWatcher | null = null
  const poll = (): void => {
    watcher?.close()
    watcher = null
    pollFile(path, { interval: POLL, persistent: false }, changed)
  }
  try {
    watcher = watch(dirname(path), { persistent: false }, (_, file) => {
      if (file === null || file === name) changed()
    })
    // The folder went away, or the system has no more watches to give.
    watcher.on('error', poll)
  } catch {
    poll()
  }
  return () => {
    watcher?.close()
    unwatchFile(path, changed)
  }
}
