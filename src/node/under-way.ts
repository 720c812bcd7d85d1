import { hostname } from 'node:os'
import type { Clock } from '../core/ports.ts'
import type { HostStorage, RenewalNote } from './host-storage.ts'

/** How often (ms) the note of another process is looked at again. */
const LOOK_AGAIN = 250

/** Whether the renewal of a note may still be under way in another process: it is young, and that process is not known to be dead. */
export function underWay({ at, pid, host }: RenewalNote, now: number, limit: number): boolean {
  if (Math.abs(now - at) > limit) return false
  if (host !== hostname()) return true
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Waits while another process that has lost its lock still renews, or has yet to save: a database that was restarted frees
 * the locks of those who live. Else the token that they have just spent would be sent a second time.
 * @param limit how long (ms) one call may take: after that nobody is waited for
 */
export async function letOthersEnd(storage: HostStorage, clock: Clock, limit: number, signal: AbortSignal) {
  for (;;) {
    const note = await storage.renewing()
    if (!note || note.ended || !underWay(note, clock.now(), limit)) return
    signal.throwIfAborted()
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, LOOK_AGAIN))
    signal.throwIfAborted()
  }
}
