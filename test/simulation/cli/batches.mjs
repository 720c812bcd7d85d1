const BATCH = 250

/**
 * The parts in which the worlds of a run are given out. The seed of a part follows from the seed of the run and its number,
 * so the same seed and number of worlds are the same worlds, on any number of cores.
 * @param {number} seed @param {number} worlds
 */
export function* batches(seed, worlds) {
  for (let number = 0; number * BATCH < worlds; number++) {
    const first = number * BATCH
    yield { first, seed: (seed * 1_000_003 + number) % 2 ** 31, worlds: Math.min(BATCH, worlds - first) }
  }
}
