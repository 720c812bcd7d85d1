// A worker of a fleet: keeps accounts whose sessions are in PostgreSQL, and tells of each run.
import { createInterface } from 'node:readline'
import pg from 'pg'
import PgBoss from 'pg-boss'
import { restBackend } from '../../../src/index.ts'
import { createNodeAuth } from '../../../src/node/create-node-auth.ts'
import { createFleet } from '../../../src/node/fleet/create-fleet.ts'
import { postgresStorage } from '../../../src/node/postgres/postgres-storage.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as {
  database: string
  keys: string
  url: string
  accounts: string[]
  /** A sign-in waits until it is told to go on. */
  hold?: boolean
  giveUpAfter?: number
  queue?: string
}
const { database, keys, url, accounts, hold = false, giveUpAfter = 5, queue = 'keep' } = options
const pool = new pg.Pool({ connectionString: database })
pool.on('error', () => {})
const boss = new PgBoss({ connectionString: database, maintenanceIntervalSeconds: 1, monitorStateIntervalSeconds: 1 })
boss.on('error', () => {})
await boss.start()
const say = (...words: unknown[]) => process.stdout.write(`${words.join(' ')}\n`)
const input = createInterface({ input: process.stdin })
const told = new Promise<void>((resolve) => {
  input.on('line', (line) => line === 'go' && resolve())
})
const fleet = await createFleet({
  boss,
  queue,
  pollEvery: 0.5,
  giveUpAfter,
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
        if (hold) await told
        await auth.signIn({ email: profile, password: 'secret' })
      },
    }
  },
  onError: (error, account) => say('error', account, (error as Error).message),
})
// Whoever started it is gone.
process.stdin.on('close', () => process.exit(0))
input.on('line', async (line) => {
  const [word, account = ''] = line.split(' ')
  if (word === 'add') await fleet.add(account)
  if (word === 'now') await fleet.runNow(account)
  if (word !== 'stop') return
  await fleet.stop()
  await boss.stop({ wait: true, timeout: 2_000 })
  await pool.end()
  say('stopped')
  process.exit(0)
})
for (const account of accounts) await fleet.add(account)
say('ready')
