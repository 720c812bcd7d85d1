/** Fault 21: after an outage of minutes the click of the person counts. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import {
  ada,
  eventNames,
  eventually,
  held,
  holdClock,
  installClock,
  many,
  openTabs,
  serveMock,
  showsUser,
  signedInOnce,
  signIn,
  statuses,
  verdicts,
  withBrowser,
} from './harness.ts'

withBrowser()

const MINUTES = 8

const left = (tab: Page) =>
  tab.evaluate(() => (window.kit.auth.inspect().nextRefreshAt ?? Number.POSITIVE_INFINITY) - Date.now())

test('after 8 minutes without the auth server the first click gets through, long before the next try is due, in both tabs', async ({
  annotate,
}) => {
  const { context, pages } = await openTabs('about:blank', 2)
  const site = await serveMock({ profile: 'strict', tokenLifetime: 3_600 })
  await installClock(context)
  for (const tab of pages) await tab.goto(site.url)
  const [tab, other] = pages as [Page, Page]
  await signIn(tab)
  await showsUser(other, ada.email)
  site.mock.admin.expireAccessTokens()
  site.mock.faults.always('refresh', { type: 'status', status: 503 })
  const { pass, letGo } = await holdClock(context, pages)
  const first = many(tab, '/echo', 1)
  await eventually(() => expect(site.mock.count('refresh')).toBe(1))
  await pass(MINUTES * 60_000)
  expect(statuses(await first)).toEqual({ 401: 1 })
  const during = site.mock.count('refresh')

  // What gets through now is the click: of itself nobody would try for a while.
  const soonest = async () => Math.min(...(await Promise.all(pages.map(left))))
  while ((await soonest()) < 60_000) await pass(10_000)
  await pass(4_000)
  site.mock.faults.clear()
  const waited = await soonest()
  expect(waited).toBeGreaterThan(30_000)
  const tries = site.mock.count('refresh')
  await letGo()
  const clicks = await Promise.all(pages.map((each) => many(each, '/echo', 1)))
  expect(statuses(clicks.flat())).toEqual({ 200: 2 })
  expect(site.mock.count('refresh')).toBe(tries + 1)
  expect(verdicts(site).at(-1)).toBe('rotated')
  await eventually(async () => expect(await held(pages)).toEqual(signedInOnce))
  expect(await eventNames(...pages)).not.toContain('signed_out')
  await annotate(
    `${during} tries in ${MINUTES} minutes; the click got through ${Math.round(waited / 1000)} s before the next try`,
  )
})
