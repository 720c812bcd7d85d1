import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import type { Database } from '../../../scripts/databases.mjs'
import type { StoredSession } from '../../../src/core/types.ts'
import { restBackend } from '../../../src/index.ts'
import { createNodeAuth } from '../../../src/node/create-node-auth.ts'
import type { HostStorage, RenewalNote } from '../../../src/node/host-storage.ts'
import { postgresStorage } from '../../../src/node/postgres/postgres-storage.ts'
import { sealedFile } from '../../../src/node/sealed/sealed-file.ts'
import { newFolder } from '../folder.ts'
import { buildProgram, type Program, startProgram } from '../programs.ts'
import { keys } from '../sealed/session.ts'
import { type AuthServer, type ServerOptions, startServer } from '../server.ts'

/** A step of a process's work, and the refresh token that it was about. */
export interface Step {
  readonly by: string
  readonly step: string
  readonly token: string
}

export interface Shared {
  readonly server: AuthServer
  /** What is stored, as another process sees it. @throws AuthError if it cannot be read */
  stored(): Promise<StoredSession | null>
  /** The note that stands. */
  renewing(): Promise<RenewalNote | null>
  signIn(): Promise<void>
  start(options?: object): Promise<Program>
  /** All steps of all processes until now, in order. */
  steps(): Step[]
}

/** Kills PostgreSQL and starts it again. Resolves when it takes connections: it answers before, while it recovers. */
export async function restart(database: Database): Promise<void> {
  await database.restart()
  for (;;) {
    const client = new pg.Client({ connectionString: database.url })
    client.on('error', () => {})
    const ready = await client.connect().then(
      () => true,
      () => false,
    )
    await client.end().catch(() => {})
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A server, a sealed file or a row in a database, and somebody who has signed in. */
export async function share(options?: ServerOptions, database?: Database): Promise<Shared> {
  const server = await startServer(options)
  const folder = newFolder()
  const path = join(folder, 'session')
  const log = join(folder, 'steps.log')
  const own = { keys, profile: 'ada', backend: server.url, create: true }
  const pool = database && new pg.Pool({ connectionString: database.url })
  pool?.on('error', () => {})
  onTestFinished(() => pool?.end())
  const open = async (): Promise<HostStorage> =>
    pool ? postgresStorage({ ...own, pool, listen: false }) : sealedFile({ ...own, path })
  const signIn = async () => {
    const auth = createNodeAuth({ backend: restBackend({ baseUrl: server.url }), storage: await open() })
    await auth.ready
    await auth.signIn({ email: 'ada@example.test', password: 'secret' })
    auth.dispose()
  }
  await signIn()
  return {
    server,
    stored: async () => (await open()).read(),
    renewing: async () => (await open()).renewing(),
    signIn,
    start: async (more = {}) =>
      startProgram(await buildProgram('session'), {
        ...{ path, database: database?.url, keys, url: server.url, log },
        ...more,
      }),
    steps: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .map((line) => line.split(' '))
        // A process may have been killed within a line.
        .flatMap(([by = '', step = '', token]) => (token === undefined ? [] : [{ by, step, token }])),
  }
}
