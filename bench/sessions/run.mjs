// The session service beside what people use, on one Redis, on one machine, in one run, over HTTP with keep-alive:
//   npm run bench:sessions [seconds for each measurement, default 5] [rounds, default 3]
// The servers take turns within each round, so that a busy moment of the machine hits all of them.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus, loadavg } from 'node:os'
import { createInterface } from 'node:readline'
import { startRedis } from '../../scripts/databases.mjs'

const here = new URL('.', import.meta.url).pathname
if (!existsSync(`${here}node_modules`))
  execFileSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' })
const { default: autocannon } = await import('autocannon')

const SECONDS = Number(process.argv[2] ?? 5)
const ROUNDS = Number(process.argv[3] ?? 3)
const CONNECTIONS = 32
const SESSIONS = 200
/** Requests a second at which latencies are compared: well below what each can do. */
const EQUAL_LOAD = Number(process.argv[4] ?? 500)
const TOKEN = 'the-token-of-the-benchmark'

const children = []
async function launch(args, env = {}) {
  const child = spawn(process.execPath, args, {
    cwd: here,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, port } = JSON.parse(line)
    if (event === 'listening') {
      child.stdout.resume()
      return `http://127.0.0.1:${port}`
    }
  }
  throw new Error(`${args} did not start.`)
}

const redis = await startRedis()
const secrets = createServer((_, response) =>
  response.end(JSON.stringify({ keys: [{ kid: 'k1', key: 'the signing key of the benchmark, long enough' }] })),
)
await new Promise((resolve) => secrets.listen(0, '127.0.0.1', resolve))

const keyturnUrl = await launch([`${here}../../dist/cli.js`, 'serve-sessions'], {
  SECRETS_SERVICE_URL: `http://127.0.0.1:${secrets.address().port}`,
  INTERNAL_TOKEN: TOKEN,
  REDIS_URL: redis.url,
  PORT: '0',
  HOST: '127.0.0.1',
  // Each extension is written, as with the others.
  SESSION_EXTEND_FROM: '0',
})
const urls = {
  keyturn: keyturnUrl,
  'express-session': await launch(['competitor.mjs', 'express-touching', redis.url]),
  'express-session without touch': await launch(['competitor.mjs', 'express-not-touching', redis.url]),
  '@fastify/session': await launch(['competitor.mjs', 'fastify', redis.url]),
  'bare node:http + GET': await launch(['competitor.mjs', 'bare', redis.url]),
}

// It listens before it has its keys and its store.
while (!(await fetch(`${keyturnUrl}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 100))

const json = { 'content-type': 'application/json' }
const caller = { authorization: `Bearer ${TOKEN}` }
/** How a holder of a session shows it to each server. */
const shown = {}
for (const [name, url] of Object.entries(urls)) {
  shown[name] = []
  for (let made = 0; made < SESSIONS; made++) {
    if (name.startsWith('bare')) {
      shown[name].push({ 'x-session-id': `${made}` })
      continue
    }
    const response = await fetch(`${url}/session`, {
      method: 'POST',
      headers: { ...json, ...caller },
      body: `{"user_id":${made}}`,
    })
    const body = await response.json()
    if (!response.ok) throw new Error(`${name}: ${response.status}`)
    if (name === 'keyturn') shown[name].push({ ...caller, 'x-session-id': body.session_id })
    else shown[name].push({ cookie: response.headers.get('set-cookie').split(';')[0] })
  }
}
// What the bare server reads, is written here.
const { createClient } = await import('redis')
const client = await createClient({ url: redis.url }).connect()
for (let made = 0; made < SESSIONS; made++)
  await client.set(`bare:${made}`, JSON.stringify({ expires_at: 1, user_id: made }))
await client.close()

const requestsOf = {
  validate: (name) => shown[name].map((headers) => ({ method: 'GET', path: '/session/validate', headers })),
  create: (name) => [
    {
      method: 'POST',
      path: '/session',
      headers: { ...json, ...(name === 'keyturn' ? caller : {}) },
      body: '{"user_id":7}',
    },
  ],
  extend: (name) =>
    shown[name].map((headers) => ({
      method: 'POST',
      path: '/session/refresh',
      headers: { ...headers, ...json },
      body: '{}',
    })),
}
const fields = {
  validate: ['keyturn', 'express-session', 'express-session without touch', '@fastify/session', 'bare node:http + GET'],
  create: ['keyturn', 'express-session', '@fastify/session'],
  extend: ['keyturn', 'express-session', '@fastify/session'],
}
const measure = async (work, name, more = {}) => {
  const result = await autocannon({
    url: urls[name],
    connections: CONNECTIONS,
    duration: SECONDS,
    requests: requestsOf[work](name),
    ...more,
  })
  if (result.non2xx || result.errors)
    throw new Error(`${name} ${work}: ${result.non2xx} refusals, ${result.errors} errors`)
  return { rate: result.requests.total / result.duration, p99: result.latency.p99 }
}
const median = (list) =>
  list.toSorted?.((a, b) => a - b)[list.length >> 1] ?? [...list].sort((a, b) => a - b)[list.length >> 1]

try {
  // The answers are what they should be: a benchmark of refusals would be fast.
  for (const name of fields.validate) {
    const answer = await (await fetch(`${urls[name]}/session/validate`, { headers: shown[name][7] })).json()
    if (answer.valid !== true || answer.user_id !== 7) throw new Error(`${name} says ${JSON.stringify(answer)}`)
  }
  for (const name of Object.keys(urls))
    for (const work of Object.keys(fields)) if (fields[work].includes(name)) await measure(work, name, { duration: 2 })
  console.log(`Load of the machine: ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`)
  console.log(
    `${ROUNDS} rounds of ${SECONDS} s, ${CONNECTIONS} connections; latency at ${EQUAL_LOAD} requests a second\n`,
  )
  console.log('| work | server | requests/s (median) | p99 at equal load, ms |\n|---|---|---|---|')
  for (const [work, names] of Object.entries(fields)) {
    const rates = Object.fromEntries(names.map((name) => [name, []]))
    const late = Object.fromEntries(names.map((name) => [name, []]))
    for (let round = 0; round < ROUNDS; round++)
      for (const name of names) {
        rates[name].push((await measure(work, name)).rate)
        late[name].push((await measure(work, name, { overallRate: EQUAL_LOAD })).p99)
      }
    for (const name of names)
      console.log(`| ${work} | ${name} | ${Math.round(median(rates[name]))} | ${median(late[name])} |`)
    const own = median(rates.keyturn)
    for (const name of names.slice(1))
      console.log(`|  | keyturn against ${name} | × ${(own / median(rates[name])).toFixed(2)} | |`)
  }
} finally {
  for (const child of children) child.kill()
  secrets.close()
  await redis.stop()
}
