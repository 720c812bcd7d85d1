/** What one worker thread does: it walks through the small worlds that it is given, by their numbers. */
import { parentPort } from 'node:worker_threads'
import { explore } from './explore.ts'
import { orderText } from './report.ts'
import { smallWorlds } from './worlds.ts'

export interface Task {
  readonly number: number
  /** Most states; null for no limit. */
  readonly limit: number | null
}

// Nobody reads where an error came from, and finding out takes time.
Error.stackTraceLimit = 0

parentPort?.on('message', async ({ number, limit }: Task) => {
  const world = smallWorlds[number]
  if (!world) {
    parentPort?.postMessage({ worlds: smallWorlds.map(({ name }) => name) })
    return
  }
  const began = performance.now()
  const { bad, ...figures } = await explore(world, limit ? { limit } : {})
  const [first] = bad
  parentPort?.postMessage({
    number,
    name: world.name,
    ...figures,
    seconds: (performance.now() - began) / 1000,
    violation: first ? { ...first.violations[0], path: first.path, report: orderText(first) } : null,
  })
})
