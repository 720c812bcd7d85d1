import { connect, createServer, type Socket } from 'node:net'

/** A listening socket. Whoever waits for its owner is connected to it. */
export interface Door {
  /** Turns away whoever waits, now and from now on, until `hold()`. */
  turnAway(): void
  hold(): void
  /** Stops listening, and lets everybody know. */
  close(): void
}

/** Listens at a new address. @throws NodeJS.ErrnoException `EADDRINUSE` if somebody listens there, or has. */
export function openDoor(address: string): Promise<Door> {
  const waiting = new Set<Socket>()
  let held = false
  const server = createServer((socket) => {
    if (!held) return socket.destroy()
    waiting.add(socket)
    socket.on('error', () => {}).on('close', () => waiting.delete(socket))
  })
  const door: Door = {
    turnAway() {
      held = false
      for (const socket of waiting) socket.destroy()
    },
    hold() {
      held = true
    },
    close() {
      server.close()
      door.turnAway()
    },
  }
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    // Exclusive: in a cluster, workers would else share one socket of the primary's.
    server.listen({ path: address, exclusive: true }, () => resolve(door))
  })
}

/**
 * Waits until whoever listens at an address stops, or the signal aborts.
 * @returns `freed`: somebody did, and has stopped. `dead`: nobody listens, but a socket is there. `gone`: there is none.
 */
export function waitAt(address: string, signal: AbortSignal): Promise<'freed' | 'dead' | 'gone'> {
  return new Promise((resolve, reject) => {
    const socket = connect(address)
    const abort = (): void => {
      socket.destroy()
      reject(signal.reason)
    }
    let code: string | undefined
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code ??= error.code
    })
    socket.on('close', () => {
      signal.removeEventListener('abort', abort)
      if (code === 'ECONNREFUSED') resolve('dead')
      else if (code === 'ENOENT') resolve('gone')
      else if (code === 'EACCES' || code === 'EPERM')
        reject(new Error(`The lock at ${address} belongs to another user.`))
      else resolve('freed')
    })
    // Without a reader the end of the connection would not be noticed.
    socket.resume()
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
}
