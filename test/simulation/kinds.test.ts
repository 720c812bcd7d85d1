import { expect, test } from 'vitest'
import { report } from './world/report.ts'
import { search } from './world/search.ts'

/** `npm run sim -- --family unseen` runs more of them, and others. */
const WORLDS = 200

test(`${WORLDS} worlds over sessions of which scripts do not see all violate no invariant`, async () => {
  const { found, worlds } = await search({ seed: 20_261_127, worlds: WORLDS, family: 'unseen' })
  expect(found && report(found)).toBeNull()
  expect(worlds).toBe(WORLDS)
})
