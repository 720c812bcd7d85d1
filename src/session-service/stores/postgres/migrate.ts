import type { PoolClient } from 'pg'
import { misconfigured } from '../../contract/errors.ts'
import { MIGRATIONS } from './migrations.ts'

/** Any number: what processes that start at once wait for. */
const LOCK = 0x6b_65_79_74

/**
 * Takes the steps that this database has not taken yet, all or none. Processes that start at once wait for the first.
 * Without the right to make tables it is enough that somebody else has taken them.
 */
export async function migrate(client: PoolClient): Promise<void> {
  const present = async (): Promise<number> => {
    const { rows } = await client.query<{ found: boolean }>(
      "SELECT to_regclass('keyturn_migrations') IS NOT NULL AS found",
    )
    if (!rows[0]?.found) return 0
    const { rows: steps } = await client.query<{ step: number }>(
      'SELECT coalesce(max(step), 0) AS step FROM keyturn_migrations',
    )
    return steps[0]?.step ?? 0
  }
  const known = await present()
  if (known > MIGRATIONS.length)
    throw misconfigured(`The database is at step ${known}, this version knows ${MIGRATIONS.length}: it is too old.`)
  if (known === MIGRATIONS.length) return
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    await client.query(
      'CREATE TABLE IF NOT EXISTS keyturn_migrations (step integer PRIMARY KEY, taken_at timestamptz NOT NULL DEFAULT now())',
    )
    for (let step = (await present()) + 1; step <= MIGRATIONS.length; step++) {
      await client.query(MIGRATIONS[step - 1] ?? '')
      await client.query('INSERT INTO keyturn_migrations (step) VALUES ($1)', [step])
    }
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}
