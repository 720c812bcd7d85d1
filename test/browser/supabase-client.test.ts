import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { ada, grace, withBrowser } from './harness.ts'
import { HOUR, MINUTE, openSite, type SupabaseSite, withSupabasePage } from './supabase-harness.ts'

withBrowser()
withSupabasePage()

const lenient = ['hosted', 'default', 'v2'] as const

const signIn = (tab: Page) =>
  tab.evaluate((credentials) => window.official.failure((auth) => auth.signInWithPassword(credentials)), ada)
const user = (tab: Page) => tab.evaluate(() => window.official.user())
const stored = (tab: Page) => tab.evaluate(() => window.official.stored())
const events = (tab: Page) => tab.evaluate(() => window.official.events)

/** A site with some tabs, the first of which has signed in. */
async function signedIn(options: Parameters<typeof openSite>[0] = {}, count = 1) {
  const site = await openSite(options)
  const tabs = await site.open(count)
  const [tab] = tabs as [Page]
  expect(await signIn(tab)).toBeNull()
  return { ...site, tabs, tab }
}

/** Nobody has been signed out, nothing was refused, and every tab has a session that the server knows. */
async function expectEverybody({ mock, errors }: SupabaseSite, tabs: readonly Page[]) {
  for (const tab of tabs) {
    expect(await user(tab)).toBe(ada.email)
    expect(await events(tab)).not.toContain('SIGNED_OUT')
  }
  expect(mock.log.filter(({ verdict }) => verdict === 'refused')).toEqual([])
  expect(errors).toEqual([])
}

describe('one tab, on another origin than the server', () => {
  test('signs up, is asked for by preflights, and stores the session where the client looks for it', async () => {
    const { open, mock } = await openSite()
    const [tab] = (await open(1)) as [Page]
    expect(await tab.evaluate((who) => window.official.failure((auth) => auth.signUp(who)), grace)).toBeNull()
    expect(await user(tab)).toBe(grace.email)
    expect(await events(tab)).toEqual(['INITIAL_SESSION', 'SIGNED_IN'])
    expect(mock.count('preflight')).toBeGreaterThan(0)
    await tab.reload()
    expect(await user(tab)).toBe(grace.email)
  })

  test('reads error codes through CORS: wrong password, weak password, somebody else’s address', async () => {
    const { open } = await openSite()
    const [tab] = (await open(1)) as [Page]
    const seen = await tab.evaluate(async (who) => {
      const { failure } = window.official
      return [
        await failure((auth) => auth.signInWithPassword({ ...who, password: 'wrong' })),
        await failure((auth) => auth.signUp({ email: 'new@example.test', password: '123' })),
        await failure((auth) => auth.signUp(who)),
      ]
    }, ada)
    expect(seen).toMatchObject([
      { name: 'AuthApiError', status: 400, code: 'invalid_credentials', message: 'Invalid login credentials' },
      { name: 'AuthWeakPasswordError', status: 422, code: 'weak_password', reasons: ['length'] },
      { name: 'AuthApiError', status: 422, code: 'user_already_exists' },
    ])
  })

  test('changes the user', async () => {
    const { tab } = await signedIn()
    const data = await tab.evaluate(
      async () => (await window.official.client.auth.updateUser({ data: { theme: 'dark' } })).data.user?.user_metadata,
    )
    expect(data).toMatchObject({ theme: 'dark' })
    expect(await events(tab)).toContain('USER_UPDATED')
    expect(
      await tab.evaluate((who) => window.official.failure((auth) => auth.updateUser({ password: who.password })), ada),
    ).toMatchObject({ name: 'AuthApiError', status: 422, code: 'same_password' })
  })

  test('is anonymous, and becomes permanent', async () => {
    const { open } = await openSite({ anonymousSignIns: true })
    const [tab] = (await open(1)) as [Page]
    const seen = await tab.evaluate(async (email) => {
      const { auth } = window.official.client
      const before = (await auth.signInAnonymously()).data.user
      const after = (await auth.updateUser({ email })).data.user
      return [before?.is_anonymous, after?.is_anonymous, after?.email, before?.id === after?.id]
    }, grace.email)
    expect(seen).toEqual([true, false, grace.email, true])
  })

  test.each(['hosted', 'default', 'v2', 'strict'] as const)(
    '%s: renews across the expiry by itself',
    async (profile) => {
      const site = await signedIn({ profile })
      const before = await stored(site.tab)
      await site.advance(57 * MINUTE)
      expect(site.mock.count('refresh')).toBe(0)
      await site.advance(5 * MINUTE)
      expect(site.mock.count('refresh')).toBe(1)
      expect((await stored(site.tab))?.access_token).not.toBe(before?.access_token)
      expect(await events(site.tab)).toContain('TOKEN_REFRESHED')
      await expectEverybody(site, site.tabs)
    },
  )

  test('with a spent token: forgiven at first, then refused with the code that says so', async () => {
    const { tab, advance } = await signedIn()
    const token = (await stored(tab))?.refresh_token ?? ''
    const refresh = () =>
      tab.evaluate((refresh_token) => window.official.failure((auth) => auth.refreshSession({ refresh_token })), token)
    expect(await refresh()).toBeNull()
    expect(await refresh()).toBeNull()
    expect(await tab.evaluate(() => window.official.failure((auth) => auth.refreshSession()))).toBeNull()
    await advance(11_000)
    expect(await refresh()).toMatchObject({
      name: 'AuthApiError',
      status: 400,
      code: 'refresh_token_already_used',
      message: 'Invalid Refresh Token: Already Used',
    })
    expect(await user(tab)).toBe(ada.email)
  })

  test('offline: a retryable error without a status, and the session is kept', async () => {
    const { tab, context } = await signedIn()
    await context.setOffline(true)
    const failure = await tab.evaluate(() => window.official.failure((auth) => auth.getUser()))
    expect(failure).toMatchObject({ name: 'AuthRetryableFetchError', status: 0 })
    await context.setOffline(false)
    expect(await user(tab)).toBe(ada.email)
  })

  test('a session that has ended elsewhere: AuthSessionMissingError, and signed out here', async () => {
    const { tab, mock } = await signedIn()
    mock.admin.revokeSessions()
    const failure = await tab.evaluate(() => window.official.failure((auth) => auth.getUser()))
    expect(failure).toMatchObject({ name: 'AuthSessionMissingError', status: 400 })
    expect(await stored(tab)).toBeNull()
    expect((await events(tab)).at(-1)).toBe('SIGNED_OUT')
  })
})

describe('two tabs of one browser', () => {
  test.each(lenient)('%s: both renew by themselves for four hours, and nobody is signed out', async (profile) => {
    const site = await signedIn({ profile }, 2)
    await site.advance(4 * HOUR)
    await expectEverybody(site, site.tabs)
    const { id = '' } = site.mock.admin.sessions()[0] ?? {}
    expect((await stored(site.tab))?.refresh_token).toBe(site.mock.admin.currentRefreshToken(id))
  })

  test.each(lenient)('%s: both refresh at the same moment', async (profile) => {
    const site = await signedIn({ profile }, 2)
    const refresh = (tab: Page) => tab.evaluate(() => window.official.failure((auth) => auth.refreshSession()))
    const failures = await Promise.all(site.tabs.map(refresh))
    // The tab that comes second finds that storage has changed, and says that its own tokens were dropped.
    for (const failure of failures) if (failure) expect(failure).toMatchObject({ name: 'AuthRefreshDiscardedError' })
    await expectEverybody(site, site.tabs)
  })

  test('the other tab learns of the sign-in and of the sign-out', async () => {
    const { tabs, tab } = await signedIn({}, 2)
    const [, other] = tabs as [Page, Page]
    await other.waitForFunction(() => window.official.events.includes('SIGNED_IN'), null, { polling: 50 })
    expect(await tab.evaluate(() => window.official.failure((auth) => auth.signOut()))).toBeNull()
    await other.waitForFunction(() => window.official.events.includes('SIGNED_OUT'), null, { polling: 50 })
    expect(await user(other)).toBeNull()
  })

  test.each([
    ['global', null, [false, false]],
    ['local', null, [false, true]],
    ['others', ada.email, [true, false]],
  ] as const)('signing out with scope %s leaves %s, and of two devices %j', async (scope, left, live) => {
    const { tab, mock } = await signedIn()
    // Another device of the same user.
    const body = JSON.stringify(ada)
    const answer = await mock.fetch('/auth/v1/token?grant_type=password', { method: 'POST', body })
    expect(answer.status).toBe(200)
    expect(await tab.evaluate((scope) => window.official.failure((auth) => auth.signOut({ scope })), scope)).toBeNull()
    expect(await user(tab)).toBe(left)
    expect(mock.admin.sessions().map((session) => session.live)).toEqual(live)
  })
})

describe('from supabase-js to Keyturn', () => {
  test('24 hours of supabase-js, then the same session in Keyturn, without a sign-in between', async () => {
    const site = await signedIn()
    await site.advance(24 * HOUR)
    await expectEverybody(site, site.tabs)
    const { tab, mock } = site
    const before = await stored(tab)

    await site.goToKeyturn(tab)
    expect(await tab.evaluate(() => window.keyturn.moved)).toBe('moved')
    const state = () =>
      tab.evaluate(() => {
        const { status, user } = window.keyturn.auth.getState()
        return { status, email: user?.email }
      })
    expect(await state()).toEqual({ status: 'authenticated', email: ada.email })
    expect(await tab.evaluate(() => window.keyturn.auth.getAccessToken())).toBe(before?.access_token)
    expect(await tab.evaluate(() => Object.keys(localStorage).filter((key) => /auth-token$/.test(key)))).toEqual([])

    const renewals = mock.count('refresh')
    await site.advance(6 * HOUR)
    expect(await state()).toEqual({ status: 'authenticated', email: ada.email })
    expect(mock.count('refresh') - renewals).toBeGreaterThanOrEqual(6)
    expect(mock.log.filter(({ verdict }) => verdict === 'refused')).toEqual([])
    expect(mock.count('sign_in')).toBe(1)
    expect(mock.admin.sessions()).toHaveLength(1)
    expect(site.errors).toEqual([])
  })
})
