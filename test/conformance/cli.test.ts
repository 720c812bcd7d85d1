import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createFakeClock, createMockAuth, type MockAuth, type MockAuthOptions } from 'keyturn/testing'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../../demo/server/listen.ts'
import { main } from './cli.ts'

interface Served {
  readonly mock: MockAuth
  /** The switches that every run needs. */
  readonly base: readonly string[]
  readonly timeTravel: readonly string[]
}

/** The mock over HTTP, with an address that moves its clock. */
async function serve(options: MockAuthOptions): Promise<Served> {
  const clock = createFakeClock()
  const mock = createMockAuth({ clock, anonymousSignIns: true, ...options })
  const { origin, close } = await listen(async (request) => {
    if (new URL(request.url).pathname !== '/clock') return mock.handle(request)
    clock.jump(((await request.json()) as { readonly ms: number }).ms)
    return new Response(null, { status: 204 })
  }, 0)
  onTestFinished(close)
  return {
    mock,
    base: ['--url', `${origin}/auth/v1`, '--apikey', 'any'],
    timeTravel: ['--time-travel', `${origin}/clock`, '--frozen'],
  }
}

async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  let output = ''
  const code = await main(args, (text) => {
    output += text
  })
  return { code, output }
}

const count = (output: string) => /# (\d+) passed, (\d+) failed, (\d+) not run\n$/.exec(output)?.slice(1).map(Number)

test('it is a program: TAP on the standard output, and a count at the end', async () => {
  const { base, timeTravel } = await serve({ profile: 'hosted' })
  const program = new URL('./run.mjs', import.meta.url).pathname
  const args = [program, ...base, ...timeTravel, '--profile', 'hosted']
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 })
  const [passed = 0, failed, notRun = 0] = count(stdout) ?? []
  expect(failed).toBe(0)
  expect(stdout).toMatch(`TAP version 14\n1..${passed + notRun}\nok 1 - R01a a refresh gives another refresh token\n`)
  expect(passed).toBeGreaterThan(200)
})

test('a server that is not what it is said to be fails, case by case, with exit code 1', async () => {
  const { base } = await serve({ profile: 'strict' })
  const { code, output } = await run(...base, '--profile', 'hosted', '--only', 'R01,R02,R04')
  expect(code).toBe(1)
  expect(output).toMatch(
    /^not ok \d+ - R02 the parent of the live token .*\n {2}---\n {2}message: "expected status 200/m,
  )
  expect(output).toMatch(/^ok \d+ - R01c /m)
  expect(count(output)).toEqual([4, 2, 1])
})

test('what a server cannot be asked is listed, with what it needs', async () => {
  const { base } = await serve({ profile: 'hosted' })
  const { code, output } = await run(...base, '--only', 'R03,X01a,R02')
  expect(code).toBe(0)
  expect(output).toMatch(/^ok \d+ - R03 .* # SKIP not run: needs time travel/m)
  expect(output).toMatch(/^ok \d+ - X01a .* # SKIP not run: needs refresh tokens of version 2 \(--profile v2\)$/m)
  expect(count(output)).toEqual([1, 0, 2])
})

test('with the admin key it makes accounts and bans, and leaves nobody behind', async () => {
  const { base, mock } = await serve({ profile: 'hosted', autoConfirm: false })
  const adminKey = await mock.admin.apiKey('service_role')
  const { code, output } = await run(...base, '--admin-key', adminKey, '--only', 'R01,R28,R29,L06')
  expect(output).not.toMatch(/^not ok/m)
  expect(code).toBe(0)
  expect(count(output)?.[0]).toBeGreaterThan(8)
  const users = await mock.fetch('/auth/v1/admin/users', { headers: { Authorization: `Bearer ${adminKey}` } })
  expect(JSON.stringify(await users.json())).not.toContain('case-')
})

test('a run in which nothing could be asked is no success', async () => {
  const { base } = await serve({ profile: 'hosted' })
  expect((await run(...base, '--only', 'X')).code).toBe(1)
})

test.each([
  [['--url', 'http://127.0.0.1:1/auth/v1'], '--url and --apikey are required.'],
  [['--url', 'x', '--apikey', 'y', '--profile', 'z'], '--profile is one of hosted, default, v2, strict, not z.'],
  [['--url', 'x', '--apikey', 'y', '--wait', 'long'], '--wait takes a number, not long.'],
  [['--surprise'], 'surprise'],
])('wrong usage %j is explained, with exit code 2', async (args, message) => {
  const { code, output } = await run(...args)
  expect(code).toBe(2)
  expect(output).toContain(message)
  expect(output).toContain('Usage: npm run conformance')
})

test('a server that cannot be reached is a failure', async () => {
  const { code, output } = await run('--url', 'http://127.0.0.1:1/auth/v1', '--apikey', 'any')
  expect(code).toBe(1)
  expect(output).toMatch(/^Bail out! http:\/\/127\.0\.0\.1:1\/auth\/v1 cannot be reached/)
})

test('no output shows a token', async () => {
  const { base } = await serve({ profile: 'strict' })
  const { output } = await run(...base, '--profile', 'default')
  expect(count(output)?.[1]).toBeGreaterThan(5)
  expect(output).not.toMatch(/eyJ/)
})
