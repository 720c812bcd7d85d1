/** What one worker thread does: it searches the worlds of the seeds that it is given, until it is told to stop. */
import { parentPort } from 'node:worker_threads'
import { report } from '../world/report.ts'
import { search } from '../world/search.ts'

export interface Task {
  readonly seed: number
  readonly worlds: number
  readonly shrink: boolean
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

async function work({ seed, worlds, shrink }: Task): Promise<Done> {
  const sum = { requests: 0, refreshes: 0, days: 0 }
  const searched = await search({
    seed,
    worlds,
    shrink,
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

parentPort?.on('message', (task: Task) => {
  void work(task).then((done) => parentPort?.postMessage(done))
})
