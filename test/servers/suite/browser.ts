import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect, vi } from 'vitest'
import { PATIENCE } from '../../browser/harness/patience.ts'
import { createJar } from '../harness/jar.ts'
import { ada } from '../harness/people.ts'
import type { Running } from '../harness/run.ts'
import type { Held, Hit, Person } from '../harness/types.ts'
import type { Outcome } from '../page/main.ts'
import type { Setup } from './setup.ts'

/** One person's browser, at one server. */
export interface Visit {
  readonly context: BrowserContext
  readonly open: () => Promise<Page>
  /** What this browser asked the server for, oldest first. */
  readonly hits: () => readonly Hit[]
  readonly refreshes: () => readonly Hit[]
  readonly signIn: (tab: Page, person: Person) => Promise<void>
  readonly burst: (tab: Page, count?: number) => Promise<readonly Outcome[]>
  /** Whom the API takes the tab for; null for nobody. */
  readonly echo: (tab: Page) => Promise<string | null>
  /** The credentials that this browser holds, to do something with them behind its back. */
  readonly stolen: (tab: Page) => Promise<Held>
}

let visits = 0

/**
 * The access credential is no good any more, and only the server knows: it sees one in its place that has really expired.
 * Of a cookie the browser loses sight, as it does when its time is up.
 */
export async function loseAccess(
  { client, accessLife, replaceBearer, server }: Running,
  at: Visit,
  tab: Page,
): Promise<void> {
  const { held } = await client.signIn(ada)
  if (server.kind.access === 'token') await sleep(accessLife * 1000 + 1500)
  // Neither so young that the kit does not ask for another one yet, nor so old that it does of itself.
  await eventually(async () => {
    const age = await tab.evaluate(() => Date.now() - (window.page.auth.inspect().receivedAt ?? 0))
    expect(age).toBeGreaterThan(1500)
    expect(age).toBeLessThan(accessLife * 400)
  })
  if (server.kind.access === 'cookie') return at.context.clearCookies({ name: /access/i })
  const token = await tab.evaluate(() => window.page.auth.getAccessToken())
  if (token && held.access) replaceBearer(token, held.access)
}

/** Waits for 10 s at most until `check` passes. */
export const eventually = (check: () => Promise<void> | void): Promise<void> =>
  vi.waitFor(check, { timeout: PATIENCE, interval: 50 })

/** Waits until the tab shows somebody, or nobody. */
export const shows = (tab: Page, email: string | null): Promise<void> =>
  eventually(async () => {
    const last = await tab.evaluate(() => window.page.states.at(-1))
    expect(last).toBe(email ? `authenticated ${email}` : 'unauthenticated')
  })

export const reasons = (tab: Page): Promise<readonly (string | null)[]> =>
  tab.evaluate(() => window.page.events.filter(({ name }) => name === 'signed_out').map(({ reason }) => reason))

export const statuses = (outcomes: readonly Outcome[]): readonly (number | string | null)[] => [
  ...new Set(outcomes.map(({ status, code }) => status ?? code)),
]

/** A browser of its own. Its name is in each of its requests, so that many can visit one server at the same time. */
export async function visit(browser: Browser, running: Running, setup: Setup): Promise<Visit> {
  const { server, pageUrl, hits } = running
  const { echo: path = '/api/echo', method = 'GET' } = setup
  const agent = `visit-${++visits}`
  const context = await browser.newContext({ userAgent: agent })
  context.setDefaultTimeout(PATIENCE)
  const mine = () => hits.filter((hit) => hit.agent === agent && hit.method !== 'OPTIONS')
  const burst: Visit['burst'] = (tab, count = 20) =>
    tab.evaluate(([method, path, count]) => window.page.many(method, path, count), [method, path, count] as const)
  return {
    context,
    async open() {
      const tab = await context.newPage()
      await tab.goto(pageUrl)
      return tab
    },
    hits: mine,
    refreshes: () => mine().filter(server.isRefresh),
    async signIn(tab, person) {
      if (setup.signIn) await setup.signIn(tab, person)
      else {
        const { email, password } = person
        const { message } = await tab.evaluate((given) => window.page.signIn(given), { email, password })
        expect(message, 'the sign-in').toBe('')
      }
      await shows(tab, person.email)
    },
    burst,
    async echo(tab) {
      const [answer] = await burst(tab, 1)
      if (answer?.status !== 200) return null
      return server.who({ status: 200, json: answer.data, text: '', headers: new Headers() })
    },
    async stolen(tab) {
      const jar = createJar()
      for (const { name, value, path } of await context.cookies([pageUrl, `${running.url}/auth/refresh`]))
        jar.set(name, value, path)
      // Where scripts hold the tokens, they are in the cookies of the kit.
      const visible = server.kind.access === 'token'
      const access = visible ? await tab.evaluate(() => window.page.auth.getAccessToken()) : null
      const refresh = jar.get('refresh-token')
      return { access, refresh: refresh && decodeURIComponent(refresh), jar }
    },
  }
}

/** Signs in on a page of the server, which sends the browser back to the app. */
export const signInByForm =
  (leave: (tab: Page) => Promise<unknown>) =>
  async (tab: Page, { email, password }: Person): Promise<void> => {
    await leave(tab)
    await tab.fill('[name=email]', email)
    await tab.fill('[name=password]', password)
    await tab.click('button')
    await tab.waitForURL(/\/page\//)
  }
