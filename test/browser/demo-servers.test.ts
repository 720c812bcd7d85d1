import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import {
  accessToken,
  ada,
  browsers,
  eventNames,
  events,
  eventually,
  grace,
  held,
  many,
  openTab,
  openTabs,
  serveDemo,
  serveMock,
  sessionId,
  shown,
  showsUser,
  signedInOnce,
  signIn,
  signInAll,
  sleepAndSend,
  statuses,
  withBrowser,
} from './harness.ts'

withBrowser()

test('100 parallel requests with an expired token make 1 refresh and are sent once each', async ({ annotate }) => {
  const site = await serveDemo()
  const { tab, errors } = await openTab(site.url)
  await signIn(tab)
  const old = await accessToken(tab)
  // The server would answer 401 to the old token, were it ever sent.
  site.mock.admin.expireAccessTokens()
  const outcomes = await sleepAndSend([tab], '/ping', 100)
  expect(statuses(outcomes)).toEqual({ 200: 100 })
  const pings = site.hitsOf('/api/ping')
  expect(new Set(pings.map(({ url }) => url)).size).toBe(100)
  expect(pings).toHaveLength(100)
  expect(statuses(pings)).toEqual({ 200: 100 })
  expect(new Set(pings.map(({ bearer }) => bearer))).toEqual(new Set([await accessToken(tab)]))
  expect(site.hits.some(({ bearer }) => bearer === old)).toBe(false)
  expect(site.mock.count('refresh')).toBe(1)
  expect(await events(tab)).toEqual([
    { name: 'signed_in', code: null, reason: null, by: 'this_tab' },
    { name: 'refreshed', code: null, reason: null, by: 'this_tab' },
  ])
  expect(errors).toEqual([])
  await annotate(`expired: ${site.mock.count('refresh')} refresh, ${pings.length} requests, ${outcomes.length} answers`)
})

test('100 parallel requests with a token the server no longer takes make 1 refresh and 200 requests', async ({
  annotate,
}) => {
  const site = await serveDemo()
  const { tab, errors } = await openTab(site.url)
  await signIn(tab)
  const old = await accessToken(tab)
  site.mock.admin.expireAccessTokens()
  const outcomes = await many(tab, '/ping', 100)
  expect(statuses(outcomes)).toEqual({ 200: 100 })
  const pings = site.hitsOf('/api/ping')
  expect(statuses(pings)).toEqual({ 200: 100, 401: 100 })
  expect(pings.filter(({ bearer }) => bearer === old)).toHaveLength(100)
  expect(new Set(pings.map(({ url }) => url)).size).toBe(100)
  expect(site.mock.count('refresh')).toBe(1)
  expect(errors).toEqual([])
  await annotate(`revoked: ${site.mock.count('refresh')} refresh, ${pings.length} requests, ${outcomes.length} answers`)
})

test('where every answer is 401, 50 parallel requests make at most 1 refresh and sign nobody out', async ({
  annotate,
}) => {
  const site = await serveMock()
  const { tab } = await openTab(site.url)
  await signIn(tab)
  const outcomes = await many(tab, '/always-401', 50)
  expect(statuses(outcomes)).toEqual({ 401: 50 })
  const again = await many(tab, '/always-401', 50)
  expect(statuses(again)).toEqual({ 401: 50 })
  expect(site.mock.count('refresh')).toBe(1)
  await showsUser(tab, ada.email)
  await annotate(`always 401: ${site.mock.count('refresh')} refresh, ${site.hitsOf('/api/always-401').length} requests`)
})

describe.each(browsers)('20 tabs, strict rotation, $cookies', ({ cookies, init }) => {
  test('waking with expired tokens, they make 1 refresh and nobody is signed out', async ({ annotate }) => {
    const site = await serveMock({ profile: 'strict', tokenLifetime: 600 })
    const { pages, errors } = await openTabs(site.url, 20, init)
    await signInAll(pages)
    expect(await held(pages)).toEqual(signedInOnce)
    site.mock.admin.expireAccessTokens()
    const outcomes = await sleepAndSend(pages, '/echo', 5)
    expect(statuses(outcomes)).toEqual({ 200: 100 })
    expect(site.mock.count('refresh')).toBe(1)
    expect(statuses(site.hitsOf('/api/echo'))).toEqual({ 200: 100 })
    expect(await held(pages)).toEqual(signedInOnce)
    const told = (await Promise.all(pages.map(events))).flat()
    expect(told.filter(({ name, by }) => name === 'refreshed' && by === 'this_tab')).toHaveLength(1)
    expect(told.filter(({ name, by }) => name === 'refreshed' && by === 'other_tab')).toHaveLength(19)
    expect(told.filter(({ name }) => name === 'signed_in')).toHaveLength(20)
    expect(told).toHaveLength(40)
    expect(errors).toEqual([])
    await annotate(`20 tabs asleep, ${cookies}: ${site.mock.count('refresh')} refresh, ${outcomes.length} answers`)
  })

  test('loading at once with only the refresh cookie left, they make 1 refresh', async ({ annotate }) => {
    const site = await serveMock({ profile: 'strict' })
    const { context, open, pages, errors } = await openTabs(site.url, 1, init)
    const [first] = pages as [Page]
    await signIn(first)
    await first.close()
    await context.clearCookies({ name: 'auth-token' })
    const tabs = await open(20)
    await Promise.all(tabs.map((tab) => showsUser(tab, ada.email)))
    expect(site.mock.count('refresh')).toBe(1)
    expect(await held(tabs)).toEqual(signedInOnce)
    expect((await Promise.all(tabs.map(shown))).flat()).not.toContain('unauthenticated')
    expect(errors).toEqual([])
    await annotate(`20 tabs loading, ${cookies}: ${site.mock.count('refresh')} refresh`)
  })
})

test.for(browsers)(
  'sign-in, user switch and sign-out are in the state and the view of another tab within 200 ms of a bare message, $cookies',
  async ({ cookies, init }, { annotate }) => {
    const site = await serveDemo()
    const { pages, errors } = await openTabs(site.url, 2, init)
    const [here, there] = pages as [Page, Page]
    await there.evaluate(() => {
      const bare = new BroadcastChannel('bare messages of the test')
      bare.onmessage = () => document.body.setAttribute('data-bare', String(window.kit.clock()))
    })
    /** Signs in, or out without `who`. Resolves with the moment at which this tab knew, and sent a bare message. */
    const change = (who: typeof ada | null) =>
      here.evaluate(async (credentials) => {
        let at = 0
        const bare = new BroadcastChannel('bare messages of the test')
        const stop = window.kit.auth.subscribe(() => {
          if (at) return
          at = window.kit.clock()
          bare.postMessage(null)
        })
        await (credentials ? window.kit.auth.signIn(credentials) : window.kit.auth.signOut())
        stop()
        bare.close()
        return at
      }, who)
    /** When a bare message that was sent after `since` was there: what a message takes on this machine at this moment. */
    const bareArrival = async (since: number) => {
      let at = 0
      await eventually(async () => {
        at = Number(await there.getAttribute('body', 'data-bare'))
        expect(at).toBeGreaterThanOrEqual(since)
      })
      return at
    }
    const took: Record<string, number[]> = { 'sign-in': [], 'user switch': [], 'sign-out': [] }
    for (let round = 0; round < 5; round++) {
      for (const [what, who] of [
        ['sign-in', ada],
        ['user switch', grace],
        ['sign-out', null],
      ] as const) {
        const email = who?.email ?? null
        const since = await change(who)
        await showsUser(there, email)
        const bare = await bareArrival(since)
        const [state, view] = await there.evaluate(
          ([email, since]) =>
            [window.kit.states, window.kit.views].map(
              // Storage is written before this tab tells its own subscribers: with cookie events the other may be first.
              (list) => (list.filter((seen) => seen.email === email).at(-1)?.at ?? Infinity) - since,
            ) as [number, number],
          [email, since] as const,
        )
        expect(since + state - bare, `${what}, state`).toBeLessThan(200)
        expect(since + view - bare, `${what}, view`).toBeLessThan(200)
        took[what]?.push(Math.round(view))
      }
      await there.waitForFunction(() => {
        const state = window.kit.auth.getState()
        return state.status === 'unauthenticated' && state.reason === 'other_tab'
      })
    }
    expect(await eventNames(there)).toEqual(
      Array.from({ length: 5 }, () => ['signed_in', 'signed_in', 'signed_out']).flat(),
    )
    expect(site.mock.count('refresh')).toBe(0)
    expect(errors).toEqual([])
    const figures = Object.entries(took).map(([what, ms]) => `${what} ${ms.join(', ')} ms`)
    await annotate(`in the view of the other tab, ${cookies}, after: ${figures.join('; ')}`)
  },
)

test.for(browsers)(
  'after a user switch no tab shows one person and holds the token of another, $cookies',
  async ({ init }) => {
    const site = await serveDemo()
    const { pages } = await openTabs(site.url, 3, init)
    const [here, ...others] = pages as [Page, Page, Page]
    const seen = (tab: Page) =>
      tab.evaluate(async () => {
        const token = (await window.kit.auth.getAccessToken()) ?? '..'
        const { email } = JSON.parse(atob(token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''))
        return [window.kit.auth.getState().user?.email, document.querySelector('#user')?.textContent, email]
      })
    for (let round = 0; round < 8; round++) {
      const who = round % 2 ? grace : ada
      await signIn(here, who)
      for (const tab of others) {
        await eventually(async () => expect(await seen(tab)).toEqual([who.email, who.email, who.email]))
      }
      expect(await held(pages)).toEqual(signedInOnce)
    }
  },
)

test.for(browsers)(
  'the other tab is told why: signed out in another tab, not cookies deleted, $cookies',
  async ({ init }) => {
    const site = await serveDemo()
    const { pages } = await openTabs(site.url, 2, init)
    const [here, there] = pages as [Page, Page]
    for (let round = 0; round < 5; round++) {
      await signIn(here)
      await showsUser(there, ada.email)
      await here.evaluate(() => window.kit.auth.signOut())
      await showsUser(there, null)
    }
    const reasons = (await events(there)).filter(({ name }) => name === 'signed_out').map(({ reason }) => reason)
    expect(reasons).toEqual(Array.from({ length: 5 }, () => 'other_tab'))
  },
)

test('a wrong password reaches the caller in the words of the server, without refresh or navigation', async () => {
  const site = await serveDemo()
  const { tab } = await openTab(site.url)
  let navigations = 0
  tab.on('framenavigated', () => navigations++)
  const error = await tab.evaluate(() =>
    window.kit.auth
      .signIn({ email: 'ada@example.test', password: 'wrong' })
      .then(() => null)
      .catch(({ code, message, status }) => ({ code, message, status })),
  )
  expect(error).toEqual({ code: 'credentials_rejected', message: 'Invalid email or password', status: 401 })
  expect(site.hits.map(({ url }) => url)).toEqual(['/api/auth/login'])
  expect(site.mock.count('refresh')).toBe(0)
  expect(navigations).toBe(0)
  expect(await events(tab)).toEqual([])
  expect(await tab.getAttribute('main', 'data-status')).toBe('unauthenticated')
})

test('nor does a wrong password touch the session that is there', async () => {
  const site = await serveDemo()
  const { tab } = await openTab(site.url)
  await signIn(tab)
  const before = await sessionId(tab)
  const code = await tab.evaluate(() =>
    window.kit.auth
      .signIn({ email: 'grace@example.test', password: 'wrong' })
      .then(() => null)
      .catch(({ code }) => code),
  )
  expect(code).toBe('credentials_rejected')
  await showsUser(tab, ada.email)
  expect(await sessionId(tab)).toBe(before)
  expect(statuses(await many(tab, '/ping', 1))).toEqual({ 200: 1 })
  expect(site.mock.count('refresh')).toBe(0)
})
