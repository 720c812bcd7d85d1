import { expect, test, vi } from 'vitest'
import { report } from './world/report.ts'
import { search } from './world/search.ts'

// The real host of processes, over a computer of memory.
vi.mock('node:fs', () => import('./processes/fs.ts'))
vi.mock('node:net', () => import('./processes/net.ts'))

/** `npm run sim -- --family process` runs more of them, and others. */
const WORLDS = 150

test(`${WORLDS} worlds of processes on one file violate no invariant`, async () => {
  const { found, worlds } = await search({ seed: 20_261_127, worlds: WORLDS, family: 'process' })
  expect(found && report(found)).toBeNull()
  expect(worlds).toBe(WORLDS)
})
