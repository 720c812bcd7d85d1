import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Database, startPostgres } from '../../../scripts/databases.mjs'
import { delay, judge, killAtRandom, MOMENTS, patience } from './moments.ts'
import { restart, share } from './session.ts'

let database: Database
beforeAll(async () => {
  database = await startPostgres()
}, 120_000)
afterAll(() => database.stop())

it.each(['strict', 'forgiving'] as const)(
  `four processes on one row of PostgreSQL: they or the database killed at ${MOMENTS} random moments, %s server`,
  patience,
  async (rotation) => {
    let restarts = 0
    const outcome = await killAtRandom(await share({ rotation, delay }, database), MOMENTS, async () => {
      restarts++
      await restart(database)
    })
    judge(`PostgreSQL, killed ${restarts} times`, rotation, outcome)
    expect(outcome.killed.size + restarts).toBe(MOMENTS)
  },
)
