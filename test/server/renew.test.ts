import { AuthError, type Backend, type RefreshOutcome } from 'keyturn'
import { createServerAuth, type ReplyStore } from 'keyturn/server'
import { createFakeClock, type FakeClock } from 'keyturn/testing'
import { expect, test, vi } from 'vitest'
import { HOUR, Jar, now, options, record, signedIn, token } from './browser.ts'

/** An auth server that ends the session when a refresh token comes twice. */
function strict(answer?: (refreshToken: string) => RefreshOutcome | undefined) {
  const spent: string[] = []
  const backend: Backend<unknown, never> = {
    signIn: async () => ({}),
    signOut: async () => {},
    async refresh({ refreshToken }) {
      const again = spent.includes(String(refreshToken))
      spent.push(String(refreshToken))
      const made = answer?.(String(refreshToken))
      if (made) return made
      if (again) return { type: 'rejected', error: new AuthError('rejected', 'spent') }
      const accessToken = await token({ version: spent.length })
      return { type: 'renewed', answer: { accessToken, refreshToken: `refresh-${spent.length + 1}`, expiresIn: 3600 } }
    },
  }
  return { backend, spent }
}

const ran = { record: record({ expiresAt: now - HOUR }) }
const post = (body: unknown) =>
  new Request('https://app.example.test/auth/refresh', { method: 'POST', body: JSON.stringify(body) })

/** Lets `step` ms pass again and again until `work` is done; WebCrypto's part of it takes real time. */
async function during<T>(clock: FakeClock, work: Promise<T>, step: number): Promise<T> {
  let done = false
  const over = () => {
    done = true
  }
  work.then(over, over)
  const look = async () => {
    await clock.advance(step)
    expect(done).toBe(true)
  }
  await vi.waitFor(look, { timeout: 120_000, interval: 1 })
  return work
}

function stage(change: Parameters<typeof options>[0] = {}) {
  const clock = createFakeClock({ now })
  const { backend, spent } = strict()
  return { clock, spent, server: createServerAuth(options({ backend, ports: { clock }, ...change })) }
}

test('an expired session is renewed, and the browser finds the next version of it in its cookies', async () => {
  const { server, spent } = stage()
  const jar = await signedIn(ran)
  const { session, setCookies, error } = await server.renew(jar.request())
  expect(session).toMatchObject({
    status: 'signed in',
    claims: { version: 1 },
    state: { user: { name: 'Ada Lovelace' } },
  })
  expect(error).toBeNull()
  jar.take(setCookies)
  expect(jar.read()).toEqual({
    accessToken: expect.stringMatching(/^ey/),
    refreshToken: 'refresh-2',
    record: { ...record(), version: 4, receivedAt: now, expiresAt: now + HOUR, skew: -60_000 },
  })
  expect(jar.lines.get('auth-token')).toMatch(/; Path=\/; SameSite=Strict; Secure; Max-Age=3600$/)
  expect(await server.read(jar.request())).toMatchObject({ status: 'signed in' })
  expect(spent).toEqual(['refresh-1'])
})

test('what handles the request next sees the renewed cookies, and those of others', async () => {
  const { server } = stage()
  const jar = await signedIn(ran)
  jar.cookies.set('theme', 'dark')
  const { cookie } = await server.renew(jar.request())
  expect(cookie).toContain('theme=dark')
  expect(await server.read(new Headers({ Cookie: cookie }))).toMatchObject({ status: 'signed in' })
})

test('a session that is good, and nobody, are left alone', async () => {
  const { server, spent } = stage()
  const jar = await signedIn()
  expect(await server.renew(jar.request())).toMatchObject({ session: { status: 'signed in' }, setCookies: [] })
  expect(await server.renew(new Jar().request())).toMatchObject({ session: { status: 'nobody' }, setCookies: [] })
  expect(spent).toEqual([])
})

test('pieces of a longer token than that of now are deleted', async () => {
  const { server } = stage()
  const jar = await signedIn({ ...ran, refreshToken: 'r'.repeat(8_000) })
  expect(jar.cookies.has('refresh-token.2')).toBe(true)
  jar.take((await server.renew(jar.request())).setCookies)
  expect([...jar.cookies.keys()].sort()).toEqual(['auth-session', 'auth-token', 'refresh-token'])
})

test('a browser whose clock is wrong is told times by its own clock', async () => {
  const { server } = stage()
  const jar = await signedIn({ record: record({ expiresAt: now - HOUR, skew: 2 * HOUR }) })
  jar.take((await server.renew(jar.request())).setCookies)
  expect(jar.read()?.record).toMatchObject({
    receivedAt: now - 2 * HOUR,
    expiresAt: now - HOUR,
    skew: 2 * HOUR - 60_000,
  })
})

test('two tabs and the server bring one refresh token: the auth server sees it once', async () => {
  const { server, spent, clock } = stage()
  const jar = await signedIn(ran)
  const answers = await Promise.all([
    server.renew(jar.request()).then(({ session }) => session.status),
    server.route(post({ refresh_token: 'refresh-1' })).then((answer) => answer.json()),
    server.route(post({ refresh_token: 'refresh-1' })).then((answer) => answer.json()),
  ])
  await clock.advance(9_000)
  const late = await (await server.route(post({ refresh_token: 'refresh-1' }))).json()
  expect(answers[0]).toBe('signed in')
  expect(answers[1]).toMatchObject({ refresh_token: 'refresh-2', expires_in: 3600 })
  expect(answers[2]).toEqual(answers[1])
  expect(late).toEqual({ ...answers[1], expires_in: 3591 })
  expect(spent).toEqual(['refresh-1'])
  await clock.advance(1_001)
  expect((await server.route(post({ refresh_token: 'refresh-1' }))).status).toBe(401)
})

test('two processes with a shared store do so together, and the store sees no token', async () => {
  const held = new Map<string, string>()
  const store: ReplyStore = {
    get: async (key) => held.get(key) ?? null,
    async set(key, value, _ms, fresh) {
      if (fresh && held.has(key)) return false
      held.set(key, value)
      return true
    },
    delete: async (key) => held.delete(key),
  }
  const { backend, spent } = strict()
  const clock = createFakeClock({ now })
  const processes = [1, 2, 3].map(() => createServerAuth(options({ backend, store, ports: { clock } })))
  const asked = Promise.all(
    processes.map(async (server) => (await server.route(post({ refresh_token: 'refresh-1' }))).json()),
  )
  // No more time than really passes: those who wait give up after 9 s.
  const [one, two, three] = await during(clock, asked, 1)
  expect(one).toMatchObject({ refresh_token: 'refresh-2' })
  expect([two, three]).toEqual([one, one])
  expect(spent).toEqual(['refresh-1'])
  expect(JSON.stringify([...held])).not.toMatch(/refresh-[12]|eyJ/)
  expect(held.size).toBe(1)
})

test('a store that fails costs a try, not the session: the auth server is not asked', async () => {
  const { backend, spent } = strict()
  const down = () => Promise.reject(new Error('no connection'))
  const server = createServerAuth(options({ backend, store: { get: down, set: down, delete: down } }))
  expect((await server.route(post({ refresh_token: 'refresh-1' }))).status).toBe(503)
  expect(spent).toEqual([])
})

test('a failure is not repeated: the next one asks again', async () => {
  const error = new AuthError('unavailable', 'busy', { status: 503, retryAfter: 7_000 })
  const { backend, spent } = strict((text) => (text === 'busy' ? { type: 'unavailable', error } : undefined))
  const server = createServerAuth(options({ backend }))
  for (let times = 0; times < 2; times++) {
    const answer = await server.route(post({ refresh_token: 'busy' }))
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '7'])
  }
  expect(spent).toHaveLength(2)
  const jar = await signedIn({ ...ran, refreshToken: 'busy' })
  const found = await server.renew(jar.request())
  expect(found).toMatchObject({ session: { status: 'expired' }, setCookies: [], error: { code: 'unavailable' } })
})

test.each([
  ['rejected', 401, 'invalid_grant'],
  ['conflict', 409, 'conflict'],
  ['interaction_required', 403, 'interaction_required'],
] as const)('the page is told in the words of OAuth: %s', async (type, status, code) => {
  const { backend } = strict(() => ({ type, error: new AuthError('rejected', 'The words of the server.') }))
  const answer = await createServerAuth(options({ backend })).route(post({ refresh_token: 'r' }))
  expect(answer.status).toBe(status)
  expect(await answer.json()).toEqual({ error: code, error_description: 'The words of the server.' })
})

test('a backend that throws, or hangs, is unavailable', async () => {
  const clock = createFakeClock({ now })
  const thrown = { ...strict().backend, refresh: () => Promise.reject(new Error('a bug')) }
  const hung = { ...strict().backend, refresh: () => new Promise<never>(() => {}) }
  for (const backend of [thrown, hung]) {
    const asked = createServerAuth(options({ backend, ports: { clock } })).route(post({ refresh_token: 'r' }))
    expect((await during(clock, asked, 1_000)).status).toBe(503)
  }
})

test('what is no refresh is refused', async () => {
  const { server, spent } = stage()
  expect((await server.route(post({}))).status).toBe(400)
  expect((await server.route(new Request('https://app.example.test/auth/refresh'))).status).toBe(405)
  expect(spent).toEqual([])
})

test('"remember me" is off: the cookies end with the browser', async () => {
  const { server } = stage({ remember: (headers) => headers.get('Cookie')?.includes('remember=yes') ?? false })
  const { setCookies } = await server.renew((await signedIn(ran)).request())
  expect(setCookies).toHaveLength(3)
  expect(setCookies.filter((line) => line.includes('Max-Age'))).toEqual([])
})

test('in a frame of another site the cookies are None, Secure and Partitioned', async () => {
  const cookies = { sameSite: 'none', partitioned: true } as const
  const { server } = stage({ cookies })
  const { setCookies } = await server.renew((await signedIn(ran, cookies)).request())
  expect(setCookies).toHaveLength(3)
  for (const line of setCookies) expect(line).toMatch(/; Path=\/; SameSite=None; Partitioned; Secure; /)
})

test('without a backend, or with one whose refresh token is not seen, it says so', async () => {
  await expect(createServerAuth(options()).renew(new Headers())).rejects.toThrow('give it a backend')
  const backend = { ...strict().backend, kind: { access: 'token', refresh: 'cookie' } as const }
  expect(() => createServerAuth(options({ backend }))).toThrow('only a refresh token that the page sends')
})
