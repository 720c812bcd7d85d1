/** Stands in for `node:net` in src/node, as far as that uses it: sockets of one host. See fs.ts. */
import { machineOfNow, type Seat } from './machine.ts'

type Heard = Record<string, ((value?: unknown) => void) | undefined>

/** One end of a connection. */
export interface Socket {
  on(event: string, run: (value?: never) => void): Socket
  destroy(): void
  resume(): void
}

interface End {
  readonly socket: Socket
  readonly fire: (event: string, value?: unknown) => void
  /** The operating system closes it, with the process or for the other end. */
  readonly shut: () => void
  peer: End | null
}

function createEnd(seat: Seat): End {
  const machine = machineOfNow()
  const heard: Heard = {}
  let open = true
  const owned = { close: () => shut() }
  const fire = (event: string, value?: unknown): void => heard[event]?.(value)
  const shut = (): void => {
    if (!open) return
    open = false
    seat.owned.delete(owned)
    const { peer } = end
    // Nobody hears of it in a process that has ended.
    machine.tell(seat, 'socket', () => fire('close'))
    peer?.shut()
  }
  const socket: Socket = {
    on(event, run) {
      heard[event] = run as Heard[string]
      return socket
    },
    destroy: () => machine.act(seat, shut),
    resume() {},
  }
  seat.owned.add(owned)
  const end: End = { socket, fire, shut, peer: null }
  return end
}

const codeError = (code: string): Error => Object.assign(new Error(code), { code })

export function createServer(onConnection: (socket: Socket) => void) {
  const machine = machineOfNow()
  const heard: Heard = {}
  /** Connections that the operating system has taken, and the process has not seen yet. */
  const backlog = new Set<End>()
  let stop = (): void => {}
  return {
    on(event: string, run: (value?: never) => void): void {
      heard[event] = run as Heard[string]
    },
    listen({ path: given }: { readonly path: string }, then: () => void): void {
      const { seat, path } = machine.at(given)
      if (machine.find(seat, path)) {
        queueMicrotask(() => seat.process.enter(() => heard.error?.(codeError('EADDRINUSE'))))
        return
      }
      const inode = machine.disk.make('socket', 0o700)
      inode.listener = {
        seat,
        accept(from) {
          const [client, server] = [createEnd(from), createEnd(seat)]
          client.peer = server
          server.peer = client
          backlog.add(server)
          machine.tell(seat, 'socket', () => {
            if (backlog.delete(server)) onConnection(server.socket)
          })
          return client.socket
        },
      }
      const close = (): void => {
        inode.listener = null
        seat.owned.delete(owned)
        for (const end of backlog) end.shut()
        backlog.clear()
      }
      const owned = { close }
      machine.act(
        seat,
        () => {
          machine.disk.put(path, inode)
          seat.owned.add(owned)
        },
        true,
      )
      stop = () =>
        machine.act(seat, () => {
          close()
          // libuv takes the name away to which the socket was bound.
          if (machine.disk.find(path) === inode) machine.disk.put(path, null)
        })
      queueMicrotask(() => seat.process.enter(then))
    },
    close: () => stop(),
  }
}

export function connect(given: string): Socket {
  const machine = machineOfNow()
  const { seat, path } = machine.at(given)
  const inode = machine.find(seat, path)
  if (inode?.listener && seat.process.status !== 'closed') return inode.listener.accept(seat)
  const end = createEnd(seat)
  machine.tell(seat, 'socket', () => {
    end.fire('error', codeError(inode ? 'ECONNREFUSED' : 'ENOENT'))
    end.shut()
  })
  return end.socket
}
