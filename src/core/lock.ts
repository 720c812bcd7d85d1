import type { Ports } from './ports.ts'

/**
 * Runs `task` under the cross-tab lock, or without it when it cannot be had within `patience` ms: missing, failing, or
 * held by a frozen tab. The lock only saves requests; what keeps things right is that the task reads storage again
 * before each step. A lock stolen meanwhile changes nothing either: the task goes on.
 */
export function withLock<T>(
  { clock, lock }: Ports,
  name: string | undefined,
  patience: number,
  life: AbortSignal,
  show: (phase: 'none' | 'waiting' | 'held') => void,
  task: () => Promise<T>,
): Promise<T> {
  if (!lock || !name) return task()
  const waiting = new AbortController()
  return new Promise<T>((resolve, reject) => {
    let running: Promise<T> | undefined
    const start = () => {
      if (running) return
      clock.clearTimeout(timer)
      running = task()
      running.then(resolve, reject)
    }
    const giveUp = () => {
      waiting.abort()
      start()
    }
    const timer = clock.setTimeout(giveUp, patience)
    life.addEventListener('abort', giveUp, { signal: waiting.signal })
    show('waiting')
    const hold = async () => {
      if (running) return
      show('held')
      start()
      await (running as Promise<T> | undefined)?.catch(() => {})
    }
    const request = async () => lock(name, waiting.signal, hold)
    request().then(start, start)
  }).finally(() => {
    waiting.abort()
    show('none')
  })
}
