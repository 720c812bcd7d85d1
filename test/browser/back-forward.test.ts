import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import {
  accessToken,
  ada,
  eventNames,
  eventually,
  grace,
  held,
  leavePage,
  type MockSite,
  many,
  openPlainChromium,
  type Return,
  refreshPath,
  serveMock,
  showsUser,
  signedInOnce,
  signIn,
  signInAll,
  statuses,
  verdicts,
  withPage,
} from './harness.ts'

withPage({ concurrent: true })

/** Two tabs signed in; the visible one has left the page for another. */
async function leftPage(
  profile: 'strict' | 'hosted' = 'strict',
  before?: (tab: Page, site: MockSite) => Promise<unknown>,
) {
  const site = await serveMock({ profile, tokenLifetime: 600, users: [ada, grace] })
  const chromium = await openPlainChromium(site.url, 2)
  const [other, tab] = chromium.pages as [Page, Page]
  await signInAll(chromium.pages)
  await before?.(tab, site)
  const back = await leavePage(tab, '/api/public')
  return { ...chromium, site, tab, other, back }
}

/** From now on the tab tells the others nothing: as if they had missed it. */
const mute = (tab: Page) =>
  tab.evaluate(() => {
    BroadcastChannel.prototype.postMessage = () => {}
  })

const restored: Return = { restored: true, reasons: [] }

describe.concurrent('back to the page', () => {
  test('a page with the kit is kept in the back/forward cache and goes on where it was', async () => {
    const { site, tab, back, pages } = await leftPage()
    const before = site.hits.length
    expect(await back()).toEqual(restored)
    await showsUser(tab, ada.email)
    expect(site.hits.length).toBe(before)
    expect(statuses(await many(tab, '/echo', 2))).toEqual({ 200: 2 })
    expect(await held(pages)).toEqual(signedInOnce)
    expect(site.mock.count('refresh')).toBe(0)
  })

  test('restored after an hour: 1 refresh, and the other tab has it too', async () => {
    const { site, tab, back, pages } = await leftPage('strict', async (tab, { mock }) => {
      await tab.evaluate(() => addEventListener('pagehide', () => window.kit.jump(3_600_000)))
      mock.admin.expireAccessTokens()
    })
    expect(await back()).toEqual(restored)
    expect(statuses(await many(tab, '/echo', 5))).toEqual({ 200: 5 })
    expect(verdicts(site)).toEqual(['rotated'])
    await eventually(async () => expect(await held(pages)).toEqual(signedInOnce))
    expect(await eventNames(...pages)).not.toContain('signed_out')
  })

  // Chromium drops a cached page that a message is sent to; it is then loaded anew, and reads the cookies.
  test('when another tab has signed out meanwhile, nobody is shown', async () => {
    const { tab, other, back } = await leftPage()
    await other.evaluate(() => window.kit.auth.signOut())
    expect(await back()).toEqual({ restored: false, reasons: ['broadcastchannel-message'] })
    await showsUser(tab, null)
  })

  test('restored without having heard that another tab signed out: it finds out by itself', async () => {
    const { site, tab, other, back } = await leftPage()
    await mute(other)
    await other.evaluate(() => window.kit.auth.signOut())
    expect(await back()).toEqual(restored)
    await showsUser(tab, null)
    expect(statuses(await many(tab, '/echo', 2))).toEqual({ 401: 2 })
    expect(site.hitsOf('/api/echo').map(({ bearer }) => bearer)).toEqual([null, null])
  })

  test('restored without having heard that somebody else signed in: it shows that person, and sends nothing as the old one', async () => {
    const { site, tab, other, back } = await leftPage()
    await mute(other)
    await signIn(other, grace)
    const token = await accessToken(other)
    expect(await back()).toEqual(restored)
    await showsUser(tab, grace.email)
    await many(tab, '/echo', 2)
    expect(site.hitsOf('/api/echo').map(({ bearer }) => bearer)).toEqual([token, token])
  })

  test('restored without having heard that another tab refreshed: it takes the new tokens, and spends no old one', async () => {
    const { site, tab, other, back, pages } = await leftPage()
    await mute(other)
    await other.evaluate(() => window.kit.auth.refresh())
    site.mock.admin.expireAccessTokens()
    await sleep(1_100)
    await other.evaluate(() => window.kit.auth.refresh())
    expect(await back()).toEqual(restored)
    expect(statuses(await many(tab, '/echo', 2))).toEqual({ 200: 2 })
    expect(verdicts(site)).toEqual(['rotated', 'rotated'])
    expect(await held(pages)).toEqual(signedInOnce)
  })

  /** The page is left before it has the answer to its refresh. Resolves with what lets the answer go. */
  async function leftRefreshing(profile: 'strict' | 'hosted') {
    let answer = (): void => {}
    const left = await leftPage(profile, async (tab, site) => {
      site.mock.admin.expireAccessTokens()
      answer = site.holdAnswer(refreshPath)
      void many(tab, '/echo', 1).catch(() => {})
      await eventually(() => expect(verdicts(site)).toEqual(['rotated']))
    })
    return { ...left, answer }
  }

  test('left during a refresh that nobody else wants: the page takes its answer when it is back', async () => {
    const { site, tab, back, pages, answer } = await leftRefreshing('strict')
    answer()
    await sleep(1_000)
    expect(await back()).toEqual(restored)
    expect(statuses(await many(tab, '/echo', 2))).toEqual({ 200: 2 })
    expect(verdicts(site)).toEqual(['rotated'])
    await eventually(async () => expect(await held(pages)).toEqual(signedInOnce))
  })

  // A cached page holds its lock until somebody wants it; then Chromium drops the page, and the answer is lost with it.
  test('left during a refresh: another tab has the lock at once, and loses nothing where the server allows it', async ({
    annotate,
  }) => {
    const { site, tab, other, back, pages } = await leftRefreshing('hosted')
    const outcomes = await many(other, '/echo', 2)
    expect(statuses(outcomes)).toEqual({ 200: 2 })
    const took = Math.max(...outcomes.map(({ took }) => took))
    expect(took).toBeLessThan(5_000)
    expect(await back()).toEqual({ restored: false, reasons: ['weblocks-contention'] })
    await showsUser(tab, ada.email)
    expect(await held(pages)).toEqual(signedInOnce)
    expect(verdicts(site)).toEqual(['rotated', 'reused'])
    await annotate(`left during a refresh: the other tab was answered after ${Math.round(took)} ms`)
  })
})
