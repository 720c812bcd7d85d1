// The two databases that the session service is tested on: where their programs are, and how to start one for a test. Each
// has a free port of the loopback and a folder of its own, and what was started is ended by its `stop`.
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const firstOf = (...places) => places.find((place) => place && existsSync(place)) ?? null

/** Debian keeps a folder for each version: the newest counts. */
function findPostgres() {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : []
  const folders = versions.sort((a, b) => Number(b) - Number(a)).map((version) => `/usr/lib/postgresql/${version}/bin`)
  const folder = [process.env.POSTGRES_BIN, ...folders].find((place) => place && existsSync(join(place, 'initdb')))
  return folder ?? null
}

export const find = {
  redis: () => firstOf(process.env.REDIS_SERVER, '/usr/bin/redis-server', '/usr/local/bin/redis-server'),
  postgres: findPostgres,
}

/** Those that the environment variable SKIP_DATABASES leaves out, as in `redis,postgres`. */
export function skipped() {
  const named = process.env.SKIP_DATABASES?.split(/[\s,]+/).filter(Boolean) ?? []
  const wrong = named.find((name) => !(name in find))
  if (wrong) throw new Error(`SKIP_DATABASES can name redis and postgres, not ${wrong}.`)
  return named
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

const exited = (child) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', resolve))

/** Starts a program that ends with us, and waits until its port answers. */
async function launch(name, program, args, port, options) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output = (output + text).slice(-4_000)
    })
  const end = () => child.kill('SIGKILL')
  process.on('exit', end)
  child.once('exit', () => process.off('exit', end))
  for (let tries = 0; !(await answers(port)); tries++) {
    if (child.exitCode !== null || tries > 600) throw new Error(`${name} did not start:\n${output}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return child
}

/** A Redis of its own. `args` are settings as on its command line. */
export async function startRedis(args = ['--appendonly', 'no', '--save', '']) {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-redis-'))
  const port = await freePort()
  const start = () =>
    launch('Redis', find.redis(), ['--port', port, '--bind', '127.0.0.1', '--dir', folder, ...args].map(String), port)
  let child = await start()
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child.pid
    },
    /** Ends it as a crash would, and starts it on the same files. `between` runs while it is down. */
    async restart(between = async () => {}) {
      child.kill('SIGKILL')
      await exited(child)
      await between()
      child = await start()
    },
    async stop() {
      child.kill('SIGKILL')
      await exited(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root: then Debian's user for it is taken. */
function postgresUser() {
  if (process.getuid?.() !== 0) return {}
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** A PostgreSQL of its own. `settings` are as in postgresql.conf. */
export async function startPostgres(settings = { fsync: 'off', synchronous_commit: 'off' }) {
  const bin = find.postgres()
  const user = postgresUser()
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-postgres-'))
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  const port = await freePort()
  const data = join(folder, 'data')
  // It starts in a folder that it may read.
  const options = { ...user, cwd: folder }
  const init = ['-D', data, '-U', 'keyturn', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']
  execFileSync(join(bin, 'initdb'), init, { stdio: 'pipe', ...options })
  const given = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    max_connections: 100,
    ...settings,
  }
  const args = ['-D', data, ...Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const start = () => launch('PostgreSQL', join(bin, 'postgres'), args, port, options)
  let child = await start()
  return {
    port,
    url: `postgres://keyturn@127.0.0.1:${port}/postgres`,
    get pid() {
      return child.pid
    },
    /** Ends it as a crash would (SIGQUIT: at once, without a checkpoint), and starts it on the same files. */
    async restart(between = async () => {}) {
      child.kill('SIGQUIT')
      await exited(child)
      await between()
      child = await start()
    },
    async stop() {
      child.kill('SIGQUIT')
      await exited(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
