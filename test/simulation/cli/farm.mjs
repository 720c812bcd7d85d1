// Spreads worlds over worker threads, in batches. The seed of a batch follows from the seed of the run and its number, so
// the same seed and number of worlds are the same worlds, on any number of cores.
import { Worker } from 'node:worker_threads'

const BATCH = 250

/**
 * @param {{ file: string, seed: number, worlds: number, workers: number, shrink?: boolean,
 *   progress?: (sum: { worlds: number, requests: number, refreshes: number, days: number }) => void }} options
 * Resolves with the totals, and with the first violation if there was one; then it stops.
 */
export async function farm({ file, seed, worlds, workers, shrink = true, progress = () => {} }) {
  const sum = { worlds: 0, requests: 0, refreshes: 0, days: 0 }
  let next = 0
  let violation = null
  const takeTask = () => {
    const first = next * BATCH
    if (violation || first >= worlds) return null
    return { seed: (seed * 1_000_003 + next++) % 2 ** 31, worlds: Math.min(BATCH, worlds - first), shrink }
  }
  const run = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(file)
      const give = () => {
        const task = takeTask()
        if (task) worker.postMessage(task)
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
