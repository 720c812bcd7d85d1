// One of several processes that share a session: a sealed file, or a row in PostgreSQL. By lines of its input it renews, and
// it tells what it hears.
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { restBackend } from '../../../src/index.ts'
import { createNodeAuth } from '../../../src/node/create-node-auth.ts'
import type { HostStorage } from '../../../src/node/host-storage.ts'
import { systemClock } from '../../../src/node/node-ports.ts'
import { postgresStorage } from '../../../src/node/postgres/postgres-storage.ts'
import { sealedFile } from '../../../src/node/sealed/sealed-file.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as {
  path: string
  /** In place of the file. */
  database?: string
  keys: string
  url: string
  /** Time limit of one call (ms). */
  timeout?: number
  /** End itself by kill -9 at this step of its work. */
  dieAt?: string
  /** Stand still at this step until told to go on. */
  waitAt?: string
  /** Renew again and again. */
  busy?: boolean
  /** A file that gets a line for each step, with the refresh token that it is about. */
  log?: string
  /** In that file, and for the server. Process ids come again. */
  name?: string
}
const { path, database, keys, url, timeout = 10_000, dieAt, waitAt, busy, log, name = process.pid } = options
const say = (...words: unknown[]) => process.stdout.write(`${words.join(' ')}\n`)
const input = createInterface({ input: process.stdin })

/** What dies here has done nothing of what comes next. */
function reach(step: string, token: string | null = null): void {
  if (log) appendFileSync(log, `${name} ${step.replaceAll(' ', '_')} ${token}\n`)
  if (armed && step === dieAt) process.kill(process.pid, 'SIGKILL')
}
async function pause(step: string, token: string | null = null): Promise<void> {
  reach(step, token)
  if (!armed || step !== waitAt) return
  armed = false
  say('at', step)
  await new Promise<void>((resolve) => input.on('line', (line) => line === 'go' && resolve()))
}

/** What a file writes: the note of a renewal, or the session with this refresh token. */
let what = 'save'
let token: string | null = null
function onFile(): HostStorage {
  const onStep = (step: string) => reach(`${what} ${step}`, token)
  const file = sealedFile({ path, keys, profile: 'ada', backend: url, onStep })
  return {
    ...file,
    noteRenewal(tokens) {
      what = 'note'
      token = tokens.refreshToken
      return file.noteRenewal(tokens)
    },
    write(session) {
      what = 'save'
      token = session.refreshToken
      file.write(session)
    },
  }
}

async function onDatabase(connectionString: string): Promise<HostStorage> {
  const pool = new pg.Pool({ connectionString })
  pool.on('error', () => {})
  const row = await postgresStorage({ pool, keys, profile: 'ada', backend: url })
  return {
    ...row,
    async noteRenewal(tokens) {
      await pause('note begin', tokens.refreshToken)
      const left = await row.noteRenewal(tokens)
      await pause('note renamed', tokens.refreshToken)
      return left
    },
    async write(session, context) {
      token = session.refreshToken
      await pause('save begin', token)
      await row.write(session, context)
      await pause('save renamed', token)
    },
    async retryWrite() {
      await row.retryWrite()
      reach('save renamed', token)
    },
  }
}

let armed = !!busy
/** By how much (ms) this process's clock is ahead. */
let ahead = 0
const auth = createNodeAuth({
  backend: restBackend({ baseUrl: url, headers: { 'X-Pid': String(name) } }),
  storage: database ? await onDatabase(database) : onFile(),
  timeout,
  ports: {
    clock: { ...systemClock(), now: () => Date.now() + ahead },
    fetch: async (...args) => {
      if (!String(args[0]).includes('refresh')) return fetch(...args)
      await pause('request')
      const answer = await fetch(...args)
      await pause('answer')
      return answer
    },
  },
})
auth.on('refreshed', ({ by }) => {
  if (by === 'this_tab') reach('announce')
  say('refreshed', by, auth.inspect().version)
})
auth.on('signed_in', ({ by }) => say('signed_in', by))
auth.on('signed_out', ({ reason, error }) => say('signed_out', reason, error?.message))
auth.on('storage_failed', ({ error }) => say('storage_failed', error.message))
say('state', (await auth.ready).status)

const renew = async () => {
  armed = true
  await auth.refresh().then(
    () => say('renewed', auth.inspect().version),
    (error) => say('failed', error.code, error.message),
  )
}
const run = async () => {
  for (;;) {
    if (auth.getState().status === 'authenticated') await renew()
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 60))
  }
}
if (busy) void run()
// Whoever started it is gone.
process.stdin.on('close', () => process.exit(0))
input.on('line', async (line) => {
  if (line.startsWith('ahead')) ahead = Number(line.slice(6))
  if (line === 'renew') await renew()
  if (line === 'token') say('token', await auth.getAccessToken().catch((error) => error.code))
  if (line === 'close') await auth.close().then(() => process.exit(0))
})
