import { postgresStore, redisStore } from 'keyturn/session-service'
import { describe } from 'vitest'
import { startPostgres, startRedis } from '../../../scripts/databases.mjs'
import { withoutPostgres, withoutRedis } from './databases.ts'
import { faultsSuite, TIMEOUT } from './faults-suite.ts'

describe.skipIf(withoutRedis)('Redis', () => {
  faultsSuite('Redis (appendonly yes, appendfsync always)', {
    start: () => startRedis(['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']),
    store: (port) => redisStore({ url: `redis://127.0.0.1:${port}`, timeout: TIMEOUT }),
  })
})

describe.skipIf(withoutPostgres)('PostgreSQL', () => {
  faultsSuite('PostgreSQL', {
    start: () => startPostgres({}),
    store: (port) => postgresStore({ url: `postgres://keyturn@127.0.0.1:${port}/postgres`, timeout: TIMEOUT }),
  })
})
