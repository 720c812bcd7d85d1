import { hostname } from 'node:os'
import { sleep } from '../core/limits.ts'
import type { Clock } from '../core/ports.ts'
import { type HostStorage, isOurs, type RenewalNote } from './host-storage.ts'

/** How often (ms) the note of another process is looked at again. */
const LOOK_AGAIN = 250
/** How long (ms) before a call would be given up nobody is waited for any more: the storage is asked meanwhile. */
const TO_SPARE = 1_000

/** Whether the renewal of a note may still be under way in another process: it is young, and that process is not known to be dead. */
export function underWay(note: RenewalNote, now: number, limit: number): boolean {
  const { at, pid, host } = note
  if (isOurs(note) || Math.abs(now - at) > limit) return false
  // Another one with our pid lives in another container, or did so in this one before us: nobody can tell.
  if (host !== hostname() || pid === process.pid) return true
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
 * @param limit how long (ms) one call may take: an older note is no longer waited for, and the wait ends before this call would
 * @returns the note that was waited for: what is left of this call is too little to send anything. null: there was none
 */
export async function letOthersEnd(
  storage: HostStorage,
  clock: Clock,
  limit: number,
  signal: AbortSignal,
): Promise<RenewalNote | null> {
  const until = clock.now() + limit - TO_SPARE
  for (let waited: RenewalNote | null = null; ; ) {
    const note = await storage.renewing()
    if (!note || note.ended || !underWay(note, clock.now(), limit)) return waited
    if (clock.now() >= until) return note
    waited = note
    await sleep(clock, LOOK_AGAIN, signal)
  }
}
