import { expect, test } from 'vitest'
import { explore } from './orders/explore.ts'
import { orderText } from './orders/report.ts'
import { quickWorlds } from './orders/worlds.ts'

/** `npm run sim:all` walks through more, and longer ones. */
test.each(quickWorlds)(
  'every order of events in a small world: $name',
  async (world) => {
    const { bad, complete, states, unequal } = await explore(world, { check: 10 })
    expect(bad.map(orderText)).toEqual([])
    expect(unequal.slice(0, 3)).toEqual([])
    expect(complete).toBe(true)
    expect(states).toBeGreaterThan(5)
  },
  120_000,
)
