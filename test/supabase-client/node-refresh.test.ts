import { AuthApiError, AuthSessionMissingError } from '@supabase/supabase-js'
import { describe, expect, test } from 'vitest'
import { ada, apiError, HOUR, MINUTE, SECOND, signedIn } from './client.ts'

const lenient = ['hosted', 'default', 'v2'] as const
const all = [...lenient, 'strict'] as const

describe.each(all)('auto refresh, profile %s', (profile) => {
  test('a session of an hour is renewed before its end, once, and the client tells', async () => {
    const { advance, mock, events, stored, session } = await signedIn({ profile }, { autoRefreshToken: true })
    await advance(57 * MINUTE)
    expect(mock.count('refresh')).toBe(0)
    await advance(2 * MINUTE)
    expect(mock.count('refresh')).toBe(1)
    expect(events).toEqual(['INITIAL_SESSION', 'SIGNED_IN', 'TOKEN_REFRESHED'])
    expect(stored()?.refresh_token).not.toBe(session.refresh_token)
  })

  test('a client that slept past the expiry renews when it is asked for the session', async () => {
    const { auth, advance, mock, stored } = await signedIn({ profile })
    await advance(3 * HOUR)
    const { data, error } = await auth.getSession()
    expect(error).toBeNull()
    expect(data.session?.access_token).toBe(stored()?.access_token)
    expect((await auth.getUser()).data.user?.email).toBe(ada.email)
    expect(mock.count('refresh')).toBe(1)
  })

  test('ten callers at once share one refresh', async () => {
    const { auth, advance, mock } = await signedIn({ profile })
    await advance(2 * HOUR)
    const sessions = await Promise.all(Array.from({ length: 10 }, () => auth.getSession()))
    expect(new Set(sessions.map(({ data }) => data.session?.access_token)).size).toBe(1)
    expect(mock.count('refresh')).toBe(1)
  })
})

describe.each(lenient)('two clients with one storage, profile %s', (profile) => {
  test('both refresh at the same moment: both are left with the live token', async () => {
    const { advance, open, mock, auth, stored } = await signedIn({ profile })
    const other = open()
    await advance(2 * HOUR)
    await Promise.all([auth.refreshSession(), other.auth.refreshSession()])
    expect(mock.count('refresh')).toBeGreaterThanOrEqual(2)
    expect(mock.admin.currentRefreshToken(mock.admin.sessions()[0]?.id ?? '')).toBe(stored()?.refresh_token)
    for (const each of [auth, other.auth]) expect((await each.getUser()).data.user?.email).toBe(ada.email)
  })

  test('for a day both renew by themselves, and nobody is signed out', async () => {
    const { advance, open, auth, events, mock } = await signedIn({ profile }, { autoRefreshToken: true })
    const other = open({ autoRefreshToken: true })
    await advance(24 * HOUR)
    for (const each of [auth, other.auth]) expect((await each.getUser()).data.user?.email).toBe(ada.email)
    expect([...events, ...other.events]).not.toContain('SIGNED_OUT')
    expect(mock.log.filter(({ verdict }) => verdict === 'refused')).toEqual([])
  })
})

describe('a spent token', () => {
  test.each(lenient)('%s: the parent of the live token is as good as the live token', async (profile) => {
    const { auth, session, stored, advance } = await signedIn({ profile })
    await auth.refreshSession()
    const live = stored()?.refresh_token
    await advance(MINUTE)
    const { data, error } = await auth.refreshSession({ refresh_token: session.refresh_token })
    expect(error).toBeNull()
    expect(data.session?.refresh_token).toBe(live)
  })

  test('hosted: within ten seconds an older one is good, too', async () => {
    const { auth, session, advance } = await signedIn({ profile: 'hosted' })
    await auth.refreshSession()
    await auth.refreshSession()
    await advance(9 * SECOND)
    expect((await auth.refreshSession({ refresh_token: session.refresh_token })).error).toBeNull()
  })

  test('hosted: after that it is refused; the session is kept while the access token is fresh', async () => {
    const { auth, session, advance, stored, events } = await signedIn({ profile: 'hosted' })
    await auth.refreshSession()
    await auth.refreshSession()
    await advance(11 * SECOND)
    const { error } = await auth.refreshSession({ refresh_token: session.refresh_token })
    expect(error).toBeInstanceOf(AuthApiError)
    expect(error).toMatchObject({
      ...apiError(400, 'refresh_token_already_used'),
      message: 'Invalid Refresh Token: Already Used',
    })
    expect(stored()).not.toBeNull()
    expect(events).not.toContain('SIGNED_OUT')
    expect((await auth.getUser()).error).toBeNull()
  })

  test('v2: after that it is refused, and the session is gone', async () => {
    const { auth, session, advance, stored } = await signedIn({ profile: 'v2' })
    await auth.refreshSession()
    await auth.refreshSession()
    await advance(11 * SECOND)
    const { error } = await auth.refreshSession({ refresh_token: session.refresh_token })
    expect(error).toMatchObject(apiError(400, 'refresh_token_already_used'))
    expect((await auth.getUser()).error).toBeInstanceOf(AuthSessionMissingError)
    expect(stored()).toBeNull()
  })

  test('strict: even the parent is refused, and the session is gone', async () => {
    const { auth, session } = await signedIn({ profile: 'strict' })
    await auth.refreshSession()
    const { error } = await auth.refreshSession({ refresh_token: session.refresh_token })
    expect(error).toMatchObject(apiError(400, 'refresh_token_already_used'))
    expect((await auth.getUser()).error).toBeInstanceOf(AuthSessionMissingError)
  })

  test('a token in no form at all is not valid', async () => {
    const { auth } = await signedIn()
    const { error } = await auth.refreshSession({ refresh_token: 'invalid-token' })
    expect(error).toMatchObject({ ...apiError(400, 'validation_failed'), message: 'Refresh token is not valid' })
  })

  test('once the access token has run out, a refusal signs out', async () => {
    const { auth, advance, mock, stored, events } = await signedIn({}, { autoRefreshToken: true })
    mock.admin.revokeSessions()
    await advance(HOUR + MINUTE)
    expect(events.at(-1)).toBe('SIGNED_OUT')
    expect(stored()).toBeNull()
    expect((await auth.getSession()).data.session).toBeNull()
  })
})
