import { expect, test } from 'vitest'
import { runOrder } from '../orders/explore.ts'
import type { SmallWorld } from '../orders/small-world.ts'

/** A test that one order of events, found by the exhaustive walk, violates no invariant any more. */
export function expectOrder(
  name: string,
  world: Pick<SmallWorld, 'server' | 'browser' | 'tabs' | 'start'>,
  path: readonly string[],
): void {
  test(name, async () => {
    const deeds = path
      .filter((step) => step.startsWith('do '))
      .map((step) => step.slice(3) as SmallWorld['deeds'][number])
    const { sim } = await runOrder({ ...world, name, deeds, most: deeds.length, swaps: null }, path, () => true)
    expect(sim.violations, sim.violations.length ? sim.timeline.text() : undefined).toEqual([])
  })
}
