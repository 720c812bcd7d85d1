import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { chromiumArgs, chromiumPath } from './chromium-program.ts'
import { buildPage } from './page-files.ts'
import { PATIENCE } from './patience.ts'
import { onStop, stopAll } from './started.ts'

export interface Tabs {
  readonly context: BrowserContext
  /** Opens `count` more tabs at the same time. */
  readonly open: (count: number) => Promise<Page[]>
  /** What nobody caught, in any tab. */
  readonly errors: readonly string[]
}

let browser: Browser

/**
 * Starts the browser once per test file, and stops after each test what that test has started; after all of them when
 * they run at the same time.
 */
export function withBrowser({ concurrent = false } = {}): void {
  withPage({ concurrent })
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
}

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath(), args: [...chromiumArgs], timeout: PATIENCE })

/** The same without a browser: the page alone. */
export function withPage({ concurrent = false } = {}): void {
  beforeAll(async () => {
    await buildPage()
  })
  if (!concurrent) afterEach(stopAll)
  afterAll(stopAll)
}

/** A browser as it was before it told pages of changed cookies. */
export const withoutCookieEvents = (): void => {
  Object.defineProperty(window, 'cookieStore', { value: undefined })
}

/** Chromium tells pages of changed cookies; others do not, or not everywhere. */
export const browsers: readonly { readonly cookies: string; readonly init: (() => void) | undefined }[] = [
  { cookies: 'with cookie events', init: undefined },
  { cookies: 'without cookie events', init: withoutCookieEvents },
]

/** Tabs of a context, each on the page at `url`. */
export function tabsOf(context: BrowserContext, url: string): Tabs {
  context.setDefaultTimeout(PATIENCE)
  const errors: string[] = []
  const open = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const tab = await context.newPage()
        tab.on('pageerror', ({ message }) => errors.push(message))
        await tab.goto(url)
        return tab
      }),
    )
  return { context, open, errors }
}

/**
 * A browser of its own with `count` tabs on the page: one context, one set of cookies. `init` runs in each page before
 * anything else.
 */
export async function openTabs(url: string, count = 1, init?: () => void): Promise<Tabs & { readonly pages: Page[] }> {
  const context = await browser.newContext()
  onStop(() => context.close())
  if (init) await context.addInitScript(init)
  const tabs = tabsOf(context, url)
  return { ...tabs, pages: await tabs.open(count) }
}

/** One tab. */
export async function openTab(url: string, init?: () => void): Promise<Tabs & { readonly tab: Page }> {
  const tabs = await openTabs(url, 1, init)
  return { ...tabs, tab: tabs.pages[0] as Page }
}

/** One empty tab that takes the certificate of `https-site.ts`. */
export async function openSecureTab(): Promise<{ readonly tab: Page; readonly context: BrowserContext }> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  context.setDefaultTimeout(PATIENCE)
  onStop(() => context.close())
  return { context, tab: await context.newPage() }
}

/** Kills the process of a tab, as the system does when memory runs out: the page hears nothing of it. */
export async function crash(tab: Page): Promise<void> {
  const devtools = await tab.context().newCDPSession(tab)
  const crashed = tab.waitForEvent('crash')
  devtools.send('Page.crash').catch(() => {})
  await crashed
}
