import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { skipped } from '../../scripts/browsers.mjs'
import {
  accessToken,
  ada,
  type Engine,
  eventNames,
  events,
  eventually,
  type FreshBrowser,
  fallAsleep,
  grace,
  held,
  leavePage,
  lockHolder,
  many,
  serveMock,
  sessionId,
  shown,
  showsUser,
  signedInOnce,
  signIn,
  signInAll,
  sleepAndSend,
  statuses,
  verdicts,
  withPage,
} from './harness.ts'

/** What differs between browsers: the table in README.md. */
export interface Traits {
  readonly cookieStore: boolean
  /** A value of more than 4096 bytes is stored. */
  readonly largeCookie: boolean
  /** The page is kept while it is left, and comes back as it was. */
  readonly backForwardCache: boolean
  /** How often a scenario that fails is run again: what the README says of the browser's own slips. */
  readonly retries: number
}

/** How long (ms) a tab waits for a lock that is not given back. */
const WAIT_FOR_LOCK = 11_000

/** Runs the core scenarios in a browser: those that every app depends on, in every engine there is. */
export function engineScenarios(engine: Engine, traits: Traits): void {
  describe.skipIf(skipped().includes(engine.name))(engine.name, { retry: traits.retries }, () => {
    withPage()
    beforeAll(engine.start)
    afterAll(engine.stop)

    async function oneTab(options: Parameters<typeof serveMock>[0] = {}) {
      const site = await serveMock({ profile: 'strict', tokenLifetime: 600, users: [ada, grace], ...options })
      const browser = await engine.fresh(site.url)
      return { site, browser, tab: await browser.open() }
    }

    async function twoTabs(options: Parameters<typeof serveMock>[0] = {}) {
      const start = await oneTab(options)
      const other = await start.browser.open()
      const tabs = [start.tab, other] as const
      await signInAll(tabs)
      return { ...start, other, tabs }
    }

    test('has what the README says', async () => {
      const { tab } = await oneTab()
      const seen = await tab.evaluate(() => {
        // biome-ignore lint/suspicious/noDocumentCookie: what becomes of it is the question.
        document.cookie = `large=${'x'.repeat(5_000)}; Max-Age=60`
        return {
          secure: window.isSecureContext,
          locks: 'locks' in navigator,
          channel: 'BroadcastChannel' in window,
          cookieStore: 'cookieStore' in window,
          largeCookie: document.cookie.includes('large='),
        }
      })
      const { cookieStore, largeCookie } = traits
      expect(seen).toEqual({ secure: true, locks: true, channel: true, cookieStore, largeCookie })
    })

    test('sign-in, reload, sign-out: the cookies are read back, the reload asks nothing, nothing is left', async () => {
      const { site, browser, tab } = await oneTab()
      await signIn(tab)
      await showsUser(tab, ada.email)
      const before = [await sessionId(tab), await accessToken(tab)]
      await expectCookies(browser)
      const requests = site.hits.length
      await tab.reload()
      await showsUser(tab, ada.email)
      expect([await sessionId(tab), await accessToken(tab)]).toEqual(before)
      expect(await shown(tab)).toEqual(['authenticated'])
      expect(site.hits.length).toBe(requests)
      expect(await tab.evaluate(() => window.kit.auth.signOut())).toEqual({ revoked: true })
      await showsUser(tab, null)
      expect((await browser.cookies()).map(({ name }) => name)).toEqual(['auth-session'])
      await tab.reload()
      await showsUser(tab, null)
    })

    test('20 requests with an expired token make 1 refresh, and are sent once each', async () => {
      const { site, tab } = await oneTab()
      await signIn(tab)
      site.mock.admin.expireAccessTokens()
      expect(statuses(await sleepAndSend([tab], '/echo', 20))).toEqual({ 200: 20 })
      expect(statuses(site.hitsOf('/api/echo'))).toEqual({ 200: 20 })
      expect(verdicts(site)).toEqual(['rotated'])
    })

    test('20 requests with a token that the server refuses make 1 refresh, and are repeated once each', async () => {
      const { site, tab } = await oneTab()
      await signIn(tab)
      site.mock.admin.expireAccessTokens()
      expect(statuses(await many(tab, '/echo', 20))).toEqual({ 200: 20 })
      expect(statuses(site.hitsOf('/api/echo'))).toEqual({ 200: 20, 401: 20 })
      expect(verdicts(site)).toEqual(['rotated'])
    })

    test('two tabs wake with an expired token: 1 refresh at a strict server, and the other tab adopts', async () => {
      const { site, tabs } = await twoTabs()
      site.mock.admin.expireAccessTokens()
      const outcomes = await sleepAndSend(tabs, '/echo', 5)
      expect(statuses(outcomes)).toEqual({ 200: 10 })
      expect(verdicts(site)).toEqual(['rotated'])
      expect(await held(tabs)).toEqual(signedInOnce)
      const told = (await Promise.all(tabs.map(events))).flat().filter(({ name }) => name === 'refreshed')
      expect(told.map(({ by }) => by).sort()).toEqual(['other_tab', 'this_tab'])
      expect(await eventNames(...tabs)).not.toContain('signed_out')
    })

    // A lock and a cookie reach another tab by different ways: the lock may be there first.
    test('20 times in a row two tabs want a new token at once: 20 refreshes, and no token is spent twice', async () => {
      const { site, tabs } = await twoTabs()
      for (let round = 1; round <= 20; round++) {
        // The tokens of the last round shall be older than a second.
        const wake = await fallAsleep(tabs, '/echo', 1, 2_000)
        site.mock.admin.expireAccessTokens()
        const outcomes = (await Promise.all(wake())).flat()
        expect(verdicts(site)).toEqual(Array(round).fill('rotated'))
        expect(statuses(outcomes)).toEqual({ 200: 2 })
      }
      expect(await eventNames(...tabs)).not.toContain('signed_out')
    })

    test('sign-in, user switch and sign-out reach the other tab, with the reason', async () => {
      const { tab, other, tabs } = await twoTabs()
      await signIn(tab, grace)
      await showsUser(other, grace.email)
      await eventually(async () => expect(await held(tabs)).toEqual(signedInOnce))
      await tab.evaluate(() => window.kit.auth.signOut())
      await showsUser(other, null)
      const end = (await events(other)).find(({ name }) => name === 'signed_out')
      expect(end?.reason).toBe('other_tab')
    })

    test('a tab that is closed during its refresh gives the lock back, and the other tab refreshes', async () => {
      const { site, tab, other, tabs } = await twoTabs()
      site.mock.admin.expireAccessTokens()
      site.mock.faults.next('refresh', { type: 'latency', ms: 60_000, before: true })
      void many(tab, '/echo', 1).catch(() => {})
      expect(await lockHolder(tabs)).toBe(tab)
      await eventually(() => expect(verdicts(site)).toEqual([null]))
      const requests = many(other, '/echo', 2)
      await tab.close()
      const outcomes = await requests
      expect(statuses(outcomes)).toEqual({ 200: 2 })
      for (const { took } of outcomes) expect(took).toBeLessThan(WAIT_FOR_LOCK)
      expect(verdicts(site)).toEqual([null, 'rotated'])
    })

    test('a token and a user that are too large for a cookie survive a reload', async () => {
      const data = { about: 'Lorem ipsum dolor sit amet. '.repeat(146), name: `Zoë "Quote"; 日本語 🔑 100 %` }
      const { browser, tab } = await oneTab({ users: [{ ...ada, data }] })
      await signIn(tab)
      const token = await accessToken(tab)
      expect(token?.length).toBeGreaterThan(6_144)
      for (const { name, value } of await browser.cookies())
        expect(name.length + value.length).toBeLessThanOrEqual(4_096)
      await tab.reload()
      await showsUser(tab, ada.email)
      expect(await accessToken(tab)).toBe(token)
      expect(await tab.evaluate(() => window.kit.auth.getState().user?.user_metadata)).toEqual(data)
      expect(statuses(await many(tab, '/echo', 2))).toEqual({ 200: 2 })
    })

    test('left during a refresh: the other tab has the lock at once, and nobody is signed out where the server allows it', async () => {
      const { site, tab, other, tabs } = await twoTabs({ profile: 'hosted' })
      site.mock.admin.expireAccessTokens()
      site.mock.faults.next('refresh', { type: 'latency', ms: 60_000 })
      void many(tab, '/echo', 1).catch(() => {})
      await eventually(() => expect(verdicts(site)).toEqual(['rotated']))
      const back = await leavePage(tab, '/api/public')
      const outcomes = await many(other, '/echo', 2)
      expect(statuses(outcomes)).toEqual({ 200: 2 })
      for (const { took } of outcomes) expect(took).toBeLessThan(WAIT_FOR_LOCK)
      await back()
      expect(statuses(await many(tab, '/echo', 2))).toEqual({ 200: 2 })
      expect(await held(tabs)).toEqual(signedInOnce)
      expect(verdicts(site)).toEqual(['rotated', 'reused'])
      expect(await eventNames(...tabs)).not.toContain('signed_out')
    })

    test('back to the page: it goes on where it was, and shows nobody when another tab has signed out meanwhile', async () => {
      const { site, tab, other, tabs } = await twoTabs()
      const back = await leavePage(tab, '/api/public')
      expect((await back()).restored).toBe(traits.backForwardCache)
      await showsUser(tab, ada.email)
      expect(await held(tabs)).toEqual(signedInOnce)
      const again = await leavePage(tab, '/api/public')
      await other.evaluate(() => window.kit.auth.signOut())
      await again()
      await showsUser(tab, null)
      expect(site.mock.count('refresh')).toBe(0)
    })
  })
}

async function expectCookies(browser: FreshBrowser): Promise<void> {
  const cookies = await browser.cookies()
  expect(cookies.map(({ name }) => name).sort()).toEqual(['auth-session', 'auth-token', 'refresh-token'])
  const now = Date.now() / 1000
  for (const { path, domain, sameSite, expires } of cookies) {
    expect({ path, domain, sameSite }).toEqual({ path: '/', domain: '127.0.0.1', sameSite: 'Strict' })
    expect(expires).toBeGreaterThan(now + 500)
  }
}
