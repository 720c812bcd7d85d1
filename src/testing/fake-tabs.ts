import type { Channel, Lock, Ports, WakeReason } from '../core/ports.ts'
import type { AuthStorage, StoredSession } from '../core/types.ts'
import { readToken } from '../tokens/read-token.ts'
import type { FakeClock } from './fake-clock.ts'

export interface FakeTab {
  readonly ports: Ports
  /** This tab's view of the storage that all tabs of the browser share. */
  readonly storage: AuthStorage
  /** Fires a wake signal, such as `online`. */
  wake(reason: WakeReason): void
}

export interface FakeBrowserOptions {
  readonly clock: FakeClock
  readonly fetch?: typeof fetch
  /** Default: always 0, so that nothing is jittered and retries wait the shortest time. */
  readonly random?: () => number
  /** false: a browser, or a page on plain http, without Web Locks. Default: true. */
  readonly locks?: boolean
  /** false: a browser without BroadcastChannel. Default: true. */
  readonly channels?: boolean
  /** The page's address. Default: `https://app.example.test/`. */
  readonly href?: string
}

export interface FakeBrowser {
  openTab(): FakeTab
  /** What the shared storage holds now. */
  readonly stored: () => StoredSession | null
  /** Changes the storage from outside: evicts it, or edits it. */
  setStored(session: StoredSession | null): void
  /** Everything posted between tabs so far. */
  readonly messages: readonly string[]
  /** Locks held or waited for. */
  readonly lockCount: () => number
}

/** A browser with any number of tabs that share a storage, a lock manager and a channel, on one fake clock. */
export function createFakeBrowser(options: FakeBrowserOptions): FakeBrowser {
  const { clock, random = () => 0, locks = true, channels = true, href = 'https://app.example.test/' } = options
  const messages: string[] = []
  const receivers = new Map<Channel, { name: string; receive: (message: string) => void }>()
  const queues = new Map<string, (() => void)[]>()
  let stored: StoredSession | null = null
  let ids = 0

  const lock: Lock = (name, signal, task) =>
    new Promise((resolve, reject) => {
      const queue = queues.get(name) ?? []
      queues.set(name, queue)
      const leave = () => {
        queue.shift()
        queue[0]?.()
      }
      const start = () => {
        signal.removeEventListener('abort', abort)
        task().then(resolve, reject).finally(leave)
      }
      const abort = () => {
        const place = queue.indexOf(start)
        if (place > 0) queue.splice(place, 1)
        reject(signal.reason)
      }
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort)
      if (queue.push(start) === 1) void Promise.resolve().then(start)
    })

  const openChannel = (name: string, receive: (message: string) => void): Channel => {
    const channel: Channel = {
      post(message) {
        messages.push(message)
        for (const [other, entry] of receivers) {
          if (other !== channel && entry.name === name)
            void Promise.resolve().then(() => receivers.get(other)?.receive(message))
        }
      },
      close: () => void receivers.delete(channel),
    }
    receivers.set(channel, { name, receive })
    return channel
  }

  return {
    openTab() {
      const wakers = new Set<(reason: WakeReason) => void>()
      return {
        ports: {
          clock,
          random,
          newId: () => `session-${++ids}`,
          fetch: options.fetch ?? (() => Promise.reject(new TypeError('There is no network here.'))),
          readToken,
          page: { href: () => href, base: () => href },
          lock: locks ? lock : null,
          openChannel: channels ? openChannel : null,
          onWake(wake) {
            wakers.add(wake)
            return () => void wakers.delete(wake)
          },
        },
        storage: {
          key: 'fake',
          read: () => stored,
          write(session) {
            stored = session
          },
          clear() {
            stored = null
          },
        },
        wake(reason) {
          for (const wake of [...wakers]) wake(reason)
        },
      }
    },
    stored: () => stored,
    setStored(session) {
      stored = session
    },
    messages,
    lockCount: () => [...queues.values()].reduce((sum, queue) => sum + queue.length, 0),
  }
}
