import { kratos, sessionBackend } from 'keyturn/backends'
import { describe, expect, test } from 'vitest'
import { createKratosServer, KRATOS, type KratosServer } from './kratos-server.ts'
import { createSite, json, refreshed } from './site.ts'

const ada = { email: 'ada@example.test', password: 'secret' }
const user = { id: 'identity-of-ada@example.test', traits: { email: 'ada@example.test' } }
const extend = (id: string) => `PATCH https://admin.example.test/admin/sessions/${id}/extend`

/** A page with Kratos' cookie, or a program with its token. */
function openSite(tokens: boolean, options: { extend?: typeof extend } = { extend }) {
  let server: KratosServer | undefined
  const site = createSite(sessionBackend(kratos({ baseUrl: KRATOS, tokens, ...options })), (clock) => {
    server = createKratosServer(clock)
    return server.handle
  })
  return Object.assign(site, { server: server as unknown as KratosServer })
}
async function signedIn(
  tokens: boolean,
  options?: { extend?: typeof extend },
  prepare: (server: KratosServer) => void = () => {},
) {
  const site = openSite(tokens, options)
  prepare(site.server)
  const tab = site.open()
  await tab.auth.signIn(ada)
  await site.clock.flush()
  site.sent.length = 0
  tab.events.length = 0
  return { site, server: site.server, ...tab }
}
const extensions = (paths: string[]) => paths.filter((path) => path.startsWith('PATCH ')).length

describe.each([
  ['the cookie of a page', false],
  ['the token of a program', true],
])('with %s', (_, tokens) => {
  test('a sign-in runs through Kratos’ flow, and its identity is the user', async () => {
    const site = openSite(tokens)
    const { auth } = site.open()
    await auth.signIn(ada)
    await site.clock.flush()
    const flow = tokens ? 'api' : 'browser'
    expect(site.paths()).toEqual([`GET /self-service/login/${flow}`, 'POST /self-service/login'])
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user })
    expect(await auth.getAccessToken()).toBe(tokens ? site.server.sessions[0]?.token : null)
    expect(JSON.stringify(site.browser.stored()).includes('ory_st_')).toBe(tokens)
  })

  test('a wrong password says so in Kratos’ words', async () => {
    const { auth } = openSite(tokens).open()
    await expect(auth.signIn({ ...ada, password: 'wrong' })).rejects.toMatchObject({
      code: 'credentials_rejected',
      message: expect.stringContaining('The provided credentials are invalid'),
      status: 400,
    })
  })

  test('acceptance 11: an extension is 204, a repeated one 404, and nobody is signed out', async () => {
    const { site, server, auth, events } = await signedIn(tokens)
    const end = server.sessions[0]?.expiresAt ?? 0
    await site.clock.advance(31_000)
    expect(site.paths()).toEqual([
      'GET /sessions/whoami',
      `PATCH /admin/sessions/${server.sessions[0]?.id}/extend`,
      'GET /sessions/whoami',
    ])
    expect(server.sessions[0]?.expiresAt).toBeGreaterThan(end)
    expect(auth.inspect().expiresAt).toBe(server.sessions[0]?.expiresAt)
    // Somebody else has extended it at the same moment.
    const { lifespan } = server
    server.lifespan = (server.sessions[0]?.expiresAt ?? 0) - site.clock.now()
    await refreshed(site, auth)
    server.lifespan = lifespan
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user, problem: null })
    await site.clock.advance(300_000)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user, problem: null })
    expect(events.map(([name]) => name).filter((name) => name !== 'refreshed')).toEqual([])
  })

  test('an extension that comes too early is a 404: it is asked for again nearer to the end, without a storm', async () => {
    const { site, auth } = await signedIn(tokens, undefined, (server) => {
      server.lifespan = 3_600_000
      server.earliest = 300_000
    })
    await site.clock.advance(3_599_000)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    expect(auth.inspect().expiresAt ?? 0).toBeGreaterThan(site.clock.now() + 3_000_000)
    // At a half, three quarters, seven eighths, … of its life.
    expect(extensions(site.paths())).toBe(4)
  })

  test('an older Kratos answers with the session: it is not asked again', async () => {
    const { site, server, auth } = await signedIn(tokens, undefined, (server) => {
      server.answersWithBody = true
    })
    await site.clock.advance(31_000)
    expect(site.paths()).toHaveLength(2)
    expect(auth.inspect().expiresAt).toBe(server.sessions[0]?.expiresAt)
  })

  test('ten tabs extend it once', async () => {
    const { site } = await signedIn(tokens)
    for (let tab = 0; tab < 9; tab++) site.open()
    await site.clock.advance(32_000)
    expect(extensions(site.paths())).toBe(1)
  })

  test('whoever hands the extension on refuses it, or is down: the session goes on to its end, as Kratos says', async () => {
    for (const status of [401, 403, 500]) {
      const { site, server, auth, events } = await signedIn(tokens)
      const { handle } = server
      site.fault = (request) =>
        request.method === 'PATCH' ? json({ message: 'admins only' }, status) : handle(request)
      await site.clock.advance(58_000)
      expect([status, auth.getState().status]).toEqual([status, 'authenticated'])
      expect(events.map(([name]) => name)).not.toContain('signed_out')
      site.fault = null
      await refreshed(site, auth)
      expect(auth.inspect().expiresAt).toBe(server.sessions[0]?.expiresAt)
    }
  })

  test('without a way to extend it, the session ends in its time, once', async () => {
    const { site, auth, events } = await signedIn(tokens, {})
    await site.clock.advance(59_000)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    await site.clock.advance(5_000)
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
    expect(events.filter(([name]) => name === 'signed_out')).toHaveLength(1)
    expect(extensions(site.paths())).toBe(0)
  })

  test('a 403 asks for a second factor: the app is told and nobody is signed out; afterwards it goes on', async () => {
    const { site, server, auth, events } = await signedIn(tokens)
    server.wantsSecondFactor = true
    await site.clock.advance(31_000)
    expect(auth.getState()).toMatchObject({
      status: 'authenticated',
      user,
      problem: { code: 'interaction_required', serverCode: 'session_aal2_required', status: 403 },
    })
    const asked = site.sent.length
    await site.clock.advance(20_000)
    expect(site.sent).toHaveLength(asked)
    const [session] = server.sessions
    if (session) session.aal = 'aal2'
    await refreshed(site, auth)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user, problem: null })
    expect(events.map(([name]) => name)).not.toContain('signed_out')
  })

  test('a session that was ended elsewhere is over at the next look', async () => {
    const { site, server, auth } = await signedIn(tokens)
    const [session] = server.sessions
    if (session) session.active = false
    await site.clock.advance(31_000)
    expect(site.paths()).toEqual(['GET /sessions/whoami'])
    expect(auth.getState()).toMatchObject({
      status: 'unauthenticated',
      reason: 'rejected',
      error: { serverCode: 'session_inactive' },
    })
  })

  test('a sign-out ends it at Kratos; others and all of the user’s sessions as well', async () => {
    const { server, auth } = await signedIn(tokens)
    const second = { ...(server.sessions[0] as KratosServer['sessions'][0]), id: 'second', token: 'second' }
    server.sessions.push(second)
    expect(await auth.signOut({ scope: 'others' })).toEqual({ revoked: true })
    expect(server.sessions.map(({ active }) => active)).toEqual([true, false])
    expect(auth.getState().status).toBe('authenticated')
    second.active = true
    expect(await auth.signOut({ scope: 'global' })).toEqual({ revoked: true })
    expect(server.sessions.map(({ active }) => active)).toEqual([false, false])
  })

  test('a sign-out of what is over already raises nothing', async () => {
    const { server, auth } = await signedIn(tokens)
    server.sessions.length = 0
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'signed_out' })
  })

  test('the identity can be asked for anew', async () => {
    const { auth } = await signedIn(tokens)
    expect(await auth.reloadUser()).toEqual(user)
  })
})
