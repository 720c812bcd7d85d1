import { after, noop } from './limits.ts'
import type { Ports } from './ports.ts'

export interface Waiting {
  /** The lock was had. */
  readonly held?: () => void
  /** There is none for this page: the browser refuses it. */
  readonly denied?: () => void
  /**
   * Tells what happens while waiting: `wait(ms)` begins the patience anew. Called once; what it returns is called when the
   * waiting is over.
   */
  readonly follow?: (wait: (ms: number) => void) => () => void
}

/**
 * Runs `task` under a lock that tabs share, or without it when it cannot be had within `patience` ms: missing, failing, or
 * held by a frozen tab. The lock only saves requests; what keeps things right is that the task reads storage again before
 * each step. A lock stolen meanwhile changes nothing either: the task goes on.
 */
export function withLock<T>(
  { clock, lock }: Pick<Ports, 'clock' | 'lock'>,
  name: string | undefined,
  patience: number,
  signal: AbortSignal,
  task: () => Promise<T>,
  { held = noop, denied = noop, follow = () => noop }: Waiting = {},
): Promise<T> {
  if (!lock || !name) return task()
  const waiting = new AbortController()
  return new Promise<T>((resolve, reject) => {
    let running: Promise<void> | undefined
    const start = () => {
      if (!running) {
        waiting.abort()
        signal.removeEventListener('abort', start)
        stop()
        leave()
        running = task().then(resolve, reject)
      }
      return running
    }
    let stop = after(clock, patience, start)
    const leave = follow((ms) => {
      stop()
      stop = after(clock, ms, start)
    })
    signal.addEventListener('abort', start)
    const request = async () =>
      lock(name, waiting.signal, async () => {
        if (running) return
        held()
        await start()
      })
    request().then(start, () => {
      if (!running) denied()
      return start()
    })
  })
}
