import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, type ServiceProcess, startSecrets, startService, until } from './processes.ts'

let secrets: Awaited<ReturnType<typeof startSecrets>>
let service: ServiceProcess
beforeAll(async () => {
  secrets = await startSecrets()
  service = await startService(secrets.url, { LOG_REQUESTS: '1' })
  await until(async () => (await service.call('GET', '/readyz')).status === 200, 'ready')
})
afterAll(async () => {
  await service?.stop()
  await secrets?.stop()
})

/** Runs the command to its end. */
const toItsEnd = (env: Record<string, string>, cli?: string, args?: string[]) =>
  new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = run(env, cli, args)
    let [out, err] = ['', '']
    child.stdout.on('data', (text) => {
      out += text
    })
    child.stderr.on('data', (text) => {
      err += text
    })
    child.once('close', (code) => resolve({ code, out, err }))
  })

test('the whole contract over HTTP', async () => {
  const { body } = await service.call('POST', '/session', { user_id: 7 })
  const id = body.session_id
  expect((await service.call('GET', `/session/validate?session_id=${id}`)).body).toMatchObject({
    valid: true,
    user_id: 7,
  })
  expect((await service.call('POST', '/session/refresh', { session_id: id })).body).toEqual({
    expires_at: expect.any(Number),
  })
  expect((await service.call('GET', '/sessions/count?user_id=7')).body).toEqual({ count: 1 })
  expect((await service.call('POST', '/session/invalidate', { session_id: id })).body).toEqual({ ok: true })
  expect((await service.call('POST', '/session/invalidate', { session_id: id })).status).toBe(404)
  expect((await service.call('GET', '/session/validate', undefined, { 'x-session-id': id })).body).toEqual({
    valid: false,
  })
  expect((await fetch(`${service.url}/session`, { method: 'POST' })).status).toBe(401)
})

test('HEAD is answered without a body, and keeps the connection usable', async () => {
  const answer = await fetch(`${service.url}/healthz`, { method: 'HEAD' })
  expect([answer.status, await answer.text(), answer.headers.get('content-length')]).toEqual([200, '', '11'])
  expect((await service.call('GET', '/healthz')).body).toEqual({ ok: true })
})

test('a body beyond the limit is answered 413, whether its length is told or not', async () => {
  const large = { user_id: 7, x: 'x'.repeat(200_000) }
  expect((await service.call('POST', '/session', large)).status).toBe(413)
  const chunks = new ReadableStream({
    start(controller) {
      for (let sent = 0; sent < 20; sent++) controller.enqueue(Buffer.alloc(10_000, 32))
      controller.close()
    },
  })
  const headers = { authorization: 'Bearer the-internal-token-of-the-tests', 'content-type': 'application/json' }
  const init = { method: 'POST', body: chunks, headers, duplex: 'half' }
  expect((await fetch(`${service.url}/session`, init as RequestInit)).status).toBe(413)
})

test('a client that is still sending when it is answered 413 is not reset before it has read that', async () => {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
  const seen: string[] = []
  socket.on('data', (part) => seen.push(part.toString()))
  const ended = once(socket, 'end')
  const chunk = `ffff\r\n${' '.repeat(0xffff)}\r\n`
  socket.write(
    'POST /session HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer the-internal-token-of-the-tests\r\n' +
      `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`,
  )
  await until(() => seen.join('').includes('body_too_large'), 'the answer')
  expect(seen.join('')).toMatch(/^HTTP\/1.1 413 .*connection: close/is)
  socket.write(`${chunk}${chunk}0\r\n\r\n`)
  await ended
})

test('metrics are Prometheus’ text, for callers only, and count what happened', async () => {
  await service.call('POST', '/session', { user_id: 8 })
  const { body } = await service.call('GET', '/metrics')
  expect(body).toMatch(/^keyturn_session_requests_total\{route="create",status="200"\} \d+$/m)
  expect(body).toMatch(/^keyturn_session_request_seconds_bucket\{route="create",le="\+Inf"\} \d+$/m)
  expect(body).toMatch(/^keyturn_session_ready 1$/m)
  // Each line is a comment, or a name with labels and a number.
  for (const line of body.trim().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.e+-]+)$/)
  expect((await fetch(`${service.url}/metrics`)).status).toBe(401)
})

test('the log has a line for each request, and holds no id, no user and no token', async () => {
  const made = await service.call('POST', '/session', { user_id: 'a-very-special-user' })
  await service.call('GET', `/session/validate?session_id=${made.body.session_id}`)
  await until(() => service.lines.some(({ event, route }) => event === 'request' && route === 'validate'), 'the line')
  const log = JSON.stringify(service.lines)
  expect(service.lines[0]).toMatchObject({ time: expect.any(String), level: 'info', event: 'listening' })
  for (const secret of [
    made.body.session_id.split('.')[2],
    'v1.',
    'a-very-special-user',
    'the-internal-token',
    'signing key',
    'session_id',
  ])
    expect(log).not.toContain(secret)
})

test('sessions in memory are warned of', () => {
  expect(service.lines).toContainEqual(expect.objectContaining({ level: 'warn', event: 'sessions in memory' }))
})

test('at the end a request under way is answered, and its connection closes', async () => {
  const ends = await startService(secrets.url)
  await until(async () => (await ends.call('GET', '/readyz')).status === 200, 'ready')
  const answered = new Promise<{ status: number | undefined; connection: string | undefined; body: string }>(
    (resolve, reject) => {
      const body = JSON.stringify({ user_id: 7 })
      const headers = {
        authorization: 'Bearer the-internal-token-of-the-tests',
        'content-type': 'application/json',
        'content-length': body.length,
      }
      const sending = request(`${ends.url}/session`, { method: 'POST', headers }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode, connection: response.headers.connection, body: text }),
        )
      })
      sending.on('error', reject)
      sending.write(body.slice(0, 5), () => {
        // The rest follows only after the process was asked to end, and has begun to.
        setTimeout(async () => {
          ends.child.kill('SIGTERM')
          await until(() => ends.lines.some(({ event }) => event === 'ending'), 'the end begins')
          sending.end(body.slice(5))
        }, 200)
      })
    },
  )
  expect(await answered).toMatchObject({
    status: 200,
    connection: 'close',
    body: expect.stringContaining('session_id'),
  })
  expect(await ends.exited).toBe(0)
  await expect(fetch(`${ends.url}/healthz`)).rejects.toThrow()
})

test('without keys at the start it listens, is not ready, and becomes ready by itself', async () => {
  const later = await startSecrets()
  later.keys()
  const starts = await startService(later.url)
  expect((await starts.call('GET', '/healthz')).status).toBe(200)
  expect((await starts.call('GET', '/readyz')).body.error.code).toBe('not_ready')
  expect((await starts.call('POST', '/session', { user_id: 7 })).status).toBe(503)
  later.keys('k1')
  await until(async () => (await starts.call('GET', '/readyz')).status === 200, 'ready')
  await later.stop()
  // The secrets service is gone: that changes nothing.
  expect((await starts.call('POST', '/session', { user_id: 7 })).status).toBe(200)
  await starts.stop()
})

test.each([
  [{}, 'SECRETS_SERVICE_URL is missing'],
  [{ SECRETS_SERVICE_URL: 'http://127.0.0.1:1', INTERNAL_TOKEN: 'short' }, 'at least 16'],
])('with the environment %j it ends at once and says what to do', async (env, message) => {
  const { code, err } = await toItsEnd(env)
  expect([code, err.split('\n').length]).toEqual([1, 2])
  expect(err).toContain(message)
})

test('a port that is taken is named', async () => {
  const port = new URL(service.url).port
  const env = {
    SECRETS_SERVICE_URL: secrets.url,
    INTERNAL_TOKEN: 'a-token-for-this-test',
    HOST: '127.0.0.1',
    PORT: port,
  }
  expect((await toItsEnd(env)).err).toContain(`Port ${port} cannot be listened on`)
})

test.each([
  ['redis', { REDIS_URL: 'redis://127.0.0.1:1' }],
  ['pg', { DATABASE_URL: 'postgres://127.0.0.1:1/x' }],
])('where the optional peer %s is not installed, it is named', async (peer, env) => {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-bare-'))
  cpSync(new URL('../../../dist', import.meta.url), join(folder, 'dist'), { recursive: true })
  cpSync(new URL('../../../package.json', import.meta.url), join(folder, 'package.json'))
  const needed = {
    SECRETS_SERVICE_URL: secrets.url,
    INTERNAL_TOKEN: 'a-token-for-this-test',
    HOST: '127.0.0.1',
    PORT: '0',
  }
  const { code, err } = await toItsEnd({ ...needed, ...env }, join(folder, 'dist/cli.js'))
  rmSync(folder, { recursive: true })
  expect([code, err]).toEqual([1, expect.stringContaining(`npm install ${peer}`)])
})

test('the command says what commands there are, and refuses others', async () => {
  expect(await toItsEnd({}, undefined, [])).toMatchObject({ code: 0, out: expect.stringContaining('serve-sessions') })
  expect(await toItsEnd({}, undefined, ['constructor'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('serve-sessions'),
  })
  expect(await toItsEnd({}, undefined, ['serve-sessions', '--help'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('REDIS_URL'),
  })
})
