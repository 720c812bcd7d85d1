import { createHash } from 'node:crypto'
import { misuse } from '../../core/errors.ts'
import type { SessionTokens, StoredSession } from '../../core/types.ts'
import {
  type HostStorage,
  isLater,
  newNote,
  nobody,
  overtaken,
  type RenewalNote,
  type SealedSession,
  sameCredentials,
  withSession,
} from '../host-storage.ts'
import { seal, unseal } from '../sealed/envelope.ts'
import { readKeys, type SealKeys } from '../sealed/key-ring.ts'
import { sealedError, sealedProblem } from '../sealed/problem.ts'
import { advisoryLock } from './advisory-lock.ts'
import { listen } from './changes.ts'
import type { PgPool } from './pool.ts'
import { statements } from './statements.ts'

export interface PostgresStorageOptions {
  /** A `Pool` of `pg`. Each `auth` takes a connection to listen, and another while it renews. It stays yours to end. */
  readonly pool: PgPool
  /** What is stored is sealed: whoever reads the table has no session. */
  readonly keys: SealKeys
  /** Whose it is: an account. */
  readonly profile: string
  /** Which back end the session is for. */
  readonly backend: string
  /** Default: `keyturn_sessions`. Made by {@link postgresSchema}, or by `create: true`. */
  readonly table?: string
  /**
   * True: makes the table if need be, and where there is no row for this profile, begins with nobody signed in. Default:
   * false; then a missing row is an error, so that a wrong database never looks like a sign-out.
   */
  readonly create?: boolean
  /** False: does not listen for the changes of other hosts; they are found when something is renewed. Default: true. */
  readonly listen?: boolean
}

/** A {@link postgresStorage}, with what its owner may do to it beside the engine. */
export interface PostgresStorage extends HostStorage {
  /** Seals with the newest key what is sealed with another. Resolves with whether it was. */
  reseal(): Promise<boolean>
}

/** How often a write is begun anew because another one came between. */
const TRIES = 20

/**
 * Keeps the session in PostgreSQL, for processes on several hosts. One row for each profile and back end, sealed as a
 * {@link sealedFile} is. Writes are compare-and-set: nothing is written over what is later. The lock is an advisory one, on a
 * connection of its own; whoever loses that sends nothing more that would rotate.
 *
 * Answers by promise, so `auth` is `loading` at first. While the database is away the session goes on in memory; nothing is
 * rotated, and what could not be saved is saved when it is back.
 * @throws AuthError `misconfigured`; `storage_failed` for a row or a database that cannot be used, see `sealedProblem`.
 * @example const storage = await postgresStorage({ pool: new Pool(), keys, profile: 'ada', backend: 'https://api.example.com' })
 */
export async function postgresStorage(options: PostgresStorageOptions): Promise<PostgresStorage> {
  const {
    pool,
    keys,
    profile,
    backend,
    table = 'keyturn_sessions',
    create = false,
    listen: listens = true,
  } = options ?? {}
  if (!pool?.connect) misuse('postgresStorage: no pool. Pass one, for instance new Pool({ connectionString }) of pg.')
  for (const [name, value] of Object.entries({ profile, backend }))
    if (typeof value !== 'string' || !value) misuse(`postgresStorage: no ${name}.`)
  const ring = readKeys(keys)
  const binding = { profile, backend }
  const sql = statements(table)
  const where = `The row of '${profile}' in ${table}`
  const key = `postgres:${table}:${createHash('sha256')
    .update(JSON.stringify([backend, profile]))
    .digest('base64url')}`
  const advisory = advisoryLock(pool, `keyturn:${key}`)
  const channel = `keyturn_${createHash('sha256').update(key).digest('hex').slice(0, 32)}`
  const sealed = (value: SealedSession): string => seal(ring, binding, JSON.stringify(value))
  /** What could not be written: newer than the row, and nowhere else than here. */
  let unsaved: StoredSession | null = null

  /** On the lock's own connection where this process holds it: whoever has lost that reads and writes nothing by mistake. */
  const query = async (text: string, values: readonly unknown[], holding = false) => {
    try {
      return await ((holding ? advisory.holder() : null) ?? pool).query(text, values)
    } catch (error) {
      if ((error as Error).name === 'AuthError') throw error
      throw sealedError(
        'unreadable',
        `${where} cannot be reached: ${(error as { code?: string }).code ?? 'no answer'}.`,
        error,
      )
    }
  }
  const row = async (holding = false): Promise<string> => {
    const { rows } = await query(sql.read, [backend, profile], holding)
    const text = rows[0]?.sealed
    if (typeof text !== 'string')
      throw sealedError('missing', `${where} is missing. If this is the first use, say create: true.`)
    return text
  }
  const open = (text: string): SealedSession => JSON.parse(unseal(ring, binding, text, where).text)
  /** Changes the row unless it was changed meanwhile; then from the start. null calls it off. */
  const change = async (to: (now: SealedSession) => SealedSession | null, holding = false): Promise<boolean> => {
    for (let tries = 0; tries < TRIES; tries++) {
      const before = await row(holding)
      const next = to(open(before))
      if (!next) return false
      const { order = 0, version = 0 } = next.session?.record ?? {}
      const values = [backend, profile, sealed(next), order, version, before, channel]
      const { rowCount } = await query(sql.change, values, holding)
      if (rowCount) return true
    }
    throw sealedError('unwritable', `${where} changes all the time.`)
  }
  const save = async (session: StoredSession): Promise<void> => {
    unsaved = session
    await change((now) => (isLater(now.session, session) ? null : withSession(now, session)))
    known = session
    if (unsaved === session) unsaved = null
  }

  /** Which note was written for which call: that of an earlier call may be told late of its end. */
  const notes = new WeakMap<SessionTokens, RenewalNote>()
  /** What was read or written last. */
  let known: StoredSession | null = null
  /** While the database is away it says what it said last. Else a write would fail at the read before it, and be lost. */
  const read = async (): Promise<StoredSession | null> => {
    try {
      known = open(await row()).session
    } catch (error) {
      if (sealedProblem(error) !== 'unreadable') throw error
    }
    return known
  }

  if (create) {
    await query(sql.schema, [])
    await query(sql.insert, [backend, profile, sealed(nobody())])
  }
  known = open(await row()).session
  await query(sql.probe, [backend, profile])

  return Object.freeze<PostgresStorage>({
    key,
    backend,
    lock: advisory.lock,
    watch: (changed) => (listens ? listen(pool, channel, changed) : () => {}),
    read,
    write: save,
    async noteRenewal(tokens) {
      if (unsaved && sameCredentials(unsaved, tokens)) await save(unsaved)
      let left: RenewalNote | null = null
      const note = newNote()
      const noted = await change((now) => {
        left = now.renewing
        return sameCredentials(now.session, tokens) ? { ...now, renewing: note } : null
      }, true)
      if (!noted) throw overtaken(where)
      notes.set(tokens, note)
      // The note is written; the lock may have gone with its connection right after.
      advisory.holder()
      return left
    },
    async renewalEnded(tokens) {
      const note = notes.get(tokens)
      if (!note) return
      await change(({ session, renewing }) =>
        renewing && renewing.at === note.at && renewing.id === note.id && sameCredentials(session, tokens)
          ? { session, renewing: { ...renewing, ended: true } }
          : null,
      )
    },
    renewing: async () => open(await row()).renewing,
    async retryWrite() {
      if (unsaved) await save(unsaved)
    },
    async reseal() {
      if (unseal(ring, binding, await row(), where).key === ring.newest.id) return false
      return change((now) => now)
    },
  })
}
