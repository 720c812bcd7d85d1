import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../../browser/harness/chromium.ts'
import { buildServerPage } from '../harness/page.ts'
import { ada, grace } from '../harness/people.ts'
import { type Running, run } from '../harness/run.ts'
import { eventually, loseAccess, reasons, shows, statuses, type Visit, visit } from './browser.ts'
import { linesOf } from './lines.ts'
import type { Setup } from './setup.ts'

/** Of an app's `auth.ts`. */
const MOST_LINES = 10

/** The same for every server, in Chromium: what people do in an app, and what tokens do meanwhile. */
export function suite(setup: Setup): void {
  const { server, auth, accessLife = 8, page = 'same', serial = false } = setup
  const life = accessLife * 1000
  /** Whether a session outlives its access credential. */
  const outlives = server.kind.refresh === 'token' || server.kind.refresh === 'cookie'
  const renews = server.kind.refresh !== 'none'
  const group = serial ? describe.sequential : describe.concurrent

  group(`${server.name}, with the kit in Chromium`, () => {
    let running: Running
    let browser: Browser
    beforeAll(async () => {
      running = await run(server, { accessLife, page })
      running.setPage(await buildServerPage(auth, page === 'other' ? running.url : ''))
      browser = await launchChromium()
    })
    afterAll(async () => {
      await browser?.close()
      await running?.stop()
    })

    /** A browser of its own for one test. */
    const visiting = (name: string, test: (visit: Visit) => Promise<void>): void => {
      it(name, async () => {
        const visitor = await visit(browser, running, setup)
        try {
          await test(visitor)
        } finally {
          await visitor.context.close()
        }
      })
    }

    /** The server is asked once; on a machine that needs longer than a token lives, also for the next ones. */
    const onceFor = async ({ refreshes }: Visit, run: () => Promise<void>): Promise<void> => {
      const before = refreshes().length
      const start = Date.now()
      await run()
      const asked = refreshes().slice(before)
      expect(asked.length).toBeGreaterThanOrEqual(1)
      expect(asked.length).toBeLessThanOrEqual(1 + Math.floor((Date.now() - start) / (life / 2)))
      expect(asked.filter(({ status }) => status !== 200)).toEqual([])
    }

    /** Call it after the sign-in: gives the refreshes from then on. */
    const fromNow = ({ refreshes }: Visit, tabs = 1): (() => ReturnType<Visit['refreshes']>) => {
      const before = refreshes().length
      expect(before).toBe(setup.refreshesBefore?.(tabs) ?? 0)
      return () => refreshes().slice(before)
    }

    /**
     * 20 requests at once after `before` are answered by one renewal. On a machine that needs longer for them than a token
     * lives, the new one runs out as well: then it is done again.
     */
    const burstOnce = async (at: Visit, tab: Page, before: () => Promise<unknown>): Promise<void> => {
      for (let tries = 5; ; tries--) {
        await before()
        const start = Date.now()
        let outcomes: Awaited<ReturnType<Visit['burst']>> = []
        await onceFor(at, async () => {
          outcomes = await at.burst(tab)
        })
        if (tries > 0 && Date.now() - start > life / 2) continue
        return expect(statuses(outcomes)).toEqual([200])
      }
    }

    it(`is set up in ${MOST_LINES} lines or fewer`, async () => {
      const lines = await linesOf(auth)
      expect(lines.length, lines.join('\n')).toBeLessThanOrEqual(MOST_LINES)
    })

    visiting('signs in, and the API answers as that person', async ({ open, signIn, echo, hits }) => {
      const tab = await open()
      await signIn(tab, ada)
      expect(await echo(tab)).toBe(ada.email)
      expect(hits().filter(({ status }) => status !== null && status >= 500)).toEqual([])
    })

    if (setup.wrongPassword) {
      const words = setup.wrongPassword
      visiting("says in the server's words that a password is wrong", async ({ open }) => {
        const tab = await open()
        const wrong = { email: ada.email, password: 'wrong-password' }
        const { code, message } = await tab.evaluate((given) => window.page.signIn(given), wrong)
        expect([code, message]).toEqual(['credentials_rejected', expect.stringMatching(words)])
      })
    }

    if (renews) {
      visiting('is renewed in time while nothing is asked', async (at) => {
        const { open, signIn, echo } = at
        const tab = await open()
        await signIn(tab, ada)
        const refreshes = fromNow(at)
        await sleep(life * 2.5)
        expect(await reasons(tab)).toEqual([])
        const asked = refreshes()
        expect(asked.map(({ status, person }) => [status, person])).toEqual(asked.map(() => [200, 'Ada']))
        expect(asked.length).toBeGreaterThanOrEqual(2)
        expect(asked.length).toBeLessThanOrEqual(6)
        const spent = asked.map(({ refresh }) => refresh).filter((token) => token)
        if (server.kind.refresh === 'token') expect(spent).toHaveLength(asked.length)
        expect(await echo(tab)).toBe(ada.email)
      })

      visiting('renews once for 20 requests at once that come after the expiry', async (at) => {
        const tab = await at.open()
        await at.signIn(tab, ada)
        await burstOnce(at, tab, () => tab.evaluate((ms) => window.page.jump(ms), life + 1000))
      })
    } else {
      visiting('ends with its token, as expired', async ({ open, signIn, burst }) => {
        const tab = await open()
        await signIn(tab, ada)
        await sleep(life + 1000)
        await shows(tab, null)
        expect(await reasons(tab)).toEqual(['expired'])
        expect(statuses(await burst(tab))).not.toContain(200)
      })
    }

    if (outlives) {
      visiting('renews once when the server refuses the token of 20 requests at once', async (at) => {
        const tab = await at.open()
        await at.signIn(tab, ada)
        await burstOnce(at, tab, () => loseAccess(running, at, tab))
        expect(at.hits().some(({ status }) => status === 401 || status === 403)).toBe(true)
      })

      visiting('is there after a page that was away for longer than a token lives', async (at) => {
        const tab = await at.open()
        await at.signIn(tab, ada)
        await tab.goto('about:blank')
        await sleep(life + 1000)
        await onceFor(at, async () => {
          await tab.goto(running.pageUrl)
          await shows(tab, ada.email)
          expect(await at.echo(tab)).toBe(ada.email)
        })
      })
    }

    visiting('is there after a reload', async (at) => {
      const { open, signIn, echo } = at
      const tab = await open()
      await signIn(tab, ada)
      const refreshes = fromNow(at)
      await tab.reload()
      await shows(tab, ada.email)
      expect(await echo(tab)).toBe(ada.email)
      expect(refreshes().length).toBeLessThanOrEqual(1)
    })

    if (renews) {
      visiting('is renewed once for two tabs', async (at) => {
        const { open, signIn, echo } = at
        const tabs = await Promise.all([open(), open()])
        const [first, second] = tabs
        await signIn(first, ada)
        const refreshes = fromNow(at, tabs.length)
        await shows(second, ada.email)
        await sleep(life * 2.5)
        for (const tab of tabs) {
          expect(await reasons(tab)).toEqual([])
          expect(await echo(tab)).toBe(ada.email)
        }
        expect(refreshes().filter(({ status }) => status !== 200)).toEqual([])
        expect(refreshes().length).toBeLessThanOrEqual(7)
      })
    }

    visiting('signs out in the other tab too, and stays out after a reload', async ({ open, signIn, echo }) => {
      const [first, second] = await Promise.all([open(), open()])
      await signIn(first, ada)
      await shows(second, ada.email)
      await first.evaluate(() => window.page.auth.signOut())
      await shows(second, null)
      expect(await reasons(second)).toEqual(['other_tab'])
      expect(await echo(second)).toBe(null)
      await second.reload()
      await shows(second, null)
    })

    visiting('signs in again as somebody else, in both tabs', async ({ open, signIn, echo }) => {
      const tabs = await Promise.all([open(), open()])
      const [first, second] = tabs
      await signIn(first, ada)
      await shows(second, ada.email)
      await first.evaluate(() => window.page.auth.signOut())
      await shows(second, null)
      await signIn(first, grace)
      for (const tab of tabs) {
        await shows(tab, grace.email)
        expect(await echo(tab)).toBe(grace.email)
      }
    })

    if (renews) {
      visiting('is signed out when the server has ended the session', async (at) => {
        const tab = await at.open()
        await at.signIn(tab, ada)
        const held = await at.stolen(tab)
        // A server without a sign-out: somebody else spends the token.
        await (server.signOut ? running.client.signOut(held) : running.client.refresh(held))
        await tab.evaluate((ms) => window.page.jump(ms), life + 1000)
        expect(statuses(await at.burst(tab))).not.toContain(200)
        await eventually(async () => expect(await reasons(tab)).toEqual(['rejected']))
        await shows(tab, null)
      })
    }
  })
}
