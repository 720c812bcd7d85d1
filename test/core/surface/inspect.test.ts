import { AuthError, type AuthEvents, type TokenAnswer } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { deferred } from '../storages.ts'
import { createWorld, jwt, MINUTE, signedIn, type Tab, unavailable } from '../world.ts'

const payload = <Name extends keyof AuthEvents>({ events }: Tab, name: Name) =>
  events.filter(([event]) => event === name).map(([, value]) => value as AuthEvents[Name])

describe('inspect', () => {
  test('of a session that has not been renewed yet', async () => {
    const { auth, clock } = await signedIn()
    expect(auth.inspect()).toEqual({
      status: 'authenticated',
      sessionId: 'session-1',
      version: 1,
      backend: 'https://app.example.test',
      receivedAt: clock.now(),
      expiresAt: clock.now() + 60 * MINUTE,
      nextRefreshAt: clock.now() + 55 * MINUTE,
      lastRefreshAt: null,
      lastRefreshBy: null,
      refreshing: false,
      lock: 'none',
      failures: 0,
      lastError: null,
      skew: 0,
      persisted: true,
    })
  })

  test('during a refresh, and after it', async () => {
    const { auth, clock, server } = await signedIn()
    const gate = deferred<void>()
    server.script.push(async (token) => {
      await gate.promise
      return server.rotate(token)
    })
    await clock.advance(MINUTE)
    const refresh = auth.refresh()
    await clock.flush()
    expect(auth.inspect()).toMatchObject({ refreshing: true, lock: 'held', lastRefreshAt: null })
    gate.resolve()
    await refresh
    await clock.flush()
    expect(auth.inspect()).toMatchObject({
      refreshing: false,
      lock: 'none',
      lastRefreshAt: clock.now(),
      lastRefreshBy: 'this_tab',
    })
  })

  test('after a failure it tells why, and when the next try is due, as the event does', async () => {
    const tab = await signedIn()
    const { auth, clock, server } = tab
    server.script.push(() => unavailable(503, 2 * MINUTE))
    await expect(auth.refresh()).rejects.toMatchObject({ status: 503 })
    await clock.flush()
    const retryAt = clock.now() + 2 * MINUTE
    expect(auth.inspect()).toMatchObject({
      failures: 1,
      lastError: { code: 'unavailable', message: 'status 503' },
      nextRefreshAt: retryAt,
    })
    expect(Object.keys(auth.inspect().lastError ?? {}).sort()).toEqual(['code', 'message'])
    expect(payload(tab, 'refresh_failed')).toEqual([{ error: expect.any(AuthError), retryAt }])
  })
})

describe('what the events tell', () => {
  test('a refresh: by whom, and nothing about the user', async () => {
    const here = await signedIn()
    const there = here.open()
    await here.auth.refresh()
    await here.clock.flush()
    expect(payload(here, 'refreshed')).toEqual([{ by: 'this_tab' }])
    expect(payload(there, 'refreshed')).toEqual([{ by: 'other_tab' }])
  })

  test('a refresh that is answered with nonsense: unavailable', async () => {
    const tab = await signedIn()
    tab.server.script.push(() => ({ type: 'nonsense' }) as never)
    const refresh = tab.auth.refresh()
    await tab.clock.advance(1_000)
    await refresh
    const [failed] = payload(tab, 'refresh_failed')
    expect(failed?.error).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/refresh failed/) })
  })

  test.each<[string, TokenAnswer]>([
    ['exp in the past', { accessToken: jwt({ sub: 'ada', exp: 1 }) }],
    ['a negative expires_in', { accessToken: 'opaque', expiresIn: -60 }],
    ['an expires_at in the past', { accessToken: 'opaque', expiresAt: 1 }],
  ])('a token that arrives expired, by %s: a diagnostic that says so', async (_, answer) => {
    const { server, open } = createWorld()
    server.signInScript.push(() => answer)
    const tab = open()
    await tab.auth.signIn({})
    const [diagnostic, ...more] = payload(tab, 'diagnostic')
    expect(diagnostic?.error).toBeInstanceOf(AuthError)
    expect(diagnostic?.error).toMatchObject({ code: 'token_refused', message: expect.stringMatching(/expired/) })
    expect(more).toEqual([])
  })

  test('an opaque token of unknown life is nothing to tell about', async () => {
    const { server, open } = createWorld()
    server.signInScript.push(() => ({ accessToken: 'opaque', refreshToken: 'refresh-1' }))
    const tab = open()
    await tab.auth.signIn({})
    expect(tab.names()).toEqual(['signed_in'])
  })

  test('a token that is refused a moment after its renewal: told once, with the error of the request', async () => {
    const tab = await signedIn()
    const send = async () => ({ status: 401 })
    const ask = () => tab.auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send })
    const { error } = await ask()
    await ask()
    expect(error).toMatchObject({ code: 'token_refused', message: expect.stringMatching(/renewed a moment ago/) })
    const told = payload(tab, 'diagnostic')
    expect(told).toHaveLength(1)
    expect(told[0]?.error).toBe(error)
  })
})
