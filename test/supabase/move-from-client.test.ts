// @vitest-environment jsdom
import { type Auth, type AuthError, cookieStorage, createAuth } from 'keyturn'
import { moveSupabaseSession, type SupabaseCredentials, type SupabaseUser, supabaseBackend } from 'keyturn/supabase'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { latch, rejection } from '../http/stage.ts'
import { resetCookies } from '../storage/jar.ts'
import { ada, type Project, project } from './official-client.ts'
import { key } from './old-sessions.ts'
import { anonKey } from './project.ts'

const HOUR = 3_600_000

beforeEach(() => {
  resetCookies()
  localStorage.clear()
})
afterEach(() => resetCookies())

/** What an app does on each page load, once it has adopted this kit. */
function load({ url, mock, clock }: Project): {
  readonly auth: Auth<SupabaseUser, SupabaseCredentials>
  readonly outcome: string
} {
  const storage = cookieStorage()
  const outcome = moveSupabaseSession({ url, storage })
  const auth = createAuth({
    backend: supabaseBackend({ url, anonKey }),
    storage,
    ports: { clock, settle: null, fetch: mock.fetch, lock: null, openChannel: null },
  })
  onTestFinished(() => auth.dispose())
  return { auth, outcome }
}

const refreshToken = () => (cookieStorage().read() as { refreshToken: string } | null)?.refreshToken
const verdicts = ({ mock }: Project) => mock.log.flatMap(({ verdict }) => verdict ?? [])

describe('somebody who signed in through supabase-js', () => {
  test('is signed in after the move, in the first state and without a request', async () => {
    const page = project()
    const client = page.client()
    const { data } = await client.auth.signInWithPassword(ada)
    const requests = page.mock.log.length

    const { auth, outcome } = load(page)
    expect(outcome).toBe('moved')
    expect(auth.getState()).toEqual({ status: 'authenticated', user: data.user, problem: null })
    expect(await auth.getAccessToken()).toBe(data.session?.access_token)
    expect(page.mock.log).toHaveLength(requests)

    await auth.refresh()
    expect(verdicts(page)).toEqual(['rotated'])
    expect(page.mock.count('sign_in')).toBe(1)
  })

  test('and whose access token has run out meanwhile, is signed in after one refresh', async () => {
    const page = project({ ago: 8 * HOUR })
    await page.client({ auth: { autoRefreshToken: false } }).auth.signInWithPassword(ada)
    await page.clock.advance(8 * HOUR)

    const { auth, outcome } = load(page)
    expect(outcome).toBe('moved')
    expect(auth.getState().status).toBe('loading')
    expect(await auth.ready).toMatchObject({ status: 'authenticated', user: { email: ada.email } })
    expect(page.mock.count('refresh')).toBe(1)
    expect(page.mock.count('sign_in')).toBe(1)
  })

  test('and signs out here, is signed out at the server and after a reload', async () => {
    const page = project()
    await page.client().auth.signInWithPassword(ada)
    const { auth } = load(page)
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(page.mock.admin.sessions().filter(({ live }) => live)).toEqual([])
    expect(load(page)).toMatchObject({ outcome: 'none' })
  })
})

describe('supabase-js, still loaded in another tab from before', () => {
  test('finds no session any more, and refreshes nothing', async () => {
    const page = project()
    const old = page.client()
    await old.auth.signInWithPassword(ada)
    load(page)
    expect(await old.auth.getSession()).toMatchObject({ data: { session: null } })
    expect((await old.auth.refreshSession()).error).toMatchObject({ name: 'AuthSessionMissingError' })
    await old.auth.startAutoRefresh()
    expect(page.mock.count('refresh')).toBe(0)
    expect(localStorage.getItem(key)).toBeNull()
  })

  test('which was refreshing at that moment, drops what it gets; the session here goes on', async () => {
    const page = project()
    const reached = latch()
    const held = latch()
    const old = page.client({
      global: {
        fetch: async (input, init) => {
          const response = await page.mock.fetch(input, init)
          if (!String(input).includes('grant_type=refresh_token')) return response
          reached.open()
          await held.wait
          return response
        },
      },
    })
    await old.auth.signInWithPassword(ada)
    const refreshing = old.auth.refreshSession()
    await reached.wait
    const { auth, outcome } = load(page)
    held.open()
    expect(outcome).toBe('moved')
    expect((await refreshing).error).toMatchObject({ name: 'AuthRefreshDiscardedError' })
    expect(localStorage.getItem(key)).toBeNull()

    // The token that moved is spent, but its child was never used: Supabase hands that out again.
    await auth.refresh()
    expect(verdicts(page)).toEqual(['rotated', 'reused'])
    expect(auth.getState().status).toBe('authenticated')
  })

  test('in a version that writes it back, keeps up with this kit until the next page load, which deletes the copy', async () => {
    const page = project()
    const old = page.client({ auth: { autoRefreshToken: false } })
    await old.auth.signInWithPassword(ada)
    const { auth } = load(page)
    // As older versions did: the tokens that arrived late are stored without a look.
    const spent = refreshToken()
    const backend = supabaseBackend({ url: page.url, anonKey })
    const context = {
      signal: new AbortController().signal,
      fetch: page.mock.fetch,
      pageUrl: null,
      now: page.clock.now(),
    }
    const late = await backend.refresh({ accessToken: null, refreshToken: String(spent) }, context)
    if (late.type !== 'renewed') throw late
    const { accessToken, refreshToken: next, expiresIn, expiresAt, user } = late.answer
    const session = {
      access_token: accessToken,
      refresh_token: next,
      expires_in: expiresIn,
      expires_at: expiresAt,
      user,
    }
    localStorage.setItem(key, JSON.stringify(session))

    // In turns, one generation apart at most: each is handed the token that the other got.
    await page.clock.advance(HOUR / 3)
    await auth.refresh()
    expect(refreshToken()).toBe(next)
    await page.clock.advance(HOUR / 3)
    expect((await old.auth.refreshSession()).error).toBeNull()
    await page.clock.advance(HOUR / 3)
    await auth.refresh()
    expect(auth.getState().status).toBe('authenticated')
    expect(verdicts(page)).toEqual(['rotated', 'reused', 'rotated', 'reused'])

    expect(load(page)).toMatchObject({ outcome: 'dropped' })
    expect(localStorage.getItem(key)).toBeNull()
    expect(await old.auth.getSession()).toMatchObject({ data: { session: null } })
  })

  test('would end the session if it used a copy two generations old, later than the reuse interval', async () => {
    const page = project()
    await page.client({ auth: { autoRefreshToken: false } }).auth.signInWithPassword(ada)
    const { auth } = load(page)
    const stale = String(refreshToken())
    const backend = supabaseBackend({ url: page.url, anonKey })
    const context = {
      signal: new AbortController().signal,
      fetch: page.mock.fetch,
      pageUrl: null,
      now: page.clock.now(),
    }
    const refresh = (token: string) => backend.refresh({ accessToken: null, refreshToken: token }, context)
    const first = await refresh(stale)
    if (first.type !== 'renewed') throw first
    await refresh(String(first.answer.refreshToken))
    await page.clock.advance(11_000)
    expect(await refresh(stale)).toMatchObject({
      type: 'rejected',
      error: { serverCode: 'refresh_token_already_used' },
    })
    await page.clock.advance(11_000)
    const ended = rejection<AuthError>(auth.refresh())
    await page.clock.advance(5_000)
    expect(await ended).toMatchObject({ code: 'rejected' })
  })
})
