import type { Backend } from 'keyturn'
import { sessionBackend, sessionService } from 'keyturn/backends'
import { createSessionService, fixedKeys, type SessionService } from 'keyturn/session-service'
import { describe, expect, test } from 'vitest'
import { createSite, json, ORIGIN, type Site } from './site.ts'

const TOKEN = 'caller-token-of-the-tests'
const KEYS = [{ kid: 'k1', key: 'the signing key of the tests, long enough' }]
const backend = sessionBackend(sessionService({ baseUrl: 'https://sessions.example.test', signIn: '/api/login' }))

interface Options {
  readonly ttl?: number
  readonly maxLifetime?: number
}

/** The real service, which a page asks itself, and the app's own back end, which signs people in. */
function openSite({ ttl = 60, maxLifetime = 300 }: Options = {}) {
  let service: SessionService | undefined
  const asCaller = (path: string, body: object) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const request = new Request(`https://sessions.example.test${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return (service as SessionService).handle(request)
  }
  const site = createSite(backend, (clock) => {
    service = createSessionService({
      keys: fixedKeys(KEYS),
      callers: [TOKEN],
      selfService: true,
      origins: [ORIGIN],
      clock,
      ttl,
      maxLifetime,
      extendFrom: 0,
    })
    return async (request) => {
      if (new URL(request.url).origin !== ORIGIN) return (service as SessionService).handle(request)
      const { email, password } = (await request.json()) as Record<string, string>
      if (password !== 'secret') return json({ message: 'Wrong e-mail address or password' }, 401)
      const made = await asCaller('/session', { user_id: email })
      return json(await made.json(), 200, { date: made.headers.get('date') ?? '' })
    }
  })
  return Object.assign(site, { asCaller })
}
const ada = { email: 'ada', password: 'secret' }
const signedIn = async (options?: Options) => {
  const site = openSite(options)
  const tab = site.open()
  await tab.auth.signIn(ada)
  await site.clock.flush()
  site.sent.length = 0
  tab.events.length = 0
  return { site, ...tab }
}
const refreshes = (site: Site) => site.paths().filter((path) => path === 'POST /session/refresh').length
const endOf = (site: Site) => site.browser.stored()?.record?.expiresAt

test('a sign-in goes to the app’s own back end; who it is the service is asked once, and no reload asks again', async () => {
  const site = openSite()
  const { auth } = site.open()
  await auth.signIn(ada)
  await site.clock.flush()
  expect(site.paths()).toEqual(['POST /api/login', 'GET /session/validate'])
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { id: 'ada' } })
  expect(await auth.getAccessToken()).toMatch(/^v1\.k1\./)
  const again = site.open()
  await site.clock.flush()
  expect(again.auth.getState()).toMatchObject({ status: 'authenticated', user: { id: 'ada' } })
  expect(site.sent).toHaveLength(2)
})

test('a wrong password says so in the words of the back end', async () => {
  const { auth } = openSite().open()
  await expect(auth.signIn({ ...ada, password: 'wrong' })).rejects.toMatchObject({
    code: 'credentials_rejected',
    message: 'Wrong e-mail address or password',
  })
})

test('acceptance 2: with a session in the storage, the service is asked once who it is', async () => {
  const site = openSite()
  const { session_id } = (await (await site.asCaller('/session', { user_id: 7 })).json()) as { session_id: string }
  site.browser.setStored({ accessToken: session_id, refreshToken: null, record: null })
  const { auth } = site.open()
  await auth.ready
  await site.clock.flush()
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { id: 7 } })
  expect(site.paths()).toEqual(['GET /session/validate'])
})

test('acceptance 3: after half of its life the session is extended once, by ten tabs together; its end moves, its id stays', async () => {
  const { site, auth } = await signedIn()
  const tabs = [auth, ...Array.from({ length: 9 }, () => site.open().auth)]
  await site.clock.flush()
  const [id, end] = [await auth.getAccessToken(), endOf(site)]
  await site.clock.advance(29_000)
  expect(refreshes(site)).toBe(0)
  await site.clock.advance(2_000)
  expect(refreshes(site)).toBe(1)
  expect((endOf(site) ?? 0) - (end ?? 0)).toBeGreaterThanOrEqual(29_000)
  for (const tab of tabs) {
    expect(await tab.getAccessToken()).toBe(id)
    expect(tab.inspect()).toMatchObject({ version: 2, expiresAt: endOf(site) })
  }
  await site.clock.advance(30_000)
  expect(refreshes(site)).toBe(2)
  expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
})

test('the share after which it is extended is the app’s to say', async () => {
  const early = sessionBackend(sessionService({ baseUrl: 'https://sessions.example.test', signIn: '/api/login' }), {
    extendAfter: 0.1,
  })
  const site = openSite()
  const { auth } = site.open({ backend: early as unknown as Backend })
  await auth.signIn(ada)
  await site.clock.advance(7_000)
  expect(refreshes(site)).toBe(1)
})

test('acceptance 4: at its absolute end the session is refused, and the app is signed out once', async () => {
  const { site, auth, events } = await signedIn({ ttl: 60, maxLifetime: 150 })
  const other = site.open()
  await site.clock.flush()
  await site.clock.advance(149_000)
  expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  await site.clock.advance(10_000)
  for (const tab of [{ auth, events }, other]) {
    expect(tab.auth.getState().status).toBe('unauthenticated')
    expect(tab.events.filter(([name]) => name === 'signed_out')).toHaveLength(1)
  }
  // One of the tabs was told by the service, the other by this one.
  expect([...events, ...other.events].map(([, payload]) => payload)).toContainEqual({
    reason: 'rejected',
    error: expect.objectContaining({ serverCode: 'session_invalid', status: 401 }),
  })
  const asked = site.sent.length
  await site.clock.advance(600_000)
  expect(site.sent).toHaveLength(asked)
})

test('acceptance 5: a session that was ended elsewhere ends here, and a second end of it raises nothing', async () => {
  const { site, auth } = await signedIn()
  const session_id = await auth.getAccessToken()
  expect((await site.asCaller('/session/invalidate', { session_id })).status).toBe(200)
  // Nobody here knows yet. The service answers 404: it was over.
  expect(await auth.signOut()).toEqual({ revoked: true })
  expect(site.paths()).toEqual(['POST /session/invalidate'])
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'signed_out', error: null })
})

test('a sign-out ends the session at the service', async () => {
  const { site, auth } = await signedIn()
  const session_id = await auth.getAccessToken()
  expect(await auth.signOut()).toEqual({ revoked: true })
  expect((await site.asCaller('/session/refresh', { session_id })).status).toBe(401)
})

test('a page cannot end other sessions than its own, and does not say so', async () => {
  const { site, auth } = await signedIn()
  expect(await auth.signOut({ scope: 'others' })).toEqual({ revoked: false })
  expect([site.sent.length, auth.getState().status]).toEqual([0, 'authenticated'])
  expect(await auth.signOut({ scope: 'global' })).toEqual({ revoked: false })
  expect(site.paths()).toEqual(['POST /session/invalidate'])
})

describe('acceptance 10: the service is in trouble', () => {
  test.each<[string, () => Response | Promise<Response>]>([
    ['500', () => json({ error: { code: 'internal', message: 'The service failed.' } }, 500)],
    ['503', () => json({ error: { code: 'store_unavailable', message: 'Redis cannot be asked.' } }, 503)],
    ['429', () => json({ error: { code: 'too_many_requests', message: 'Too many requests.' } }, 429)],
    ['no network', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['no answer', () => new Promise(() => {})],
    [
      'a page of a hotel',
      () => new Response('<!doctype html><p>Sign in to the Wi-Fi', { headers: { 'content-type': 'text/html' } }),
    ],
    ['200 without an end', () => json({ ok: true })],
    ['404 of another server', () => json({ message: 'Not Found' }, 404)],
  ])(
    '%s: signed in until the end of the session without a problem, and from then on with one; then it goes on',
    async (_, fault) => {
      const { site, auth, events } = await signedIn()
      site.fault = async () => fault()
      await site.clock.advance(55_000)
      expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
      await site.clock.advance(30_000)
      expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: { name: 'AuthError' } })
      expect(events.map(([name]) => name)).not.toContain('signed_out')
    },
  )

  test('when it is back in time the session goes on', async () => {
    const { site, auth } = await signedIn()
    site.fault = () => json({ error: { code: 'store_unavailable', message: 'Redis cannot be asked.' } }, 503)
    await site.clock.advance(35_000)
    // It is busy: nothing else is asked of it.
    expect(new Set(site.paths())).toEqual(new Set(['POST /session/refresh']))
    site.fault = null
    await site.clock.advance(60_000)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })
})

describe('what ends nobody’s session, and what the developer is told', () => {
  const told = async (fault: (request: Request) => Response) => {
    const { site, auth, events } = await signedIn()
    site.fault = fault
    await site.clock.advance(40_000)
    expect(auth.getState().status).toBe('authenticated')
    return { site, diagnostic: events.find(([name]) => name === 'diagnostic')?.[1] as { error: Error } | undefined }
  }

  test('a 404 of the extension, where the service says that the session lives', async () => {
    const { site, diagnostic } = await told((request) =>
      request.method === 'POST'
        ? json({ message: 'Not Found' }, 404)
        : json({ valid: true, user_id: 'ada', expires_at: Date.UTC(2026, 0, 1) / 1000 + 3_600 }),
    )
    expect(site.paths()).toEqual(['POST /session/refresh', 'GET /session/validate'])
    expect([diagnostic, (endOf(site) ?? 0) > Date.UTC(2026, 0, 1) + 3_000_000]).toEqual([undefined, true])
  })

  test.each([
    ['caller_refused', 401],
    ['origin_refused', 403],
    ['route_not_found', 404],
  ])('%s: the service is set up wrongly', async (code, status) => {
    const { diagnostic } = await told(() => json({ error: { code, message: 'Words of the service.' } }, status))
    expect(diagnostic?.error.message).toContain('Words of the service.')
    expect(diagnostic?.error.message).toContain('Check baseUrl')
    expect(diagnostic?.error.message).toContain('https://sessions.example.test/session/')
  })
})

describe('other services of this contract', () => {
  test.each<[string, (request: Request) => Response]>([
    ['401 to both', () => json({ message: 'expired' }, 401)],
    [
      '404 to the extension, and valid: false',
      ({ method }) => (method === 'GET' ? json({ valid: false }) : json({}, 404)),
    ],
    [
      '404 session_not_found, and 401',
      ({ method }) => json({ error: 'session_not_found' }, method === 'GET' ? 401 : 404),
    ],
  ])('%s: the session is over', async (_, fault) => {
    const { site, auth } = await signedIn()
    site.fault = fault
    await site.clock.advance(40_000)
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
  })

  test('a bare 404 to a second logout counts as done', async () => {
    const { site, auth } = await signedIn()
    site.fault = () => new Response('Not Found', { status: 404 })
    expect(await auth.signOut()).toEqual({ revoked: true })
  })
})

test('the end is measured by the service’s clock, whatever the device thinks', async () => {
  const context = {
    signal: new AbortController().signal,
    fetch: (async () =>
      json({ expires_at: 2_000_060 }, 200, { date: new Date(2_000_000_000).toUTCString() })) as typeof fetch,
    pageUrl: `${ORIGIN}/`,
    now: 99_000_000_000,
  }
  expect(await backend.refresh({ accessToken: 'v1.k1.a.b', refreshToken: null }, context)).toEqual({
    type: 'extended',
    expiresIn: 60,
  })
})

test('a session that was made elsewhere is handed over, and extended from then on', async () => {
  const site = openSite()
  const { auth } = site.open()
  const made = (await (await site.asCaller('/session', { user_id: 7 })).json()) as {
    session_id: string
    expires_at: number
  }
  await auth.adopt({ accessToken: made.session_id, expiresAt: made.expires_at })
  await site.clock.advance(31_000)
  expect(refreshes(site)).toBe(1)
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { id: 7 } })
})

test('no session id stands in an address, in an error or in an event', async () => {
  const { site, auth, events } = await signedIn()
  const id = (await auth.getAccessToken()) ?? ''
  site.fault = async (request) =>
    json({ error: { code: 'internal', message: `Broken: ${await request.text()} ${id}` } }, 500)
  await site.clock.advance(70_000)
  expect(events.length).toBeGreaterThan(0)
  expect(JSON.stringify([events, auth.inspect(), auth.getState(), site.sent.map(({ url }) => url)])).not.toContain(
    id.slice(-20),
  )
})

test('what cannot work is said when the backend is made, or used', async () => {
  expect(() => sessionBackend(sessionService({ baseUrl: 'sessions' }))).toThrow("baseUrl 'sessions' needs https://")
  const preset = sessionService({ baseUrl: '/api' })
  for (const extendAfter of [0, 1, -1, Number.NaN])
    expect(() => sessionBackend(preset, { extendAfter })).toThrow('extendAfter must be above 0 and below 1')
  const { auth } = createSite(sessionBackend(preset), () => () => json({})).open()
  await expect(auth.signIn({})).rejects.toThrow('auth.adopt')
})

test('toUser makes the app’s user, and one that throws costs no session', async () => {
  const preset = sessionService({ baseUrl: 'https://sessions.example.test', signIn: '/api/login' })
  const named = sessionBackend(preset, { toUser: (user) => ({ name: `user ${(user as { id: string }).id}` }) })
  const site = openSite()
  const { auth } = site.open({ backend: named as unknown as Backend })
  await auth.signIn(ada)
  await site.clock.flush()
  expect(auth.getState()).toMatchObject({ user: { name: 'user ada' } })
  const broken = sessionBackend(preset, {
    toUser: () => {
      throw new Error('of the app')
    },
  })
  const other = openSite().open({ backend: broken as unknown as Backend })
  await other.auth.signIn(ada)
  expect(other.auth.getState().status).toBe('authenticated')
})
