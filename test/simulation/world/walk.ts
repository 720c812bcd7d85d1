import fc from 'fast-check'
import { FAMILIES, type Family } from './families.ts'
import { runWorld } from './run-world.ts'
import type { Violation } from './sim.ts'

/** A world that violates an invariant. */
export interface Bad extends Violation {
  /** Counted from 0, in the order in which `search` runs the worlds of the same seed. */
  readonly number: number
}

/**
 * Runs one world after the other, those that `search` runs with the same seed, and gives the first violation of each bad
 * one. Makes nothing small.
 * @param known those that are bad as it is, and do not count
 * @param all whether to go on after the first
 */
export async function walk(
  seed: number,
  count: number,
  known: readonly number[],
  all: boolean,
  family: Family = 'visible',
): Promise<readonly Bad[]> {
  const found: Bad[] = []
  for (const [number, world] of fc.sample(FAMILIES[family], { seed, numRuns: count }).entries()) {
    const [violation] = known.includes(number) ? [] : (await runWorld(world)).violations
    if (violation) found.push({ ...violation, number })
    if (violation && !all) break
  }
  return found
}
