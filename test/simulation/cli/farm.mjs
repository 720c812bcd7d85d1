// Spreads worlds over worker threads, in batches.
import { Worker } from 'node:worker_threads'
import { batches } from './batches.mjs'

/**
 * @param {{ file: string, seed: number, worlds: number, workers: number, family?: string,
 *   progress?: (sum: { worlds: number, requests: number, refreshes: number, days: number }) => void }} options
 * Resolves with the totals, and with the first violation if there was one; then it stops.
 */
export async function farm({ file, seed, worlds, workers, family, progress = () => {} }) {
  const sum = { worlds: 0, requests: 0, refreshes: 0, days: 0 }
  const rest = batches(seed, worlds)
  let violation = null
  const run = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(file, { resourceLimits: { maxYoungGenerationSizeMb: 64 } })
      const give = () => {
        const task = violation ? null : rest.next().value
        if (task) worker.postMessage({ ...task, family })
        else resolve(worker.terminate())
      }
      worker.on('error', reject)
      worker.on('message', (done) => {
        for (const key of Object.keys(sum)) sum[key] += done[key]
        if (done.violation) violation ??= { ...done.violation, seed: done.seed, after: sum.worlds }
        progress(sum)
        give()
      })
      give()
    })
  await Promise.all(Array.from({ length: workers }, run))
  return { ...sum, violation }
}
