import type { Clock } from '../../core/ports.ts'
import type { Fault, FaultTarget, MockCall, MockFaults } from './core/types.ts'

export interface FaultBoard {
  readonly faults: MockFaults
  /** The fault for a request that arrives now. Uses up one of `next`. */
  readonly take: (call: MockCall) => Fault | null
}

interface Planned {
  readonly call: FaultTarget
  readonly fault: Fault
  readonly from: number
  readonly to: number
}

export function createFaultBoard(clock: Clock): FaultBoard {
  const queues = new Map<FaultTarget, Fault[]>()
  const standing = new Map<FaultTarget, Fault>()
  const planned: Planned[] = []

  return {
    faults: {
      next: (call, fault, times = 1) => {
        const queue = queues.get(call) ?? []
        for (let count = 0; count < times; count++) queue.push(fault)
        queues.set(call, queue)
      },
      always: (call, fault) => {
        if (fault) standing.set(call, fault)
        else standing.delete(call)
      },
      during: (call, fault, from, to) => {
        planned.push({ call, fault, from, to })
      },
      clear: () => {
        queues.clear()
        standing.clear()
        planned.length = 0
      },
    },
    take: (call) => {
      const targets: FaultTarget[] = call === 'preflight' ? [call] : [call, '*']
      for (const target of targets) {
        const fault = queues.get(target)?.shift()
        if (fault) return fault
      }
      const now = clock.now()
      for (const target of targets) {
        const hit = planned.find(({ call, from, to }) => call === target && from <= now && now < to)
        if (hit) return hit.fault
      }
      for (const target of targets) {
        const fault = standing.get(target)
        if (fault) return fault
      }
      return null
    },
  }
}

/** What a browser's `fetch` rejects with when there is no network. */
export function networkError(): TypeError {
  return new TypeError('Failed to fetch')
}

/** Resolves after `ms`; rejects with the signal's reason if that aborts first. `ms` null: never resolves. */
export function wait(clock: Clock, ms: number | null, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const timer =
      ms === null
        ? null
        : clock.setTimeout(() => {
            signal?.removeEventListener('abort', abort)
            resolve()
          }, ms)
    function abort(): void {
      if (timer !== null) clock.clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
  })
}
