import type { Lock } from '../../core/ports.ts'
import type { FakeProcess } from './fake-process.ts'

interface Holder {
  /** Tells the holder that the lock is no longer its own. */
  readonly lose: () => void
  readonly grant: () => void
}

export interface FakeLocks {
  /** The lock manager as one tab sees it. */
  readonly lockOf: (process: FakeProcess) => Lock
  /** Locks held or waited for. */
  readonly count: () => number
  /**
   * Takes every lock, as a script of another tab can: `steal` from whoever holds it, else by waiting in line like
   * everybody. Returns the way back.
   */
  readonly take: (steal: boolean) => () => void
}

/** A lock manager as browsers have one (Web Locks): exclusive, first come first served, freed when a tab closes. */
export function createFakeLocks(later: (run: () => void) => void): FakeLocks {
  const queues = new Map<string, Holder[]>()
  const queueOf = (name: string): Holder[] => {
    const queue = queues.get(name) ?? []
    queues.set(name, queue)
    return queue
  }
  const grantNext = (queue: Holder[]): void => {
    const first = queue[0]
    if (first) later(() => queue[0] === first && first.grant())
  }
  const join = (queue: Holder[], holder: Holder): void => {
    if (queue.push(holder) === 1) grantNext(queue)
  }
  const leave = (queue: Holder[], holder: Holder): void => {
    const place = queue.indexOf(holder)
    if (place < 0) return
    queue.splice(place, 1)
    if (place === 0) grantNext(queue)
  }

  const lockOf =
    (process: FakeProcess): Lock =>
    (name, signal, task) =>
      new Promise((resolve, reject) => {
        const queue = queueOf(name)
        let granted = false
        const free = (): void => {
          forget()
          leave(queue, holder)
        }
        const forget = process.onClose(() => leave(queue, holder))
        const holder: Holder = {
          grant() {
            if (granted) return
            granted = true
            process.enter(() => {
              signal.removeEventListener('abort', abort)
              task()
                .then(resolve, reject)
                .finally(() => process.leave(free))
            })
          },
          lose: () => process.enter(() => reject(new DOMException('The lock was stolen.', 'AbortError'))),
        }
        const abort = (): void => {
          if (granted) return
          reject(signal.reason)
          process.leave(free)
        }
        if (signal.aborted) return abort()
        signal.addEventListener('abort', abort)
        process.leave(() => join(queue, holder))
      })

  return {
    lockOf,
    count: () => [...queues.values()].reduce((sum, queue) => sum + queue.length, 0),
    take(steal) {
      const thief: Holder = { grant() {}, lose() {} }
      for (const queue of queues.values()) {
        if (steal) {
          queue.shift()?.lose()
          queue.unshift(thief)
        } else join(queue, thief)
      }
      return () => {
        for (const queue of queues.values()) leave(queue, thief)
      }
    },
  }
}
