import { sleep } from './limits.ts'
import type { Ports } from './ports.ts'
import type { LeaseNote } from './types.ts'

/** How long (ms) until a write to the storage is seen by all who share it. */
const SEEN = 100
/** A lease in force is looked at again after this (ms). */
const AGAIN = 250

/** The name and the end of a lease; null where there is none in force. No lease is longer than `longest` ms. */
function read(note: LeaseNote, now: number, longest: number): string | null {
  const [name = '', end] = (note.read() ?? '').split(' ')
  const left = Number(end) - now
  return left > 0 && left <= longest ? name : null
}

/**
 * Runs `task` under a lease in the storage: for pages that share the storage, but no locks. It holds while a write is seen
 * by the others within 100 ms and no holder stands still in between; else two may run at once.
 * @param length how long (ms) the task may take
 * @param patience how long (ms) to wait for another's lease; then the task runs without one
 * @param task gets a way to ask whether the lease still stands
 */
export async function withLease<T>(
  note: LeaseNote,
  { clock, newId, random }: Pick<Ports, 'clock' | 'newId' | 'random'>,
  length: number,
  patience: number,
  signal: AbortSignal,
  task: (stands: () => boolean) => Promise<T>,
): Promise<T> {
  const name = newId()
  const stands = () => read(note, clock.now(), length) === name
  const began = clock.now()
  while (!stands() && Math.abs(clock.now() - began) < patience) {
    if (read(note, clock.now(), length)) await sleep(clock, AGAIN * (0.5 + random()), signal)
    else {
      note.write(`${name} ${clock.now() + length}`, Math.ceil(length / 1000))
      await sleep(clock, SEEN, signal)
    }
  }
  const had = stands()
  try {
    return await task(() => !had || stands())
  } finally {
    if (stands()) note.write('', 0)
  }
}
