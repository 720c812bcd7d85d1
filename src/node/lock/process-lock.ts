import { createHash } from 'node:crypto'
import type { Lock } from '../../core/ports.ts'
import { takePipe } from './pipe.ts'
import { takeSeat } from './seats.ts'

/**
 * A lock between the processes of one host. Its holder listens on a socket; those who wait are connected to it, and the
 * operating system tells them when it lets go or dies. Nobody polls, and nothing that a killed process leaves behind stands
 * in the way. A holder that hangs keeps the lock: the engine's patience is what ends the wait.
 * @param folder private to this user; made when it is first needed
 */
export function processLock(folder: string): Lock {
  return async (name, signal, task) => {
    const short = createHash('sha256').update(name).digest('hex').slice(0, 8)
    const pipe = createHash('sha256').update(`${folder}\0${name}`).digest('hex').slice(0, 32)
    const release =
      process.platform === 'win32'
        ? await takePipe(`\\\\.\\pipe\\keyturn-${pipe}`, signal)
        : await takeSeat(folder, short, signal)
    try {
      await task()
    } finally {
      release()
    }
  }
}
