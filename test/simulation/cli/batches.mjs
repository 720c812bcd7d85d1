const BATCH = 250

/** Spreads numbers that are close to each other over all 32 bits (the last step of MurmurHash3). @param {number} number */
function mixed(number) {
  let bits = Math.imul(number ^ (number >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 1
}

/**
 * The parts in which the worlds of a run are given out. The seed of a part follows from the seed of the run and its number,
 * so the same seed and number of worlds are the same worlds, on any number of cores.
 * @param {number} seed @param {number} worlds
 */
export function* batches(seed, worlds) {
  for (let number = 0; number * BATCH < worlds; number++) {
    const first = number * BATCH
    yield { first, seed: mixed(mixed(seed) + number), worlds: Math.min(BATCH, worlds - first) }
  }
}
