// Walks through the worlds of a run in one thread, one batch after the other: which world is the first bad one does not
// depend on how many cores there are.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { batches } from './batches.mjs'

/** A batch takes seconds. An engine that keeps a thread busy for so long (ms) will not come back. */
const STUCK = 300_000

/**
 * @param {{ file: string, seed: number, worlds: number, known?: readonly number[], all?: boolean, family?: string }} options `known`: the
 * worlds that do not count. `all`: do not stop at the first.
 * @returns {Promise<{ world: number, invariant: string, message: string }[]>} the bad ones, counted from 1.
 */
export async function hunt({ file, seed, worlds, known = [], all = false, family }) {
  const worker = new Worker(file)
  const found = []
  try {
    for (const batch of batches(seed, worlds)) {
      const passed = known.map((world) => world - batch.first - 1)
      worker.postMessage({ walk: true, seed: batch.seed, worlds: batch.worlds, known: passed, all, family })
      const [bad] = await once(worker, 'message', { signal: AbortSignal.timeout(STUCK) })
      for (const { number, invariant, message } of bad)
        found.push({ world: batch.first + number + 1, invariant, message })
      if (bad.length && !all) break
    }
  } finally {
    await worker.terminate()
  }
  return found
}
