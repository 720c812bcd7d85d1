import { AuthRetryableFetchError } from '@supabase/supabase-js'
import { describe, expect, test, vi } from 'vitest'
import { ada, apiError, HOUR, MINUTE, SECOND, signedIn } from './client.ts'

describe('sessions with limits', () => {
  test.each([
    [{ sessionTimebox: 7200 }, 'Invalid Refresh Token: Session Expired'],
    [{ sessionInactivity: 7200 }, 'Invalid Refresh Token: Session Expired (Inactivity)'],
  ])('%j: refused with session_expired', async (limit, message) => {
    const { auth, advance, session } = await signedIn(limit)
    await advance(2 * HOUR + SECOND)
    const { error } = await auth.refreshSession({ refresh_token: session.refresh_token })
    expect(error).toMatchObject({ ...apiError(400, 'session_expired'), message })
  })

  test('one session for each user: the older one is refused', async () => {
    const { auth, shelf, open, session, advance } = await signedIn({ singleSession: true })
    shelf.clear()
    await advance(SECOND)
    await open().auth.signInWithPassword(ada)
    const { error } = await auth.refreshSession({ refresh_token: session.refresh_token })
    expect(error).toMatchObject({ ...apiError(400, 'session_expired'), message: /Revoked by Newer Login/ })
  })
})

describe('trouble on the way', () => {
  /** Refreshes, and lets time pass until that has come to its end. */
  async function refreshThrough({ auth, advance }: Awaited<ReturnType<typeof signedIn>>, ms: number) {
    const refresh = auth.refreshSession()
    await advance(ms)
    return refresh
  }

  test('503 twice, then an answer: the client tries again, and nobody notices', async () => {
    const world = await signedIn()
    world.mock.faults.next('refresh', { type: 'status', status: 503 }, 2)
    expect((await refreshThrough(world, 2 * SECOND)).error).toBeNull()
    expect(world.mock.count('refresh')).toBe(3)
  })

  test('503 for good: after eight attempts a retryable error, and the session is kept', async () => {
    const world = await signedIn()
    world.mock.faults.always('refresh', { type: 'status', status: 503 })
    const { error } = await refreshThrough(world, 30 * SECOND)
    expect(error).toBeInstanceOf(AuthRetryableFetchError)
    expect(error).toMatchObject({ status: 503 })
    expect(world.mock.count('refresh')).toBe(8)
    expect(world.stored()).not.toBeNull()
  })

  test('a connection that breaks: a retryable error without a status', async () => {
    // supabase-js prints what `fetch` has thrown.
    const print = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { auth, mock } = await signedIn()
    mock.faults.next('user', { type: 'drop' })
    const { error } = await auth.getUser()
    expect(error).toBeInstanceOf(AuthRetryableFetchError)
    expect(error).toMatchObject({ status: 0 })
    print.mockRestore()
  })

  test('a lost answer: the next attempt with the same token gets the live one', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {})
    const world = await signedIn()
    world.mock.faults.next('refresh', { type: 'lost_answer' })
    const { data, error } = await refreshThrough(world, 2 * SECOND)
    expect(error).toBeNull()
    expect(world.mock.log.filter(({ call }) => call === 'refresh').map(({ verdict }) => verdict)).toEqual([
      'rotated',
      'reused',
    ])
    const { id = '' } = world.mock.admin.sessions()[0] ?? {}
    expect(data.session?.refresh_token).toBe(world.mock.admin.currentRefreshToken(id))
    print.mockRestore()
  })

  test('409: a plain error, not tried again', async () => {
    const { auth, mock } = await signedIn()
    mock.faults.next('refresh', { type: 'status', status: 409 })
    expect((await auth.refreshSession()).error).toMatchObject(apiError(409, 'conflict'))
    expect(mock.count('refresh')).toBe(1)
  })

  test('a rate limit: a plain error, not tried again; a while later it works', async () => {
    const { auth, mock, advance } = await signedIn(
      { rateLimits: { header: 'X-Test-IP' } },
      { headers: { 'X-Test-IP': '192.0.2.1' } },
    )
    // The sign-in has taken the first of the thirty.
    for (let turn = 0; turn < 29; turn++) expect((await auth.refreshSession()).error).toBeNull()
    const { error } = await auth.refreshSession()
    expect(error).toMatchObject({
      ...apiError(429, 'over_request_rate_limit'),
      message: 'Request rate limit reached',
    })
    expect(mock.log.filter(({ status }) => status === 429)).toHaveLength(1)
    // Before that the client gives the same answer again without a request.
    await advance(MINUTE)
    expect((await auth.refreshSession()).error).toBeNull()
  })
})

describe('setSession', () => {
  test('takes over a session from elsewhere', async () => {
    const { session, open, shelf } = await signedIn()
    shelf.clear()
    const { auth } = open()
    const { data, error } = await auth.setSession(session)
    expect(error).toBeNull()
    expect(data.user?.email).toBe(ada.email)
  })

  test('renews one that has run out', async () => {
    const { session, open, shelf, advance, mock } = await signedIn()
    shelf.clear()
    await advance(2 * HOUR)
    const { auth } = open()
    const { data, error } = await auth.setSession(session)
    expect(error).toBeNull()
    expect(data.session?.refresh_token).not.toBe(session.refresh_token)
    expect(mock.count('refresh')).toBe(1)
  })
})
