/** The fixture of `keyturn/testing/playwright`, by a suite of ten tests that Playwright's own runner runs, and by what their server has seen. */
import { type ChildProcess, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createMockAuth } from 'keyturn/testing'
import { afterAll, beforeAll, test } from 'vitest'
import { buildPage, sendFile } from '../browser/harness/page-files.ts'

/** What is read here of the report of Playwright. */
interface Suite {
  readonly title: string
  readonly suites?: readonly Suite[]
  readonly specs?: readonly {
    readonly title: string
    readonly tests: readonly {
      readonly results: readonly {
        readonly workerIndex: number
        readonly status: string
        readonly errors: readonly { readonly message?: string }[]
      }[]
    }[]
  }[]
}
interface Report {
  readonly suites: readonly Suite[]
  readonly errors: readonly { readonly message: string }[]
}

const output = new URL(`../../.tmp/playwright-${process.pid}`, import.meta.url).pathname
const specsOf = (suite: Suite): NonNullable<Suite['specs']> => [
  ...(suite.specs ?? []),
  ...(suite.suites ?? []).flatMap(specsOf),
]

let files: Awaited<ReturnType<typeof buildPage>>
const closing: (() => void)[] = []

beforeAll(async () => {
  files = await buildPage(new URL('./app/', import.meta.url))
})
afterAll(async () => {
  for (const child of running) child.kill('SIGINT')
  for (const close of closing) close()
  await rm(output, { recursive: true, force: true })
})

/** Serves the app to one suite, with a mock of its own. */
async function serve() {
  const users = ['ada@example.test', 'grace@example.test'].map((email) => ({ email, password: 'correct-horse' }))
  const mock = createMockAuth({ profile: 'strict', tokenLifetime: 30, users })
  const answer = async (request: Request): Promise<Response> => {
    if (mock.owns(request)) return mock.handle(request)
    const { user, refusal } = await mock.authenticate(request)
    return user ? Response.json({ owner: user.email }) : refusal
  }
  const listener = getRequestListener(answer, { overrideGlobalObjects: false })
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/')) void listener(request, response)
    else sendFile(files, request.url ?? '/', response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return { mock, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

const running = new Set<ChildProcess>()
/** How long (ms) a suite may take on a busy machine; on a quiet one the two take some 40 s side by side, most of them waiting. */
const PATIENCE = 600_000

/** Runs a project of the suite. */
async function play(project: string) {
  const { mock, url } = await serve()
  const cli = new URL('../../node_modules/@playwright/test/cli.js', import.meta.url).pathname
  const { VITEST: _, NODE_ENV: __, ...env } = process.env
  const config = new URL('./suite/playwright.config.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [cli, 'test', '--config', config, '--project', project], {
    env: { ...env, APP_URL: url, SUITE_OUTPUT: `${output}/${project}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  let text = ''
  child.stdout.on('data', (part) => {
    text += part
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  running.delete(child)
  const { suites, errors } = JSON.parse(text) as Report
  const results = suites.flatMap(specsOf).flatMap(({ title, tests }) =>
    tests.flatMap(({ results }) =>
      results.map(({ status, workerIndex, errors }) => ({
        title,
        status,
        workerIndex,
        said: errors.map(({ message = '' }) => message).join(),
      })),
    ),
  )
  return { mock, results, errors, code }
}

test.concurrent('ten tests on two workers, with tokens of 30 s: one sign-in a worker, no 401, every refresh token used once', {
  timeout: PATIENCE,
}, async ({ annotate, expect }) => {
  const { mock, results, errors, code } = await play('suite')
  expect(errors).toEqual([])
  expect(results.filter(({ status }) => status !== 'passed')).toEqual([])
  expect([results.length, new Set(results.map(({ workerIndex }) => workerIndex)).size, code]).toEqual([10, 2, 0])

  const calls = (call: string) => mock.log.filter((entry) => entry.call === call)
  // One a worker, and one for the test that signs out.
  expect(calls('sign_in')).toHaveLength(3)
  expect(mock.log.filter(({ status }) => status === 401 || status === null)).toEqual([])
  expect(new Set(calls('refresh').map(({ verdict }) => verdict))).toEqual(new Set(['rotated']))
  // The page that was open renewed its session, and so did the one that came back.
  const renewed = new Set(calls('refresh').map(({ userId }) => userId))
  expect(renewed.size).toBe(2)
  expect(calls('sign_out').map(({ status }) => status)).toEqual([204])
  expect(calls('api').length).toBeGreaterThanOrEqual(8)
  await annotate(
    `${calls('sign_in').length} sign-ins, ${calls('refresh').length} refreshes, ${calls('api').length} requests, no 401`,
  )
})

test.concurrent('who misuses the session of a worker is told what to do', { timeout: PATIENCE }, async ({ expect }) => {
  const { results } = await play('misuse')
  expect(results.map(({ status }) => status)).toEqual(['failed', 'failed'])
  const [ended, unsigned] = results
  expect(ended?.said).toContain("test.use({ session: 'own' })")
  expect(unsigned?.said).toContain('Nobody is signed in after signIn(): there is no cookie notes-auth-session at')
})
