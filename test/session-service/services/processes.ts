import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'

const root = new URL('../../..', import.meta.url).pathname
const INTERNAL = 'the-internal-token-of-the-tests'

export interface LogLine {
  readonly level: string
  readonly event: string
  readonly [field: string]: unknown
}

/** A secrets service. What it hands out can be changed; an empty list makes it answer 500. */
export async function startSecrets() {
  let kids: readonly string[] = ['k1']
  const server = createServer((request, response) => {
    const right = request.url === '/keys/session' && request.headers.authorization === `Bearer ${INTERNAL}`
    response.writeHead(!right ? 401 : kids.length ? 200 : 500, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({
        keys: kids.map((kid) => ({ kid, key: `a signing key for the processes of the tests, ${kid}` })),
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: (...names: string[]) => {
      kids = names
    },
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface ServiceProcess {
  readonly url: string
  readonly child: ChildProcess
  readonly lines: readonly LogLine[]
  readonly exited: Promise<number | null>
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  stop(): Promise<void>
}

export interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: an answer of unknown shape is what a test looks into
  readonly body: any
}

export const run = (env: Record<string, string>, cli = `${root}dist/cli.js`, args = ['serve-sessions']) =>
  spawn(process.execPath, [cli, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })

/** The built command, in a process of its own, on a free port. */
export async function startService(secrets: string, env: Record<string, string> = {}): Promise<ServiceProcess> {
  const child = run({ SECRETS_SERVICE_URL: secrets, INTERNAL_TOKEN: INTERNAL, PORT: '0', HOST: '127.0.0.1', ...env })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const lines: LogLine[] = []
  let errors = ''
  child.stderr.on('data', (text) => {
    errors += text
  })
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as LogLine
      lines.push(line)
      if (line.event === 'listening') resolve(Number(line.port))
    })
    void exited.then(() => reject(new Error(`The service ended: ${errors}`)))
  })
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    child,
    lines,
    exited,
    async call(method, path, body, headers = {}) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${INTERNAL}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      const text = await response.text()
      return { status: response.status, body: path === '/metrics' ? text : JSON.parse(text) }
    },
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Waits, in real time, until something is so: processes and databases take the time that they take. */
export async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 1_200) throw new Error(`Not within a minute: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
