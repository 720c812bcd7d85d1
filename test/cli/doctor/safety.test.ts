import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { doctor, serve } from './server.ts'

const refused = (args: readonly string[], ...more: [Record<string, string>?]) =>
  doctor(args, ...more).then(
    () => 'not refused',
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  )

describe('what it is told', () => {
  test('a host that is not this machine needs --yes, and is not asked without', async () => {
    expect(await refused(['https://api.example.com'])).toMatch(
      /^misconfigured: api\.example\.com is not this machine.*--yes/,
    )
    expect(await refused(['http://192.168.1.7:3000'])).toMatch(/--yes/)
    expect(await refused(['http://localhost.example.com'])).toMatch(/--yes/)
    expect(await refused(['http://127.0.0.1.example.com'])).toMatch(/--yes/)
  })

  test('credentials are no arguments', async () => {
    const here = 'http://localhost:1'
    expect(await refused([here, '--password', 'x'])).toMatch(
      /--password: credentials are no arguments.*KEYTURN_PASSWORD/,
    )
    expect(await refused([here, '--email=ada@example.com'])).toMatch(/--email: credentials are no arguments/)
    expect(await refused(['http://ada:x@localhost:1'])).toMatch(/credentials are no arguments/)
    expect(await refused([here, '--sign-in-body', '{"user":"{email}","password":"correct-horse"}'])).toMatch(
      /'password' is written out/,
    )
    expect(await refused([here, '--sign-in-body', 'user={email}&pass=correct-horse'])).toMatch(/'pass' is written out/)
  })

  test('what it does not understand it says', async () => {
    expect(await refused(['localhost:3000'])).toMatch(/needs http:\/\//)
    expect(await refused(['http://localhost:1', '--refreshh', '/x'])).toMatch(/--refreshh.*--help/)
    expect(await refused(['http://localhost:1', '--refresh', 'auth'])).toMatch(/--refresh 'auth': '\[METHOD\] \/path'/)
    expect(await refused(['http://localhost:1', '--wait', 'long'])).toMatch(/--wait 'long'/)
    expect(await refused(['http://localhost:1', '--csrf', 'x'])).toMatch(/COOKIE=HEADER/)
    expect(await refused(['http://localhost:1', '--origin', 'localhost:5173'])).toMatch(/is no origin/)
    expect(await refused(['http://localhost:1', 'http://localhost:2'])).toMatch(/One base url/)
    expect(await refused(['http://localhost:1', '--api', 'none'])).toMatch(/--api none/)
    expect((await doctor([])).code).toBe(2)
    expect((await doctor(['--help'])).code).toBe(0)
  })

  test('it asks for what the environment lacks, and does not show the password', async () => {
    const { url, asked } = await serve(() => ({ status: 401, body: { message: 'No' } }))
    const { questions, text } = await doctor([url], {}, ['ada@example.com', 'correct-horse'])
    expect(questions).toEqual([expect.stringMatching(/^shown: /), expect.stringMatching(/^secret: /)])
    expect(asked.map(({ body }) => body)).toEqual(['{"email":"ada@example.com","password":"correct-horse"}'])
    expect(text).not.toContain('correct-horse')
    expect(await refused([url], {})).toMatch(/Set KEYTURN_EMAIL and KEYTURN_PASSWORD/)
  })
})

describe('where it stops', () => {
  const signIn = {
    access_token: `access-${'x'.repeat(30)}`,
    refresh_token: `refresh-${'y'.repeat(30)}`,
    expires_in: 900,
  }

  test('a sign-in that is refused is not tried again', async () => {
    const { url, asked } = await serve(() => ({ status: 401, body: { message: 'Wrong password' } }))
    const { code, text } = await doctor([url])
    expect([code, asked.length]).toEqual([1, 1])
    expect(text).toMatch(
      /Stopped: The sign-in failed: POST http\S+ answered 401 Wrong password\. It is not tried again/,
    )
  })

  test.each([
    [
      'a 429',
      { status: 429, headers: { 'Retry-After': '60' }, body: { message: 'Slow down' } },
      /429 Slow down, with Retry-After: 60\. The doctor stops/,
    ],
    [
      'a lock-out',
      { status: 403, body: { message: 'Your account has been locked' } },
      /403 Your account has been locked\. The doctor stops/,
    ],
    ['a 423', { status: 423, body: {} }, /423\. The doctor stops/],
  ])('%s in the middle ends it at once, and what was found is told', async (_, answer, words) => {
    let refreshes = 0
    const { url, asked } = await serve(({ path, headers }) => {
      if (path === '/auth/login') return { body: signIn }
      if (path === '/auth/refresh-token')
        return ++refreshes > 1 ? answer : { body: { ...signIn, refresh_token: `other-${'z'.repeat(30)}` } }
      return headers.authorization ? { body: { id: 1 } } : { status: 401 }
    })
    const { code, text } = await doctor([url])
    expect(code).toBe(1)
    expect(text).toMatch(words)
    expect(refreshes).toBe(2)
    expect(asked.at(-1)?.path).toBe('/auth/refresh-token')
    expect(text).toMatch(/What opens the API {2,}an access token in the answer, at access_token/)
    expect(text).not.toMatch(/auth\.ts/)
  })

  test('a server that is not there, and addresses that are wrong, are told with what to do', async () => {
    const { text, code } = await doctor(['http://127.0.0.1:9'])
    expect([code, text]).toEqual([
      1,
      expect.stringMatching(
        /POST http:\/\/127\.0\.0\.1:9\/auth\/login could not be reached \(.+\)\. Is the server running/,
      ),
    ])
    const nowhere = await serve(() => ({ status: 404, body: { message: 'Not found' } }))
    expect((await doctor([nowhere.url])).text).toMatch(/--sign-in '\/path'/)
    const strict = await serve(() => ({ status: 422, body: { message: 'username is required' } }))
    expect((await doctor([strict.url])).text).toMatch(
      /username is required\. Say what it wants to be sent: --sign-in-body/,
    )
    const closed = await serve(({ path }) => (path === '/auth/login' ? { body: signIn } : { status: 404 }))
    expect((await doctor([closed.url])).text).toMatch(
      /GET http\S+\/auth\/me does not answer to what it gave.*an access token at access_token.*--api/,
    )
  })
})

test('no token is printed, wherever the server says it', async () => {
  let count = 0
  const secrets: string[] = []
  const spent = new Set<string>()
  const secret = (name: string) => {
    const text = `${name}-${++count}-${'q'.repeat(20)}${count}`
    secrets.push(text)
    return text
  }
  const { url } = await serve(({ path, headers, body }) => {
    const given = `${headers.authorization} ${body} ${headers.cookie}`
    if (path === '/auth/login')
      return {
        headers: { 'Set-Cookie': [`sid=${secret('cookie')}; HttpOnly; Path=/`, 'lang=en'] },
        body: { token: secret('access'), refreshToken: secret('refresh'), expires_in: 900 },
      }
    if (path === '/auth/refresh-token') {
      const good = secrets.some((text) => body.includes(text)) && !spent.has(body)
      spent.add(body)
      return good
        ? { body: { token: secret('access'), refreshToken: secret('refresh') } }
        : { status: 401, body: { message: `What is ${given}?` } }
    }
    if (path === '/auth/logout') return { body: { message: `Ended: ${body}` } }
    return secrets.some((text) => headers.authorization?.includes(text))
      ? { body: { given } }
      : { status: 401, body: { message: `Not good: ${headers.cookie}` } }
  })
  const { text, code } = await doctor([url, '--wait', '0'])
  expect(code, text).toBe(0)
  expect(secrets.length).toBeGreaterThan(20)
  expect(secrets.filter((it) => text.includes(it.slice(0, 20)))).toEqual([])
  expect(text).not.toContain('correct-horse')
  expect(text).toMatch(/words that hold a token/)
  // It says so when it did not wait.
  expect(text).toMatch(/Expired access token {2,}not asked: it lives for 900 s, --wait 902/)
})

test('each step says what it spends before it spends it, and spends no more', async () => {
  let count = 0
  const good = new Set<string>()
  const give = () => {
    good.add(`refresh-${++count}`)
    return { body: { access_token: `access-${count}`, refresh_token: `refresh-${count}`, expires_in: 900 } }
  }
  const seen: string[] = []
  const { url } = await serve(({ method, path, headers, body }) => {
    seen.push(`${method} ${path}`)
    if (path === '/auth/me') return headers.authorization ? { body: {} } : { status: 401 }
    if (path === '/auth/login') return give()
    return good.delete(JSON.parse(body || '{}').refresh_token) ? give() : { status: 401 }
  })
  const { text } = await doctor([url, '--wait', '0'])
  const promised = (what: RegExp) => [...text.matchAll(what)].reduce((sum, [, number]) => sum + Number(number), 0)
  const spent = (call: string) => seen.filter((it) => it === call).length
  expect(spent('POST /auth/login')).toBe(promised(/(\d+) sign-ins?/g))
  expect(spent('POST /auth/refresh-token')).toBeLessThanOrEqual(promised(/(\d+) refresh(es)?\b/g))
  expect(spent('POST /auth/logout')).toBe(1)
})

test('a sign-in of several steps is a module', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'sign-in.mjs')
  const steps = `await send({ method: 'POST', path: '/login', body: new URLSearchParams({ email, password }) })
    return send({ method: 'GET', path: '/token' })`
  writeFileSync(file, `export default async ({ email, password }, send) => { ${steps} }`)
  const { url, asked } = await serve(({ path, headers }) => {
    if (path === '/login') return { headers: { 'Set-Cookie': 'step=one-of-two; Path=/' } }
    if (path === '/token')
      return headers.cookie === 'step=one-of-two' ? { body: { token: 'an-access-token' } } : { status: 400 }
    return headers.authorization === 'Bearer an-access-token' ? { body: {} } : { status: 401 }
  })
  const { code, text } = await doctor([url, '--sign-in', file, '--refresh', 'none', '--sign-out', 'none'])
  expect([code, text]).toEqual([0, expect.stringMatching(/an access token in the answer, at token/)])
  expect(asked[0]?.body).toBe('email=ada%40example.com&password=correct-horse')
})
