import { redisStore } from 'keyturn/session-service'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Database, startRedis } from '../../../scripts/databases.mjs'
import { contractSuite } from '../contract-suite.ts'
import { withoutRedis } from './databases.ts'

describe.skipIf(withoutRedis)('Redis', () => {
  let redis: Database
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.stop())

  contractSuite('Redis', async () => redisStore({ url: redis.url, timeout: 20_000 }))
})
