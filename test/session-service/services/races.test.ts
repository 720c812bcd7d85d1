import { afterAll, beforeAll, describe } from 'vitest'
import { type Database, startPostgres, startRedis } from '../../../scripts/databases.mjs'
import { withoutPostgres, withoutRedis } from './databases.ts'
import { racesSuite } from './races-suite.ts'

describe.skipIf(withoutRedis)('Redis', () => {
  let redis: Database
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.stop())
  racesSuite('Redis', () => ({ REDIS_URL: redis.url }))
})

describe.skipIf(withoutPostgres)('PostgreSQL', () => {
  let postgres: Database
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())
  racesSuite('PostgreSQL', () => ({ DATABASE_URL: postgres.url }))
})
