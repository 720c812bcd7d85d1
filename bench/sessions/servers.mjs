// Starts the session service and those that it is measured against, all on one Redis, and makes sessions in each.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { createClient } from 'redis'
import { startRedis } from '../../scripts/databases.mjs'

const here = new URL('.', import.meta.url).pathname
const TOKEN = 'the-token-of-the-benchmark'
const SESSIONS = 200
export const NAMES = {
  own: 'keyturn',
  express: 'express-session + connect-redis',
  untouched: 'the same with disableTouch',
  fastify: '@fastify/session + connect-redis',
  bare: 'bare node:http + GET',
}

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
    if (event !== 'listening') continue
    child.stdout.resume()
    return { pid: child.pid, port, url: `http://127.0.0.1:${port}` }
  }
  throw new Error(`${args} did not start.`)
}

/** Microseconds of a core that a process has used, all its threads together. Linux only: null elsewhere. */
export function cpuOf(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.reduce(
      (sum, id) => sum + Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1000,
      0,
    )
  } catch {
    return null
  }
}

const json = { 'content-type': 'application/json' }
const caller = { authorization: `Bearer ${TOKEN}` }

/** What to send to each server for each kind of work; `shown` is how holders of sessions show them. */
const requestsOf = (name, shown) => ({
  validate: shown.map((headers) => ({ method: 'GET', path: '/session/validate', headers })),
  create: [
    {
      method: 'POST',
      path: '/session',
      headers: { ...json, ...(name === 'own' ? caller : {}) },
      body: '{"user_id":7}',
    },
  ],
  extend: shown.map((headers) => ({
    method: 'POST',
    path: '/session/refresh',
    headers: { ...headers, ...json },
    body: '{}',
  })),
})

async function makeSessions(name, url) {
  const shown = []
  for (let made = 0; made < SESSIONS; made++) {
    if (name === 'bare') {
      shown.push({ 'x-session-id': `${made}` })
      continue
    }
    const body = `{"user_id":${made}}`
    const response = await fetch(`${url}/session`, { method: 'POST', headers: { ...json, ...caller }, body })
    if (!response.ok) throw new Error(`${NAMES[name]}: ${response.status}`)
    const { session_id } = await response.json()
    if (name === 'own') shown.push({ ...caller, 'x-session-id': session_id })
    else shown.push({ cookie: response.headers.get('set-cookie').split(';')[0] })
  }
  // The answers are what they should be: a benchmark of refusals would be fast.
  const answer = await (await fetch(`${url}/session/validate`, { headers: shown[7] })).json()
  if (answer.valid !== true || answer.user_id !== 7) throw new Error(`${NAMES[name]} says ${JSON.stringify(answer)}`)
  return shown
}

export async function startServers() {
  const redis = await startRedis()
  const secrets = createServer((_, response) =>
    response.end(JSON.stringify({ keys: [{ kid: 'k1', key: 'the signing key of the benchmark, long enough' }] })),
  )
  await new Promise((resolve) => secrets.listen(0, '127.0.0.1', resolve))
  const started = {
    own: await launch([`${here}../../dist/cli.js`, 'serve-sessions'], {
      SECRETS_SERVICE_URL: `http://127.0.0.1:${secrets.address().port}`,
      INTERNAL_TOKEN: TOKEN,
      REDIS_URL: redis.url,
      PORT: '0',
      HOST: '127.0.0.1',
      // Each extension is written, as with the others.
      SESSION_EXTEND_FROM: '0',
    }),
  }
  for (const name of ['express', 'untouched', 'fastify', 'bare'])
    started[name] = await launch(['competitor.mjs', name, redis.url])
  // It listens before it has its keys and its store.
  while (!(await fetch(`${started.own.url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 100))
  // What the bare server reads is written here.
  const client = await createClient({ url: redis.url }).connect()
  for (let made = 0; made < SESSIONS; made++)
    await client.set(`bare:${made}`, JSON.stringify({ expires_at: 1, user_id: made }))

  const servers = {}
  for (const [name, server] of Object.entries(started))
    servers[name] = { ...server, requests: requestsOf(name, await makeSessions(name, server.url)) }
  return {
    servers,
    async stop() {
      await client.close()
      for (const child of children) child.kill()
      secrets.close()
      await redis.stop()
    },
  }
}
