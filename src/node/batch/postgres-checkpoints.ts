import { misuse } from '../../core/errors.ts'
import type { PgPool } from '../postgres/pool.ts'
import type { CheckpointStore } from './checkpoint.ts'

export interface PostgresCheckpointsOptions {
  readonly pool: PgPool
  /** Names the job. */
  readonly job: string
  /** Default: `keyturn_checkpoints`. It is made where it is missing. */
  readonly table?: string
}

/** Keeps the results of a job in PostgreSQL, for any number of processes: the first result of an item counts. Must be JSON. */
export function postgresCheckpoints<Result>(options: PostgresCheckpointsOptions): CheckpointStore<Result> {
  const { pool, job, table = 'keyturn_checkpoints' } = options ?? {}
  if (!pool?.query) misuse('postgresCheckpoints: no pool. Pass a Pool of pg.')
  if (typeof job !== 'string' || !job) misuse('postgresCheckpoints: no job.')
  if (!/^[a-z_]\w{0,62}(\.[a-z_]\w{0,62})?$/i.test(table)) misuse(`postgresCheckpoints: '${table}' is no plain name.`)
  let made: Promise<unknown> | null = null
  const make = (): Promise<unknown> => {
    made ??= pool
      .query(
        `do $$ begin perform pg_advisory_xact_lock(hashtext('keyturn:schema')); create table if not exists ${table} (
          job text not null, item text not null, result jsonb, done_at timestamptz not null default now(),
          primary key (job, item)); end $$`,
      )
      .catch((error) => {
        made = null
        throw error
      })
    return made
  }
  return Object.freeze<CheckpointStore<Result>>({
    async load() {
      await make()
      const { rows } = await pool.query(`select item, result from ${table} where job = $1`, [job])
      return new Map(rows.map(({ item, result }) => [String(item), result as Result]))
    },
    async put(key, result) {
      await make()
      const values = [job, key, JSON.stringify(result ?? null)]
      const { rowCount } = await pool.query(
        `insert into ${table} (job, item, result) values ($1, $2, $3) on conflict do nothing`,
        values,
      )
      return rowCount === 1
    },
  })
}
