import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../../../browser/harness/chromium.ts'
import { buildServerPage } from '../../harness/page.ts'
import { ada, grace } from '../../harness/people.ts'
import { type Running, run } from '../../harness/run.ts'
import { eventually, reasons, shows, type Visit, visit } from '../../suite/browser.ts'
import { refreshCookie } from './server.ts'

/** Seconds: long, for the tests move the clock instead of waiting; below a minute, which would be a clock that was moved back. */
const LIFE = 45
const TABS = 8
const ROUNDS = 20
const ARRIVALS = 10

/** What an HttpOnly refresh cookie and a strict server ask of the kit, beyond the suite. */
export function httpOnlyScenarios(): void {
  describe('an HttpOnly refresh cookie and a strict server', () => {
    let browser: Browser
    let running: Running
    beforeAll(async () => {
      running = await run(refreshCookie, { accessLife: LIFE })
      browser = await launchChromium()
    })
    afterAll(async () => {
      await browser?.close()
      await running?.stop()
    })

    /** A browser of its own, on a page with another `auth.ts`. */
    const visiting = (name: string, file: string, test: (visit: Visit) => Promise<void>): void => {
      it(name, async () => {
        const auth = new URL(file, import.meta.url)
        running.setPage(await buildServerPage(auth, ''))
        const visitor = await visit(browser, running, { server: refreshCookie, auth, method: 'POST' })
        try {
          await test(visitor)
        } finally {
          await visitor.context.close()
        }
      }, 180_000)
    }

    const openAll = async ({ open, signIn }: Visit): Promise<readonly Page[]> => {
      const tabs = await Promise.all(Array.from({ length: TABS }, open))
      const [first] = tabs
      if (first) await signIn(first, ada)
      for (const tab of tabs) {
        await shows(tab, ada.email)
        // A tab that keeps its access token to itself shows whom it knows before it has one.
        await tab.evaluate(() => window.page.auth.getAccessToken())
      }
      return tabs
    }

    /** Reloads all tabs at once, after the access token has run out. Returns how often the server was asked. */
    const round = async ({ refreshes }: Visit, tabs: readonly Page[]): Promise<number> => {
      const before = refreshes().length
      await tabs[0]?.evaluate((ms) => window.page.jumpAtReload(ms), LIFE * 1000 + 1000)
      await Promise.all(tabs.map((tab) => tab.reload()))
      for (const tab of tabs) {
        await shows(tab, ada.email)
        // A tab that reloads in the middle of its refresh is another test.
        await tab.evaluate(() => window.page.auth.getAccessToken())
      }
      return refreshes().length - before
    }

    /** Every refresh was answered, and none spent a token that another had spent. */
    const allGood = ({ refreshes }: Visit): void => {
      expect(refreshes().filter(({ status }) => status !== 200)).toEqual([])
      const spent = refreshes().map(({ refresh }) => refresh)
      expect(new Set(spent).size).toBe(spent.length)
    }

    visiting(`${TABS} tabs reload at once, ${ROUNDS} times: one refresh each time`, 'auth.ts', async (at) => {
      const tabs = await openAll(at)
      const counts: number[] = []
      for (let rounds = 0; rounds < ROUNDS; rounds++) counts.push(await round(at, tabs))
      expect(counts).toEqual(counts.map(() => 1))
      allGood(at)
    })

    visiting(
      `${TABS} tabs reload at once, ${ROUNDS} times, with the access token in memory: each tab in turn`,
      'auth-memory.ts',
      async (at) => {
        const tabs = await openAll(at)
        const counts: number[] = []
        for (let rounds = 0; rounds < ROUNDS; rounds++) counts.push(await round(at, tabs))
        expect(counts).toEqual(counts.map(() => TABS))
        allGood(at)
      },
    )

    visiting('a sign-out reaches all tabs, and the server is asked once', 'auth.ts', async (at) => {
      const tabs = await openAll(at)
      const before = at.hits().length
      await tabs[0]?.evaluate(() => window.page.auth.signOut())
      for (const tab of tabs) await shows(tab, null)
      expect(
        at
          .hits()
          .slice(before)
          .map(({ method, path }) => `${method} ${path}`),
      ).toEqual(['POST /auth/logout'])
    })

    visiting(
      'a cookie that becomes another person’s: nobody is shown one and acts as the other',
      'auth.ts',
      async (at) => {
        const tabs = await Promise.all([at.open(), at.open()])
        const [first, second] = tabs
        await at.signIn(first, ada)
        await shows(second, ada.email)
        const { held } = await running.client.signIn(grace)
        const cookies = held.jar
          .all()
          .map(({ name, value }) => ({ name, value, domain: '127.0.0.1', path: '/auth', httpOnly: true }))
        await at.context.addCookies(cookies)
        await first.evaluate((ms) => window.page.jump(ms), LIFE * 1000 + 1000)
        for (const tab of tabs) {
          // A request that began as Ada's is not sent as Grace's: it fails.
          const first = await at.echo(tab)
          expect([null, ada.email, grace.email]).toContain(first)
          const acts = await at.echo(tab)
          const shown = await tab.evaluate(() => window.page.states.at(-1))
          expect([`authenticated ${acts}`, 'unauthenticated']).toContain(shown)
          if (shown === 'unauthenticated') expect(acts).toBe(null)
        }
      },
    )

    visiting(
      'a sign-out while offline, and a reload: signed out, and the server hears of it when it can',
      'auth-always.ts',
      async (at) => {
        const tab = await at.open()
        await at.signIn(tab, ada)
        const another = await at.open()
        await shows(another, ada.email)
        const calls = () => at.hits().map(({ path }) => path)
        await at.context.route('**/auth/**', (route) => route.abort('internetdisconnected'))
        expect(await tab.evaluate(() => window.page.auth.signOut())).toEqual({ revoked: false })
        await Promise.all([tab.reload(), another.reload()])
        for (const each of [tab, another]) await shows(each, null)
        const before = calls().length
        await at.context.unroute('**/auth/**')
        for (const each of [tab, another]) await each.evaluate(() => window.dispatchEvent(new Event('online')))
        await eventually(() => expect(calls().slice(before)).toEqual(['/auth/logout']))
        await tab.reload()
        await shows(tab, null)
        // It asks, as it should by now, and there is no session any more.
        await eventually(() => expect(calls().slice(before)).toEqual(['/auth/logout', '/auth/refresh']))
        expect(at.hits().at(-1)?.status).toBe(401)
        expect(await reasons(tab)).toEqual([])
      },
    )

    visiting(
      'a sign-in after a sign-out that the server has not heard of: nobody is signed out by it',
      'auth-always.ts',
      async (at) => {
        const tab = await at.open()
        await at.signIn(tab, ada)
        await at.context.route('**/auth/logout', (route) => route.abort('internetdisconnected'))
        await tab.evaluate(() => window.page.auth.signOut())
        await at.signIn(tab, grace)
        await at.context.unroute('**/auth/logout')
        await tab.evaluate(() => window.dispatchEvent(new Event('online')))
        await tab.reload()
        await shows(tab, grace.email)
        await tab.evaluate(() => window.page.auth.refresh())
        expect(await at.echo(tab)).toBe(grace.email)
        expect(at.hits().filter(({ path }) => path === '/auth/logout')).toEqual([])
      },
    )

    visiting(
      'asked always, a visitor who never signed in makes one call, and is told nothing',
      'auth-always.ts',
      async (at) => {
        const tab = await at.open()
        await shows(tab, null)
        expect(await tab.evaluate(async () => window.page.auth.ready)).toMatchObject({ reason: 'none' })
        expect(at.hits().map(({ path, status }) => `${path} ${status}`)).toEqual(['/auth/refresh 401'])
        expect(await reasons(tab)).toEqual([])
        expect(await tab.evaluate(() => window.page.states)).toEqual(['loading', 'unauthenticated'])
      },
    )

    visiting(
      `asked always, whoever came in by another way is there in 3 tabs, ${ARRIVALS} times: one asks`,
      'auth-always.ts',
      async (at) => {
        for (let round = 0; round < ARRIVALS; round++) {
          const before = at.refreshes().length
          const { held } = await running.client.signIn(grace)
          const cookies = held.jar
            .all()
            .map(({ name, value }) => ({ name, value, domain: '127.0.0.1', path: '/auth', httpOnly: true }))
          await at.context.addCookies(cookies)
          const tabs = await Promise.all([at.open(), at.open(), at.open()])
          for (const tab of tabs) await shows(tab, grace.email)
          expect(
            at
              .refreshes()
              .slice(before)
              .map(({ status }) => status),
          ).toEqual([200])
          for (const tab of tabs) expect(await reasons(tab)).toEqual([])
          for (const tab of tabs) await tab.close()
          await at.context.clearCookies()
        }
      },
    )

    visiting('a visitor who never signed in: no call, and no sign-out', 'auth.ts', async (at) => {
      const tab = await at.open()
      await shows(tab, null)
      expect(await tab.evaluate(async () => window.page.auth.ready)).toMatchObject({ reason: 'none' })
      expect(at.hits()).toEqual([])
      expect(await reasons(tab)).toEqual([])
    })
  })
}
