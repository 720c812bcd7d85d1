import { openDoor, waitAt } from './door.ts'

/**
 * Takes the lock at an address that the operating system frees with its owner: a named pipe of Windows, or an abstract socket
 * of Linux. Only one process at a time can listen there, so listening is holding.
 * @returns the way to let go
 */
export async function takePipe(address: string, signal: AbortSignal): Promise<() => void> {
  for (;;) {
    signal.throwIfAborted()
    try {
      const door = await openDoor(address)
      door.hold()
      return door.close
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
    await waitAt(address, signal)
  }
}
