import type { Pool, QueryResultRow } from 'pg'
import { driver, unavailable, within } from '../shared/driver.ts'
import { migrate } from './migrate.ts'
import { STATEMENTS, type StatementName } from './statements.ts'

export interface ConnectionOptions {
  readonly url: string
  /** Connections at most. */
  readonly connections: number
  /** Milliseconds. */
  readonly timeout: number
}

export interface Connection {
  run<Row extends QueryResultRow>(name: StatementName, values: readonly unknown[]): Promise<readonly Row[]>
  close(): Promise<void>
}

const NAME = 'PostgreSQL'

/**
 * Classes of SQLSTATE (PostgreSQL 15, appendix A) that pass or are the operator's to mend: connection, authorisation, rollback,
 * resources, not in the right state, intervention, system. Any other is a defect of ours.
 */
const PASSING = new Set(['08', '25', '28', '3D', '40', '53', '55', '57', '58'])

function passes(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // Node's own codes (ECONNREFUSED, …), and the driver's errors, which have none: no server said anything.
  return typeof code !== 'string' || code.length !== 5 || PASSING.has(code.slice(0, 2))
}

/** A pool of connections, made at the first use. A lost connection is replaced; nothing that was sent is sent again. */
export function createConnection({ url, connections, timeout }: ConnectionOptions): Connection {
  let current: Promise<Pool> | null = null

  const connect = async (): Promise<Pool> => {
    const { default: pg } = await driver('pg', () => import('pg'))
    const pool = new pg.Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: timeout,
      // The server gives up by itself, so that nothing goes on behind an answer that was given.
      statement_timeout: timeout,
      application_name: 'keyturn',
      allowExitOnIdle: true,
    })
    // An idle connection that breaks is an event. The pool has thrown it away already.
    pool.on('error', () => {})
    const client = await pool.connect().catch(async (error: unknown) => {
      await pool.end()
      throw error
    })
    try {
      await migrate(client)
    } catch (error) {
      client.release(true)
      await pool.end()
      throw error
    }
    client.release()
    return pool
  }
  return Object.freeze({
    async run<Row extends QueryResultRow>(name: StatementName, values: readonly unknown[]) {
      try {
        current ??= connect().catch((error: unknown) => {
          current = null
          throw error
        })
        const pool = await current
        const work = pool.query<Row>({ name: `keyturn_${name}`, text: STATEMENTS[name], values: [...values] })
        // A network that swallows answers is noticed here only.
        return (await within(work, timeout * 2)).rows
      } catch (error) {
        if (error instanceof Error && error.name === 'SessionServiceError') throw error
        if (passes(error)) throw unavailable(NAME, error)
        throw error
      }
    },
    async close() {
      const pool = await current?.catch(() => null)
      current = null
      await pool?.end()
    },
  } satisfies Connection)
}
