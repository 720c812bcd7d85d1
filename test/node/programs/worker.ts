// A worker of a fleet: keeps accounts whose sessions are in PostgreSQL, and tells of each run.
import pg from 'pg'
import PgBoss from 'pg-boss'
import { restBackend } from '../../../src/index.ts'
import { createNodeAuth } from '../../../src/node/create-node-auth.ts'
import { createFleet } from '../../../src/node/fleet/create-fleet.ts'
import { postgresStorage } from '../../../src/node/postgres/postgres-storage.ts'

const {
  database,
  keys,
  url,
  accounts,
  slow = 0,
} = JSON.parse(process.argv[2] ?? '{}') as {
  database: string
  keys: string
  url: string
  accounts: string[]
  /** How long (ms) a sign-in takes. */
  slow?: number
}
const pool = new pg.Pool({ connectionString: database })
pool.on('error', () => {})
const boss = new PgBoss({ connectionString: database, maintenanceIntervalSeconds: 1, monitorStateIntervalSeconds: 1 })
boss.on('error', () => {})
await boss.start()
const say = (...words: unknown[]) => process.stdout.write(`${words.join(' ')}\n`)
const fleet = await createFleet({
  boss,
  pollEvery: 0.5,
  giveUpAfter: 5,
  async open(profile) {
    const storage = await postgresStorage({ pool, keys, profile, backend: url, create: true, listen: false })
    const backend = restBackend({ baseUrl: url, headers: { 'X-Pid': profile } })
    const auth = createNodeAuth({ backend, storage })
    say('open', profile)
    return {
      auth,
      checkEvery: 1_000,
      renewIfOlderThan: 1_500,
      async signIn() {
        say('sign-in', profile)
        await new Promise((resolve) => setTimeout(resolve, slow))
        await auth.signIn({ email: profile, password: 'secret' })
      },
    }
  },
  onError: (error, account) => say('error', account, (error as Error).message),
})
for (const account of accounts) await fleet.add(account)
say('ready')
// Whoever started it is gone.
process.stdin.on('close', () => process.exit(0))
process.stdin.on('data', async (data) => {
  const [word, account] = String(data).trim().split(' ')
  if (word === 'now' && account) return fleet.runNow(account)
  await fleet.stop()
  await boss.stop({ wait: true, timeout: 2_000 })
  await pool.end()
  say('stopped')
  process.exit(0)
})
