/**
 * The way from nothing to a session that lasts, as docs/web-session.md says it: an empty folder, the packed package, the files
 * and the commands of the page, real processes, a real Chromium. The person at the window is played over Chromium's own
 * debugging port, from outside.
 */
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { find } from '../../scripts/browsers.mjs'
import { freePort } from '../../scripts/databases.mjs'
import { pack, root } from './consumer.ts'

const page = readFileSync(join(root, 'docs/web-session.md'), 'utf8').split('\n## ')[1] ?? ''
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text)
/** The commands of the page, without the remarks. */
const [install = [], use = []] = blocks('sh').map((text) =>
  text
    .split('\n')
    .map((line) => line.replace(/\s+#.*/, ''))
    .filter(Boolean),
)
/** As long as it takes: the load of the machine is not under test. */
const PATIENCE = 240_000

interface Ended {
  readonly exit: number
  readonly text: string
}

function project() {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-from-nothing-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const env: NodeJS.ProcessEnv = { ...process.env }
  for (const name of Object.keys(env)) if (/^(npm_|NODE_OPTIONS|VITEST)/i.test(name)) delete env[name]
  const run = (command: string): Promise<Ended> =>
    new Promise((resolve) => {
      execFile('sh', ['-c', command], { cwd: folder, env, timeout: PATIENCE }, (error, out, err) =>
        resolve({ exit: error ? Number(error.code ?? -1) : 0, text: `${out}${err}` }),
      )
    })
  return { folder, env, run }
}

/** Passing trouble is tried again, as cron would: a busy machine may not show a page in time. */
async function patiently(run: () => Promise<Ended>): Promise<Ended> {
  for (let tries = 0; ; tries++) {
    const ended = await run()
    if (ended.exit !== 20 || tries === 4) return ended
  }
}

/** Offline: what the page installs by name comes from where this project has it. */
function offline(command: string, tarball: string): string {
  const places = ['js-cookie', 'jwt-decode', ...command.split(' ').slice(2)].map((name) =>
    name === 'keyturn' ? tarball : join(root, 'node_modules', name),
  )
  return `npm i --offline --ignore-scripts --install-links --no-audit --no-fund ${places.join(' ')}`
}

/** Root needs another sandbox, and there may be no display. A window tells its debugging port. */
function chromiumFor(folder: string, port: number): string {
  const path = join(folder, 'chromium.sh')
  const window = `--headless=new --remote-debugging-port=${port}`
  const script = `case "$*" in *--headless*) more="" ;; *) more="${window}" ;; esac\nexec "${find.chromium()}" --no-sandbox --disable-gpu $more "$@"`
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return path
}

/** Finds the sign-in form in the window, types, and presses the button. Gives up when the window is gone for good. */
async function personSignsIn(port: number, over: () => boolean): Promise<void> {
  const type = `(() => {
    if (!document.querySelector('#sign-in')) return false
    document.querySelector('[name=username]').value = 'ada'
    document.querySelector('[name=password]').value = 'correct horse'
    document.querySelector('button').click()
    return true
  })()`
  const tryOnce = async (): Promise<void> => {
    if (over()) return
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      type: string
      url: string
      webSocketDebuggerUrl: string
    }[]
    const target = targets.find(({ type, url }) => type === 'page' && url.startsWith('http'))
    const socket = new WebSocket(String(target?.webSocketDebuggerUrl))
    const answer = await new Promise<string>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('message', (data) => resolve(String(data)))
      socket.on('open', () =>
        socket.send(
          JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: type, returnByValue: true } }),
        ),
      )
    }).finally(() => socket.close())
    expect(JSON.parse(answer)).toMatchObject({ result: { result: { value: true } } })
  }
  await vi.waitFor(tryOnce, { timeout: PATIENCE, interval: 200 })
}

async function startSite(folder: string, env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const site = spawn(process.execPath, ['site.mjs'], { cwd: folder, env, stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => void site.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    site.kill('SIGKILL')
    await ended
  }
  onTestFinished(stop)
  await vi.waitFor(() => fetch(String(env.SITE)), { timeout: PATIENCE, interval: 100 })
  return stop
}

test('from an empty folder to a session that is kept, by the commands of docs/web-session.md', async () => {
  const { folder, env, run } = project()
  const port = await freePort()
  env.CHROMIUM = chromiumFor(folder, port)
  env.PORT = String(await freePort())
  env.SITE = `http://localhost:${env.PORT}/`
  for (const text of blocks('js')) writeFileSync(join(folder, /^\/\/ ([\w.]+\.mjs)/.exec(text)?.[1] ?? 'unnamed'), text)
  expect(['site.mjs', 'keyturn.config.mjs', 'job.mjs'].filter((name) => !existsSync(join(folder, name)))).toEqual([])

  const [init = '', packages = '', key = ''] = install
  expect(install).toHaveLength(3)
  expect(packages).toMatch(/^npm i keyturn /)
  for (const command of [init, offline(packages, join(folder, pack(folder).filename))])
    expect(await run(command)).toMatchObject({ exit: 0 })
  const { text: made } = await run(`${key}; printf %s "$SESSION_KEYS"`)
  expect(made).toMatch(/^a:[\w-]{43}$/)
  env.SESSION_KEYS = made

  expect(use).toEqual([
    'node site.mjs &',
    'npx keyturn capture',
    'npx keyturn status',
    'node job.mjs',
    'npx keyturn renew --auto',
  ])
  const said: string[] = []
  const command = async (line: string): Promise<Ended> => {
    const ended = await run(line)
    said.push(ended.text)
    return ended
  }
  let stopSite = await startSite(folder, env)
  // Nothing is there yet, and that is no sign-out.
  expect(await command('npx keyturn status')).toMatchObject({
    exit: 1,
    text: expect.stringMatching(/state\/default is missing/),
  })
  const capture = async (): Promise<Ended> => {
    let over = false
    const captured = command('npx keyturn capture').finally(() => {
      over = true
    })
    await personSignsIn(port, () => over)
    return captured
  }
  expect(await patiently(capture)).toMatchObject({
    exit: 0,
    text: expect.stringMatching(/^Signed in, and proven without the person/m),
  })
  expect(await command('npx keyturn status')).toMatchObject({ exit: 0, text: expect.stringMatching(/^authenticated/m) })
  expect(await command('node job.mjs')).toMatchObject({ exit: 0, text: '200 {"desks":3}\n' })
  expect(await patiently(() => command('npx keyturn renew --auto'))).toMatchObject({
    exit: 0,
    text: expect.stringMatching(/^Renewed\. The token ends in 14 minutes/m),
  })

  // The other commands, as processes.
  const json = async (line: string): Promise<Ended & Record<string, unknown>> => {
    const ended = await command(`node_modules/.bin/keyturn ${line} --json`)
    return { ...JSON.parse(ended.text), ...ended }
  }
  expect(await json('inspect')).toMatchObject({ exit: 0, status: 'authenticated', keyIds: ['a'], over: false })
  const newest = `b:${randomBytes(32).toString('base64url')}`
  env.SESSION_KEYS = `${newest},${made}`
  expect(await json('rotate-key')).toMatchObject({ exit: 0, outcome: 'resealed' })
  env.SESSION_KEYS = newest
  expect(await json('inspect')).toMatchObject({ exit: 0, keyIds: ['b'] })
  await stopSite()
  expect(await json('renew --auto')).toMatchObject({ exit: 20, error: 'unavailable' })
  // It has forgotten every session.
  stopSite = await startSite(folder, env)
  expect(await patiently(() => json('renew --auto'))).toMatchObject({
    exit: 10,
    message: expect.stringMatching(/npx keyturn capture/),
  })
  expect(await json('status')).toMatchObject({ exit: 10 })
  expect(await json('forget')).toMatchObject({ exit: 0, outcome: 'forgotten' })
  expect(await json('status')).toMatchObject({ exit: 10, status: 'unauthenticated' })
  // Neither a token nor a cookie was ever printed.
  expect(said.join('\n')).not.toMatch(/eyJ[\w-]{10}|[\da-f]{24}/)
  await stopSite()
})
