import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { createKeeper } from '../../../src/node/keeper/create-keeper.ts'
import { createBatchClock } from './batch-clock.ts'
import { fakeSite } from './fake-auth.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** `npm run test:long` takes a thousand. */
const ACCOUNTS = Number(process.env.KEYTURN_ACCOUNTS ?? 100)

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const heap = () => {
  collect()
  return process.memoryUsage().heapUsed
}

it(`${ACCOUNTS} accounts for a simulated week: as many renewals on each day, and no more memory`, {
  timeout: 600_000,
}, async () => {
  const clock = createBatchClock()
  let seed = 1
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const sites = Array.from({ length: ACCOUNTS }, () => fakeSite(8 * 3_600, clock))
  await Promise.all(sites.map(({ auth }) => auth.signIn({})))
  const keepers = sites.map(({ auth }, index) =>
    createKeeper({ auth, clock, random, name: `account ${index}`, checkEvery: 12 * HOUR, renewIfOlderThan: 2 * DAY }),
  )
  const renewals: number[] = []
  const memory: number[] = []
  const timers: number[] = []
  for (let day = 0; day < 7; day++) {
    const before = sites.reduce((sum, { refreshes }) => sum + refreshes.length, 0)
    await clock.advance(DAY)
    renewals.push(sites.reduce((sum, { refreshes }) => sum + refreshes.length, 0) - before)
    memory.push(heap())
    timers.push(clock.pending)
  }
  process.stdout.write(
    `renewals per day ${renewals.join(', ')}; heap in MB ${memory.map((bytes) => (bytes / 1e6).toFixed(1)).join(', ')}\n`,
  )
  // Tokens of 8 hours, renewed 5 minutes before their end: 3.04 a day.
  for (const count of renewals) expect(Math.abs(count / ACCOUNTS - 3.04)).toBeLessThan(0.1)
  expect(Math.max(...timers)).toBeLessThanOrEqual(2 * ACCOUNTS)
  // The test itself notes the time of each refresh.
  expect((memory[6] ?? 0) - (memory[1] ?? 0)).toBeLessThan(3e6)
  expect(keepers.every((keeper) => keeper.status().state === 'ok')).toBe(true)
  const stopped = Promise.all(keepers.map((keeper) => keeper.stop()))
  await clock.advance(1_000)
  await stopped
  expect(clock.pending).toBe(0)
})
