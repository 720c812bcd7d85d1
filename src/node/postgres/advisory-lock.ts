import { createHash } from 'node:crypto'
import { AuthError } from '../../core/errors.ts'
import type { Lock } from '../../core/ports.ts'
import { onLost, type PgClient, type PgPool } from './pool.ts'

/** A dead host's connection is noticed after some 30 s, not after the two hours that systems come with. */
const KEEPALIVE =
  "select set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '4', false)"

export interface AdvisoryLock {
  readonly lock: Lock
  /**
   * The connection that holds the lock; null: this process does not hold it.
   * @throws AuthError `storage_failed` if it had the lock and has lost the connection: another host may have it by now
   */
  holder(): PgClient | null
}

/**
 * An advisory lock of PostgreSQL, on a connection of its own: the server frees it when the connection or its process ends,
 * and lets the next one in. Nobody polls. Not through a pooler that shares connections by transaction.
 * @param own the lock's name; others run without one: writes are compare-and-set
 */
export function advisoryLock(pool: PgPool, own: string): AdvisoryLock {
  const id = createHash('sha256').update(own).digest().readBigInt64BE(0).toString()
  let held: { readonly client: PgClient; lost: boolean } | null = null

  const lock: Lock = async (name, signal, task) => {
    if (name !== own) return task()
    signal.throwIfAborted()
    const client = await pool.connect()
    const mine = { client, lost: false }
    const forget = onLost(client, () => {
      mine.lost = true
    })
    try {
      await wait(pool, client, id, signal)
      held = mine
      await task()
    } finally {
      if (held === mine) held = null
      // A connection that is ended takes the lock with it, whatever state it is in.
      const freed =
        !mine.lost &&
        (await client.query('select pg_advisory_unlock($1) as freed', [id]).then(
          ({ rows }) => rows[0]?.freed === true,
          () => false,
        ))
      forget()
      client.release(!freed)
    }
  }
  return {
    lock,
    holder() {
      if (held?.lost)
        throw new AuthError(
          'storage_failed',
          'The connection that held the lock is lost, so nothing is renewed for now.',
        )
      return held?.client ?? null
    },
  }
}

/** Waits in line; when the signal aborts, leaves it. */
async function wait(pool: PgPool, client: PgClient, id: string, signal: AbortSignal): Promise<void> {
  const { rows } = await client.query(`select pg_backend_pid() as pid, settings.* from (${KEEPALIVE}) as settings`)
  const leave = (): void => {
    pool.query('select pg_cancel_backend($1)', [rows[0]?.pid]).catch(() => {})
  }
  signal.throwIfAborted()
  signal.addEventListener('abort', leave)
  try {
    await client.query('select pg_advisory_lock($1)', [id])
  } finally {
    signal.removeEventListener('abort', leave)
  }
  signal.throwIfAborted()
}
