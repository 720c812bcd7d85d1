import { postgresStore } from 'keyturn/session-service'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Database, startPostgres } from '../../../scripts/databases.mjs'
import { contractSuite } from '../contract-suite.ts'
import { withoutPostgres } from './databases.ts'

describe.skipIf(withoutPostgres)('PostgreSQL', () => {
  let postgres: Database
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())

  contractSuite('PostgreSQL', async () => postgresStore({ url: postgres.url, timeout: 20_000 }))
})
