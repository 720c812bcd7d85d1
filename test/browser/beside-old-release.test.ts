/** Release 0.1.0 (783719e) in two tabs, this one in two others, on one jar: an hour, in which nobody is signed out. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { serveHttps } from './harness/https-site.ts'
import { ada, eventually, grace, holdClock, installClock, openSecureTab, withBrowser } from './harness.ts'

withBrowser()

const LIFE = 600
const MINUTES = 60
/** After so many minutes each tab sends a request. */
const PAUSE = 5

const shown = (tab: Page) => tab.evaluate(() => window.app.auth.getState().user?.email ?? null)
const token = (tab: Page) => tab.evaluate(() => window.app.auth.getAccessToken())

test(`${MINUTES} minutes, 4 tabs: one refresh for each life of a token, whoever makes it, and one answer for each request`, async ({
  annotate,
}) => {
  let clock = { now: () => Date.now() }
  const site = await serveHttps(
    {
      profile: 'strict',
      tokenLifetime: LIFE,
      users: [ada, grace],
      clock: {
        now: () => clock.now(),
        setTimeout: (run, ms) => setTimeout(run, ms),
        clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
      },
    },
    'beside-page',
  )
  const { tab: first, context } = await openSecureTab()
  await installClock(context)
  const tabs = [first, await context.newPage(), await context.newPage(), await context.newPage()]
  const [old, , present] = tabs as [Page, Page, Page, Page]
  for (const [index, tab] of tabs.entries()) await tab.goto(site.app({}, index < 2 ? '/old' : '/now'))
  const allShow = (email: string | null) =>
    eventually(async () => expect(await Promise.all(tabs.map(shown))).toEqual(tabs.map(() => email)))
  const verdicts = () => site.mock.log.filter(({ call }) => call === 'refresh').map(({ verdict }) => verdict)

  await old.evaluate((person) => void window.app.auth.signIn(person), ada)
  await allShow(ada.email)
  const held = await holdClock(context, tabs)
  clock = held

  const answers: (number | null)[] = []
  for (let minute = 0; minute < MINUTES; minute += PAUSE) {
    await held.pass(PAUSE * 60_000)
    answers.push(...(await Promise.all(tabs.map((tab) => tab.evaluate(() => window.app.call())))))
  }
  await allShow(ada.email)
  expect(answers).toEqual(Array((MINUTES / PAUSE) * tabs.length).fill(200))
  // Renewed when a third of its life is left, and up to a tenth of that sooner.
  const refreshes = verdicts()
  expect(new Set(refreshes)).toEqual(new Set(['rotated']))
  expect(refreshes.length).toBeGreaterThanOrEqual(Math.floor((MINUTES * 60) / ((LIFE * 2) / 3)))
  expect(refreshes.length).toBeLessThanOrEqual(Math.ceil((MINUTES * 60) / (LIFE * 0.63)))
  const tokens = await Promise.all(tabs.map(token))
  expect(new Set(tokens).size).toBe(1)
  const told = await Promise.all(tabs.map((tab) => tab.evaluate(() => [...window.app.told])))
  // A present tab adds the order to what an old one has written; where that is sooner than the old one reads it back, it is
  // told that its write did not stick. It goes on with its tokens, as all do.
  const took = (name: string) => name !== 'storage_failed'
  expect(told.map((each, index) => (index < 2 ? each.filter(took) : each))).toEqual(tabs.map(() => ['signed_in']))
  const by = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.app.auth.inspect().lastRefreshBy)))

  await held.letGo()
  // What each release says is heard by the other: a sign-out, a sign-in, another person.
  await present.evaluate(() => void window.app.auth.signOut())
  await allShow(null)
  await old.evaluate((person) => void window.app.auth.signIn(person), grace)
  await allShow(grace.email)
  await present.evaluate((person) => void window.app.auth.signIn(person), ada)
  await allShow(ada.email)
  await old.evaluate(() => void window.app.auth.signOut())
  await allShow(null)
  await annotate(
    `${refreshes.length} refreshes in ${MINUTES} minutes of ${LIFE} s tokens, all rotated; the last one by ${by.join(', ')}; ${told.flat().length - tabs.length} writes of old tabs were overtaken`,
  )
})
