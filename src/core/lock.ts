import { noop } from './kit.ts'
import { after } from './limits.ts'
import type { Ports } from './ports.ts'

/**
 * Runs `task` under the cross-tab lock, or without it when it cannot be had within `patience` ms of the last sign of life of
 * whoever holds it (`line.moved(false)` tells of one): missing, failing, or held by a frozen tab. Nor does it wait once
 * `line.moved(true)` tells that it need not. The lock only saves requests; what keeps things right is that the task reads
 * storage again before each step. A lock stolen meanwhile changes nothing either: the task goes on.
 */
export function withLock<T>(
  { clock, lock }: Ports,
  name: string | undefined,
  patience: number,
  signal: AbortSignal,
  held: () => void,
  line: { moved: (over: boolean) => void },
  task: () => Promise<T>,
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
        line.moved = noop
        running = task().then(resolve, reject)
      }
      return running
    }
    let stop = after(clock, patience, start)
    line.moved = (over) => {
      stop()
      stop = after(clock, over ? 0 : patience, start)
    }
    signal.addEventListener('abort', start)
    const request = async () =>
      lock(name, waiting.signal, async () => {
        if (running) return
        held()
        await start()
      })
    request().then(start, start)
  })
}
