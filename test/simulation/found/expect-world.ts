import { expect, test } from 'vitest'
import { runWorld } from '../world/run-world.ts'
import type { World } from '../world/types.ts'

/** A test that one world, found by the simulation, violates no invariant any more. */
export function expectWorld(name: string, world: World): void {
  test(name, async () => {
    const { violations, timeline } = await runWorld(world)
    expect(violations, violations.length ? timeline() : undefined).toEqual([])
  })
}
