// Directus over SQLite, started by its own command line.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { accessLife, appOrigin, folder, people, port, publicUrl, ready } from '../../../harness/setting.mjs'

// Not its own `cli.js`, which asks the registry for a newer version first.
const package_ = createRequire(import.meta.url).resolve('directus/package.json')
const cli = createRequire(package_).resolve('@directus/api/cli/run.js')
const adminToken = randomBytes(24).toString('hex')
const env = {
  ...process.env,
  HOST: '127.0.0.1',
  PORT: String(port),
  PUBLIC_URL: publicUrl,
  DB_CLIENT: 'sqlite3',
  DB_FILENAME: join(folder, 'directus.db'),
  SECRET: randomBytes(32).toString('hex'),
  ADMIN_EMAIL: 'admin@example.com',
  ADMIN_PASSWORD: randomBytes(12).toString('hex'),
  ADMIN_TOKEN: adminToken,
  ACCESS_TOKEN_TTL: `${accessLife}s`,
  // What a wrong password waits for.
  LOGIN_STALL_TIME: '10',
  CORS_ENABLED: 'true',
  CORS_ORIGIN: appOrigin,
  EXTENSIONS_PATH: join(folder, 'extensions'),
  STORAGE_LOCAL_ROOT: join(folder, 'uploads'),
  TELEMETRY: 'false',
  // It refuses requests on a machine that is busy.
  PRESSURE_LIMITER_ENABLED: 'false',
  SERVE_APP: 'false',
  LOG_LEVEL: 'error',
}
// The output is that of the server only: `ready` on a line of its own is ours.
const made = spawnSync(process.execPath, [cli, 'bootstrap'], {
  env,
  cwd: folder,
  stdio: ['ignore', 'ignore', 'inherit'],
})
if (made.status !== 0) process.exit(1)
const server = spawn(process.execPath, [cli, 'start'], { env, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
process.on('exit', () => server.kill('SIGKILL'))

const url = `http://127.0.0.1:${port}`
const answers = () =>
  fetch(`${url}/server/ping`).then(
    ({ ok }) => ok,
    () => false,
  )
while (!(await answers())) await sleep(100)

async function call(path, body) {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${adminToken}` }
  const response = await fetch(url + path, { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return (await response.json()).data
}
const { role } = await call('/users/me')
await call(
  '/users',
  people.map(({ name, email, password }) => ({ first_name: name, email, password, role })),
)
ready()
