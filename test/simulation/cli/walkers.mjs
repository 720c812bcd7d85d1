// Walks through small worlds in worker threads, one world after the other in each.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

const options = { resourceLimits: { maxYoungGenerationSizeMb: 64 } }

/**
 * The names of the small worlds. @param {string} file @returns {Promise<string[]>}
 */
export async function namesOfWorlds(file) {
  const worker = new Worker(file, options)
  worker.postMessage({ number: -1, limit: null })
  const [{ worlds }] = await once(worker, 'message')
  await worker.terminate()
  return worlds
}

/**
 * @param {{ file: string, numbers: number[], workers: number, limit: number | null, done: (result: any) => boolean }} options
 * `done` is told of each world, and says whether to go on.
 */
export async function walkAll({ file, numbers, workers, limit, done }) {
  const queue = [...numbers]
  const run = async () => {
    const worker = new Worker(file, options)
    try {
      for (let number = queue.shift(); number !== undefined; number = queue.shift()) {
        worker.postMessage({ number, limit })
        const [result] = await once(worker, 'message')
        if (!done(result)) queue.length = 0
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: workers }, run))
}
