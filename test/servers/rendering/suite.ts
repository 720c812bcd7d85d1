/**
 * What a person sees of an app whose server renders, the same for every framework: the first HTML, and every text that the page
 * shows from then on.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PATIENCE } from '../../browser/harness/patience.ts'
import { launchChromium, onStop, stopAll } from '../../browser/harness.ts'
import { ada } from '../harness/people.ts'
import { eventually } from '../suite/browser.ts'
import type { auth } from './auth.ts'
import { type RenderingApp, type Served, type Surroundings, serveApp } from './serve.ts'

declare global {
  interface Window {
    auth: typeof auth
    /** Every text of `<output>` since the page began. */
    seen: string[]
  }
}

/** Writes down every text that the page shows, from the first byte on. */
function watch() {
  window.seen = []
  const look = () => {
    const text = document.querySelector('output')?.textContent
    if (text && text !== window.seen.at(-1)) window.seen.push(text)
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
}

/**
 * @param start starts the app
 * @param rounds how often two tabs and the server renew at once
 */
export function renderingSuite(
  name: string,
  start: (surroundings: Surroundings) => Promise<RenderingApp>,
  rounds: number,
): void {
  describe(name, () => {
    let browser: Browser
    let served: Served
    beforeAll(async () => {
      served = await serveApp(start)
      browser = await launchChromium()
    }, PATIENCE * 2)
    afterAll(async () => {
      await stopAll()
      await browser?.close()
      await served?.stop()
    })

    const open = async (context: BrowserContext, url = served.url) => {
      context.setDefaultTimeout(PATIENCE)
      const tab = await context.newPage()
      await tab.goto(url)
      return tab
    }
    const newContext = async (options = {}) => {
      const context = await browser.newContext(options)
      onStop(() => context.close())
      await context.addInitScript(watch)
      return context
    }
    const shows = (tab: Page, text: string) =>
      eventually(async () => expect(await tab.locator('output').textContent()).toBe(text))
    const started = (tab: Page) =>
      tab.waitForFunction(() => !!window.auth && window.auth.getState().status !== 'loading')
    /** A browser with one tab in which Ada has signed in. */
    const signedIn = async () => {
      const context = await newContext()
      const tab = await open(context)
      await started(tab)
      await tab.evaluate((credentials) => window.auth.signIn(credentials), {
        email: ada.email,
        password: ada.password,
      })
      await shows(tab, ada.email)
      return { context, tab }
    }
    const html = async (context: BrowserContext, headers: Record<string, string> = {}) => {
      const Cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
      const answer = await fetch(served.url, {
        headers: { 'Sec-Fetch-Site': 'none', ...(Cookie && { Cookie }), ...headers },
      })
      return /<output>(.*?)<\/output>/.exec(await answer.text())?.[1]
    }
    const seen = (tab: Page) => tab.evaluate(() => window.seen)

    test('whoever is signed in is in the first HTML, without JavaScript too, and nothing else is ever shown', async () => {
      const { context, tab } = await signedIn()
      await tab.reload()
      await started(tab)
      await shows(tab, ada.email)
      expect(await seen(tab)).toEqual([ada.email])
      const plain = await newContext({ javaScriptEnabled: false })
      await plain.addCookies(await context.cookies())
      expect(await (await open(plain)).locator('output').textContent()).toBe(ada.email)
    })

    test('nobody is nobody from the first HTML on', async () => {
      const context = await newContext()
      const tab = await open(context)
      await started(tab)
      expect(await html(context)).toBe('unauthenticated')
      expect(await seen(tab)).toEqual(['unauthenticated'])
    })

    test('with an access token that has run out the person is shown at once, and the session is renewed', async () => {
      const { context, tab } = await signedIn()
      await context.clearCookies({ name: 'auth-token' })
      await tab.reload()
      await started(tab)
      await shows(tab, ada.email)
      expect(await seen(tab)).toEqual([ada.email])
      await eventually(async () => expect((await context.cookies()).map(({ name }) => name)).toContain('auth-token'))
      expect(
        await tab.evaluate(
          async () =>
            (
              await fetch('/api/auth/me', {
                headers: { Authorization: `Bearer ${await window.auth.getAccessToken()}` },
              })
            ).status,
        ),
      ).toBe(200)
    })

    test('a link from another site brings no cookies: the page is neutral, and then shows the person', async () => {
      const { context } = await signedIn()
      const other = served.url.replace('127.0.0.1', 'localhost')
      const tab = await open(context, `${other}/api/nothing`)
      await tab.evaluate((url) => {
        const link = document.createElement('a')
        link.href = url
        document.body.append(link)
        link.click()
      }, served.url)
      await tab.waitForURL(`${served.url}/`)
      await started(tab)
      await shows(tab, ada.email)
      expect(await seen(tab)).toEqual(['loading', ada.email])
      expect(await html(await newContext(), { 'Sec-Fetch-Site': 'cross-site' })).toBe('loading')
    })

    test(
      `two tabs and the server renew at once ${rounds} times at a strict auth server, and nobody is signed out`,
      async () => {
        const { context, tab } = await signedIn()
        const other = await open(context)
        const third = await open(context)
        await Promise.all([other, third].map(started))
        const before = served.mock.count('refresh')
        const renew = (one: Page) => one.evaluate(() => window.auth.refresh())
        for (let round = 0; round < rounds; round++) {
          await context.clearCookies({ name: 'auth-token' })
          await Promise.all([renew(tab), renew(other), third.reload()])
        }
        await started(third)
        for (const one of [tab, other, third]) {
          await shows(one, ada.email)
          expect(await one.evaluate(() => window.auth.getState().status)).toBe('authenticated')
        }
        expect(served.mock.count('refresh') - before).toBeGreaterThanOrEqual(rounds)
        expect(served.mock.admin.sessions().filter(({ ended }) => ended)).toEqual([])
      },
      PATIENCE,
    )
  })
}
