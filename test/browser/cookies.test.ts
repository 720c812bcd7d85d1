import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import {
  accessToken,
  ada,
  eventNames,
  eventually,
  grace,
  many,
  openTab,
  openTabs,
  refreshPath,
  serveDemo,
  serveMock,
  sessionId,
  shown,
  showsUser,
  signIn,
  statuses,
  verdicts,
  withBrowser,
} from './harness.ts'

withBrowser({ concurrent: true })

const DAY = 86_400

/** Signs in as somebody with this data, reloads, and looks at what is left. */
async function throughReload(data: Record<string, unknown>, before?: (tab: Page) => Promise<unknown>) {
  const site = await serveMock({ users: [{ ...ada, data }] })
  const { tab, context, errors } = await openTab(site.url)
  await signIn(tab)
  const read = async () => ({
    token: await accessToken(tab),
    id: await sessionId(tab),
    user: await tab.evaluate(() => window.kit.auth.getState().user),
  })
  const first = await read()
  await before?.(tab)
  await tab.reload()
  await showsUser(tab, ada.email)
  expect(await read()).toEqual(first)
  expect(first.user?.user_metadata).toEqual(data)
  expect(await shown(tab)).toEqual(['authenticated'])
  expect(statuses(await many(tab, '/echo', 2))).toEqual({ 200: 2 })
  expect(site.mock.count('refresh')).toBe(0)
  expect(errors).toEqual([])
  return { token: first.token ?? '', cookies: await context.cookies() }
}

/** Reloads while a refresh has been processed by the server but not answered. */
async function reloadDuringRefresh(profile: 'strict' | 'hosted') {
  const site = await serveMock({ profile })
  const { tab, context, errors } = await openTab(site.url)
  await signIn(tab)
  await context.clearCookies({ name: 'auth-token' })
  site.holdAnswer(refreshPath)
  await tab.reload()
  await eventually(() => expect(site.mock.count('refresh')).toBe(1))
  await tab.reload()
  await tab.waitForFunction(() => document.querySelector('main')?.dataset.status !== 'loading')
  expect(errors).toEqual([])
  return { site, tab, context }
}

describe.concurrent('cookies and reloads', () => {
  test('the cookies are SameSite=Strict, Path=/, of this host only, and have a real expiry', async ({ annotate }) => {
    const site = await serveDemo({ tokenLifetime: 3600 })
    const { tab, context } = await openTab(site.url)
    await signIn(tab)
    const now = Date.now() / 1000
    const cookies = await context.cookies()
    expect(cookies.map(({ name }) => name).sort()).toEqual(['auth-session', 'auth-token', 'refresh-token'])
    for (const cookie of cookies) {
      expect(cookie).toMatchObject({ sameSite: 'Strict', path: '/', domain: '127.0.0.1' })
      // A session cookie has -1.
      expect(cookie.expires).toBeGreaterThan(now + 3500)
      expect(cookie.expires).toBeLessThanOrEqual(now + 60 * DAY)
    }
    const lives = Object.fromEntries(cookies.map(({ name, expires }) => [name, expires - now]))
    expect(lives['auth-token']).toBeLessThanOrEqual(3601)
    expect(lives['refresh-token']).toBeGreaterThan(59 * DAY)
    expect(await tab.getAttribute('main', 'data-status')).toBe('authenticated')
    const words = Object.entries(lives).map(([name, seconds]) => `${name} ${Math.round(seconds)} s`)
    await annotate(`cookies live: ${words.join(', ')}`)
  })

  test('signing out leaves no cookie behind', async () => {
    const site = await serveDemo()
    const { tab, context } = await openTab(site.url)
    await signIn(tab)
    expect(await tab.evaluate(() => window.kit.auth.signOut())).toEqual({ revoked: true })
    const cookies = await context.cookies()
    expect(cookies.map(({ name }) => name)).toEqual(['auth-session'])
    expect(decodeURIComponent(cookies[0]?.value ?? '')).toMatch(/"over":"signed_out"/)
    expect(decodeURIComponent(cookies[0]?.value ?? '')).not.toContain(ada.email)
    await tab.reload()
    await showsUser(tab, null)
    expect(await shown(tab)).toEqual(['unauthenticated'])
  })

  test('an access token of more than 6 kB survives a reload', async ({ annotate }) => {
    const { token, cookies } = await throughReload({ about: 'Lorem ipsum dolor sit amet. '.repeat(146) })
    expect(token.length).toBeGreaterThan(6_144)
    const sizes = cookies.map(({ name, value }) => name.length + value.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4_096)
    const sum = sizes.reduce((total, size) => total + size)
    await annotate(
      `token of ${token.length} bytes: ${cookies.length} cookies, ${sum} bytes in all; with the bearer ${sum + token.length}`,
    )
  })

  test('quotes, semicolons, percent signs and every script survive a reload', async () => {
    await throughReload({
      name: `Zoë "Quote" O'Neil; drop=1, 100 % \\ back`,
      'kéy; =': ['日本語', '🔑'.repeat(50), 'עברית', ' \t\n', '%E0%A4%A', '__proto__', '\u2028'],
      nested: { empty: '', zero: 0, no: null, yes: true },
    })
  })

  test('a reload while signed in renders `authenticated` first and asks the server nothing', async ({ annotate }) => {
    const site = await serveDemo()
    const { tab } = await openTab(site.url)
    await signIn(tab)
    const before = site.hits.length
    for (let round = 0; round < 3; round++) {
      await tab.reload()
      await showsUser(tab, ada.email)
      expect(await shown(tab)).toEqual(['authenticated'])
    }
    expect(site.hits.length).toBe(before)
    expect(await eventNames(tab)).toEqual([])
    await annotate('3 reloads: authenticated in the first render, 0 requests')
  })

  test('with only the refresh cookie left, a reload renders `loading`, then `authenticated`, with 1 refresh', async () => {
    const site = await serveDemo()
    const { tab, context } = await openTab(site.url)
    await signIn(tab)
    const id = await sessionId(tab)
    await context.clearCookies({ name: /^auth-(token|session)/ })
    await tab.reload()
    await showsUser(tab, ada.email)
    expect(await shown(tab)).toEqual(['loading', 'authenticated'])
    expect(site.mock.count('refresh')).toBe(1)
    expect(id).not.toBeNull()
    expect((await context.cookies()).map(({ name }) => name).sort()).toEqual([
      'auth-session',
      'auth-token',
      'refresh-token',
    ])
  })

  test('a reload during a refresh is recovered where the server allows it', async () => {
    const { site, tab } = await reloadDuringRefresh('hosted')
    await showsUser(tab, ada.email)
    expect(await shown(tab)).toEqual(['loading', 'authenticated'])
    expect(site.mock.count('refresh')).toBe(2)
    expect(statuses(await many(tab, '/echo', 2))).toEqual({ 200: 2 })
  })

  test('where it does not, there is one clean sign-out', async () => {
    const { site, tab, context } = await reloadDuringRefresh('strict')
    await showsUser(tab, null)
    expect(await shown(tab)).toEqual(['loading', 'unauthenticated'])
    expect(await eventNames(tab)).toEqual(['signed_out'])
    expect((await context.cookies()).map(({ name }) => name)).toEqual(['auth-session'])
    expect(site.mock.count('refresh')).toBe(2)
  })

  test('with cookies blocked, signing in works for the page, says so, and does not loop', async ({ annotate }) => {
    const site = await serveDemo({ tokenLifetime: 600 })
    const { tab, context, errors } = await openTab(site.url)
    // As the browser does it when the person has blocked cookies: writes vanish, reads are empty.
    const devtools = await context.newCDPSession(tab)
    await devtools.send('Emulation.setDocumentCookieDisabled', { disabled: true })
    await signIn(tab)
    await showsUser(tab, ada.email)
    expect([...(await eventNames(tab))].sort()).toEqual(['signed_in', 'storage_failed'])
    expect(await tab.evaluate(() => window.kit.auth.inspect().persisted)).toBe(false)
    expect(statuses(await many(tab, '/ping', 20))).toEqual({ 200: 20 })
    site.mock.admin.expireAccessTokens()
    expect(statuses(await many(tab, '/ping', 20))).toEqual({ 200: 20 })
    // Every reason to look at the cookies again.
    await tab.evaluate(() => {
      window.dispatchEvent(new Event('focus'))
      window.dispatchEvent(new Event('online'))
      document.dispatchEvent(new Event('visibilitychange'))
    })
    expect(statuses(await many(tab, '/ping', 20))).toEqual({ 200: 20 })
    await showsUser(tab, ada.email)
    expect(site.mock.count('refresh')).toBe(1)
    expect(await context.cookies()).toEqual([])
    await tab.evaluate(() => window.kit.auth.signOut())
    await showsUser(tab, null)
    expect(errors).toEqual([])
    await annotate(`cookies blocked: ${site.mock.count('refresh')} refresh after a revoked token, 60 of 60 answers`)
  })

  test('with cookies blocked each tab has a session of its own, and leaves that of the other alone', async () => {
    const site = await serveMock({ users: [ada, grace] })
    const { pages, context, errors } = await openTabs(site.url, 2)
    const [first, second] = pages as [Page, Page]
    for (const tab of pages) {
      const devtools = await context.newCDPSession(tab)
      await devtools.send('Emulation.setDocumentCookieDisabled', { disabled: true })
    }
    await signIn(first)
    await signIn(second, grace)
    site.mock.admin.expireAccessTokens()
    for (const tab of pages) expect(statuses(await many(tab, '/echo', 5))).toEqual({ 200: 5 })
    await showsUser(first, ada.email)
    await showsUser(second, grace.email)
    await first.evaluate(() => window.kit.auth.signOut())
    await showsUser(first, null)
    await showsUser(second, grace.email)
    expect(statuses(await many(second, '/echo', 5))).toEqual({ 200: 5 })
    expect(verdicts(site)).not.toContain('refused')
    expect(await eventNames(second)).not.toContain('signed_out')
    expect(errors).toEqual([])
  })

  test('where document.cookie throws, as in a sandboxed frame, it is the same', async () => {
    const site = await serveDemo()
    const { tab, errors } = await openTab(site.url, () => {
      const refuse = (): never => {
        throw new DOMException('The document is sandboxed', 'SecurityError')
      }
      Object.defineProperty(Document.prototype, 'cookie', { get: refuse, set: refuse, configurable: true })
    })
    await showsUser(tab, null)
    await signIn(tab)
    await showsUser(tab, ada.email)
    expect(await eventNames(tab)).toContain('storage_failed')
    expect(statuses(await many(tab, '/ping', 10))).toEqual({ 200: 10 })
    expect(site.mock.count('refresh')).toBe(0)
    expect(errors).toEqual([])
  })
})
