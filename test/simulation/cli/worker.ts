/** What one worker thread does: it searches, or walks through, the worlds of the seeds that it is given. */
import { parentPort } from 'node:worker_threads'
import type { Family } from '../world/families.ts'
import { report } from '../world/report.ts'
import { search } from '../world/search.ts'
import { walk } from '../world/walk.ts'

export interface Task {
  readonly seed: number
  readonly worlds: number
  /** Default: `visible`. */
  readonly family?: Family
}

export interface Walk extends Task {
  readonly walk: true
  readonly known: readonly number[]
  readonly all: boolean
}

export interface Done {
  readonly seed: number
  /** How many worlds were run. */
  readonly worlds: number
  readonly requests: number
  readonly refreshes: number
  readonly days: number
  readonly violation: { readonly invariant: string; readonly message: string; readonly report: string } | null
}

async function work({ seed, worlds, family }: Task): Promise<Done> {
  const sum = { requests: 0, refreshes: 0, days: 0 }
  const searched = await search({
    seed,
    worlds,
    family,
    ran: ({ stats }) => {
      sum.requests += stats.requests
      sum.refreshes += stats.refreshes
      sum.days += stats.days
    },
  })
  const { found } = searched
  const first = found?.outcome.violations[0]
  return {
    seed,
    worlds: searched.worlds,
    ...sum,
    violation: found && first ? { ...first, report: report(found) } : null,
  }
}

// Nobody reads where an error came from, and finding out takes time.
Error.stackTraceLimit = 0

parentPort?.on('message', (task: Task | Walk) => {
  const done = 'walk' in task ? walk(task.seed, task.worlds, task.known, task.all, task.family) : work(task)
  void done.then((result) => parentPort?.postMessage(result))
})
