import fc from 'fast-check'
import type { InvariantName } from '../invariants/index.ts'
import { FAMILIES, type Family } from './families.ts'
import { type Outcome, runWorld } from './run-world.ts'
import type { World } from './types.ts'

export interface Found {
  readonly world: World
  readonly outcome: Outcome
  /** Those of fast-check: with them the search can be done again. */
  readonly seed: number
  readonly path: string | null
  /** How many worlds were run until the first bad one, that included. */
  readonly after: number
}

export interface Searched {
  readonly worlds: number
  readonly found: Found | null
}

export interface SearchOptions {
  readonly seed: number
  readonly worlds: number
  /** Default: `visible`. */
  readonly family?: Family | undefined
  /** Told after each world. */
  readonly ran?: (outcome: Outcome) => void
  /** Violations that do not count, by their text: what is known already. */
  readonly ignore?: RegExp
}

/** As many smaller worlds are tried; the smallest bad one among them is good enough. */
const SHRINKS = 1500

/** Runs worlds until one violates an invariant, and makes that one small without letting it violate another. */
export async function search({
  seed,
  worlds: numRuns,
  family = 'visible',
  ran,
  ignore,
}: SearchOptions): Promise<Searched> {
  let target: InvariantName | null = null
  let count = 0
  let tries = SHRINKS
  const property = fc.asyncProperty(FAMILIES[family], async (world) => {
    if (target && tries-- <= 0) return true
    const outcome = await runWorld(world)
    if (!target) {
      count++
      ran?.(outcome)
    }
    const hits = outcome.violations.filter(
      ({ invariant, message }) => (!target || invariant === target) && !ignore?.test(`${invariant}: ${message}`),
    )
    target ??= hits[0]?.invariant ?? null
    return hits.length === 0
  })
  const details = await fc.check(property, { seed, numRuns })
  const [world] = details.counterexample ?? []
  if (!world) {
    // What the property itself throws is a fault of the simulation.
    if (details.failed) throw details.errorInstance
    return { worlds: count, found: null }
  }
  const outcome = await runWorld(world)
  return {
    worlds: count,
    found: { world, outcome, seed: details.seed, path: details.counterexamplePath, after: count },
  }
}
