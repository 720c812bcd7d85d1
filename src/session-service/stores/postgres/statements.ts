/** The statements by their names: each connection prepares a name once. */
export type StatementName =
  | 'create'
  | 'create_once'
  | 'find'
  | 'extend'
  | 'rotate'
  | 'end'
  | 'end_user'
  | 'list'
  | 'count'
  | 'remove_sessions'
  | 'remove_once'
  | 'check'

const COLUMNS = `session_id, user_id, user_is_number, created_at::float8 AS created_at, expires_at::float8 AS expires_at,
  ends_at::float8 AS ends_at, metadata`

const removal = (table: string, key: string, end: string) => `
  WITH gone AS (
    DELETE FROM ${table} WHERE ${key} IN (
      SELECT ${key} FROM ${table} WHERE ${end} <= $1 ORDER BY ${end} LIMIT $2 FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  ) SELECT count(*)::int AS count FROM gone`

export const STATEMENTS: Readonly<Record<StatementName, string>> = Object.freeze({
  create: `INSERT INTO keyturn_sessions VALUES ($1, $2, $3, $4, $5, $6, $7)`,
  create_once: `SELECT * FROM keyturn_create_once($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
  find: `SELECT ${COLUMNS} FROM keyturn_sessions WHERE session_id = $1 AND expires_at > $2`,
  extend: `SELECT keyturn_extend($1, $2, $3, $4) AS expires_at`,
  // In place, so that an end by user that waits for this row still finds it.
  rotate: `UPDATE keyturn_sessions SET session_id = $2 WHERE session_id = $1 AND expires_at > $3 RETURNING ${COLUMNS}`,
  end: `DELETE FROM keyturn_sessions WHERE session_id = $1 RETURNING expires_at > $2 AS live`,
  end_user: `SELECT live, more FROM keyturn_end_user($1, $2, $3)`,
  list: `SELECT ${COLUMNS} FROM keyturn_sessions WHERE user_id = $1 AND expires_at > $2
    ORDER BY expires_at DESC, session_id LIMIT $3`,
  count: `SELECT count(*)::int AS count FROM keyturn_sessions WHERE user_id = $1 AND expires_at > $2`,
  remove_sessions: removal('keyturn_sessions', 'session_id', 'expires_at'),
  remove_once: removal('keyturn_once', 'key', 'until'),
  check: 'SELECT 1',
})
