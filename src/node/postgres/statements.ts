import { misuse } from '../../core/errors.ts'

/** The SQL of one table. `order` is a word of SQL, so it is `place` here. */
export function statements(table: string) {
  if (!/^[a-z_]\w{0,62}(\.[a-z_]\w{0,62})?$/i.test(table))
    misuse(`postgresStorage: table must be a plain name, as in keyturn_sessions or auth.sessions, not '${table}'.`)
  const mine = 'backend = $1 and profile = $2'
  return {
    /** Two processes that make it at once would else fail on each other. */
    schema: `do $$ begin perform pg_advisory_xact_lock(hashtext('keyturn:schema')); create table if not exists ${table} (
      backend text not null, profile text not null, place bigint not null default 0, version bigint not null default 0,
      sealed text not null, changed_at timestamptz not null default now(), primary key (backend, profile)); end $$`,
    insert: `insert into ${table} (backend, profile, sealed) values ($1, $2, $3) on conflict do nothing`,
    read: `select sealed from ${table} where ${mine}`,
    /**
     * Compare-and-set by the whole of what was there; heard of only if it took place. On disk when it returns, also in a
     * database whose `synchronous_commit` is off: a rotated token that a crash undoes is lost.
     */
    change: `with changed as (update ${table} set sealed = $3, place = $4, version = $5, changed_at = now()
      where ${mine} and sealed = $6 returning 1) select pg_notify($7, ''),
      case current_setting('synchronous_commit') when 'off' then set_config('synchronous_commit', 'on', true) end from changed`,
    /** A write that changes nothing: refused by a standby, or without the right to write. */
    probe: `update ${table} set place = place where ${mine}`,
  }
}

/** The SQL that makes the table of {@link postgresStorage}, for migrations. It does nothing where the table is there. */
export const postgresSchema = (table = 'keyturn_sessions'): string => statements(table).schema
