import type { Channel } from '../../core/ports.ts'
import type { FakeProcess } from './fake-process.ts'

interface Listener {
  readonly name: string
  readonly process: FakeProcess
  readonly receive: (message: string) => void
  /** When the last message under way to it arrives: none overtakes another. */
  arrival: number
}

export interface FakeChannels {
  /** Opens a broadcast channel in one tab. */
  readonly openIn: (process: FakeProcess) => (name: string, receive: (message: string) => void) => Channel
  /** Channels that are open in a tab. */
  readonly openCount: (process: FakeProcess) => number
  /** Everything posted so far. */
  readonly messages: readonly string[]
}

/** Broadcast channels between tabs. `send` brings a message to a listener, now or later. */
export function createFakeChannels(send: (deliver: () => void, listener: { arrival: number }) => void): FakeChannels {
  const messages: string[] = []
  const listeners = new Set<Listener>()
  return {
    openIn: (process) => (name, receive) => {
      const own: Listener = { name, process, receive, arrival: 0 }
      listeners.add(own)
      const forget = process.onClose(() => listeners.delete(own))
      return {
        post(message) {
          if (process.status === 'closed') return
          if (!listeners.has(own)) throw new DOMException('The channel is closed.', 'InvalidStateError')
          process.leave(() => {
            messages.push(message)
            for (const other of listeners) {
              if (other === own || other.name !== name) continue
              const receive = (): void => void (listeners.has(other) && other.receive(message))
              send(() => void (other.process.cached || other.process.enter(receive)), other)
            }
          })
        },
        close() {
          forget()
          listeners.delete(own)
        },
      }
    },
    openCount: (process) => [...listeners].filter((listener) => listener.process === process).length,
    messages,
  }
}
