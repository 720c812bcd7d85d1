import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import {
  ada,
  browsers,
  eventNames,
  eventually,
  held,
  many,
  openTab,
  openTabs,
  serveDemo,
  serveMock,
  showsUser,
  signedInOnce,
  signIn,
  signInAll,
  sleepAndSend,
  statuses,
  verdicts,
  withBrowser,
} from './harness.ts'

withBrowser({ concurrent: true })

// These mostly wait, so they do it at the same time.
describe.concurrent('in real time', () => {
  test.for(browsers)(
    'through three lives of a 3 s token 8 tabs make one refresh for each, $cookies',
    async ({ cookies, init }, { annotate }) => {
      const site = await serveMock({ profile: 'strict', tokenLifetime: 3 })
      const { pages } = await openTabs(site.url, 8, init)
      const [first] = pages as [Page]
      await signIn(first)
      await eventually(() => expect(site.mock.count('refresh')).toBeGreaterThanOrEqual(3))
      await eventually(async () => expect(await held(pages)).toEqual(signedInOnce))
      const renewals = site.mock.log.filter(({ call }) => call === 'sign_in' || call === 'refresh').map(({ at }) => at)
      // Each token is renewed when a third of its life is left, a tenth of that third early: never sooner, so never twice.
      const lives = renewals.slice(1).map((at, index) => at - (renewals[index] ?? 0))
      for (const ms of lives) expect(ms).toBeGreaterThan(1_900)
      const refreshes = site.mock.log.filter(({ call }) => call === 'refresh')
      expect(new Set(refreshes.map(({ verdict }) => verdict))).toEqual(new Set(['rotated']))
      const names = await eventNames(...pages)
      expect(names).not.toContain('signed_out')
      expect(names).not.toContain('refresh_failed')
      await annotate(`8 tabs, 3 s tokens, ${cookies}: refreshes after ${lives.join(', ')} ms`)
    },
  )

  test('while a refresh hangs for ever, 20 waiters settle within 15 s and the session is kept', async ({
    annotate,
  }) => {
    const site = await serveDemo()
    const { tab, context, errors } = await openTab(site.url)
    await signIn(tab)
    site.mock.admin.expireAccessTokens()
    await site.control('hang', true)
    const outcomes = await sleepAndSend([tab], '/ping', 20)
    const longest = Math.max(...outcomes.map(({ took }) => took))
    expect(outcomes.map(({ status, code }) => ({ status, code }))).toEqual(
      Array.from({ length: 20 }, () => ({ status: null, code: 'unavailable' })),
    )
    expect(longest).toBeLessThan(15_000)
    expect(site.hitsOf('/api/ping')).toEqual([])
    await showsUser(tab, ada.email)
    expect(await tab.textContent('#problem')).toBe('unavailable')
    expect((await context.cookies()).map(({ name }) => name)).toContain('refresh-token')
    await site.control('hang', false)
    const start = Date.now()
    expect(statuses(await many(tab, '/ping', 1))).toEqual({ 200: 1 })
    expect(site.mock.count('refresh')).toBe(1)
    expect(await tab.textContent('#problem')).toBe('')
    expect(errors).toEqual([])
    await annotate(
      `hanging refresh: slowest of 20 waiters ${Math.round(longest)} ms; next request ${Date.now() - start} ms`,
    )
  })

  test('a server that is down costs nobody the session, and the first request after it is up succeeds', async ({
    annotate,
  }) => {
    const site = await serveDemo()
    const { tab, context } = await openTab(site.url)
    await signIn(tab)
    site.mock.admin.expireAccessTokens()
    await site.control('down', true)
    const [failed] = await sleepAndSend([tab], '/ping', 1)
    expect(failed).toMatchObject({ status: null, code: 'unavailable' })
    await showsUser(tab, ada.email)
    expect(await tab.textContent('#problem')).toBe('unavailable')
    expect((await context.cookies()).map(({ name }) => name)).toContain('refresh-token')
    await site.control('down', false)
    const start = Date.now()
    expect(statuses(await many(tab, '/ping', 1))).toEqual({ 200: 1 })
    const took = Date.now() - start
    expect(site.mock.count('refresh')).toBe(1)
    expect(await tab.textContent('#problem')).toBe('')
    expect(await eventNames(tab)).not.toContain('signed_out')
    await annotate(
      `down: waiter told after ${Math.round(failed?.took ?? 0)} ms; after it is up the next request took ${took} ms`,
    )
  })

  test('five tabs offline with expired tokens keep the session; `online` brings it back with 1 refresh and no request', async ({
    annotate,
  }) => {
    const site = await serveMock({ profile: 'strict', tokenLifetime: 600 })
    const { pages, context } = await openTabs(site.url, 5)
    await signInAll(pages)
    site.mock.admin.expireAccessTokens()
    await context.setOffline(true)
    const outcomes = await sleepAndSend(pages, '/echo', 1)
    expect(outcomes.map(({ status, code }) => [status, code])).toEqual(Array(5).fill([null, 'unavailable']))
    for (const tab of pages) {
      await showsUser(tab, ada.email)
      expect(await tab.textContent('#problem')).toBe('unavailable')
    }
    const start = Date.now()
    await context.setOffline(false)
    for (const tab of pages) await tab.waitForFunction(() => document.querySelector('#problem')?.textContent === '')
    const took = Date.now() - start
    expect(took).toBeLessThan(5_000)
    expect(verdicts(site)).toEqual(['rotated'])
    expect(await held(pages)).toEqual(signedInOnce)
    expect(site.hitsOf('/api/echo')).toEqual([])
    expect(await eventNames(...pages)).not.toContain('signed_out')
    await annotate(`offline: 5 tabs recovered ${took} ms after \`online\``)
  })
})
