import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Page } from 'playwright-core'
import { type Tabs, tabsOf } from './chromium.ts'
import { chromiumArgs, chromiumPath } from './chromium-program.ts'
import { PATIENCE } from './patience.ts'
import { signalGroup, startProgram, told } from './programs.ts'
import { onStop } from './started.ts'

export interface PlainChromium extends Tabs {
  readonly pages: readonly Page[]
  /**
   * Stops every process of the browser for `ms`, as when a laptop sleeps or a virtual machine is paused. `meanwhile` runs when
   * they have been stopped.
   */
  readonly stopFor: (ms: number, meanwhile?: () => void) => Promise<void>
  /** Freezes a tab that is in the background, as Chromium does to save memory and power. Resolves with the way back. */
  readonly freeze: (tab: Page) => Promise<() => Promise<void>>
}

/**
 * Chromium as people run it, with `count` tabs on the page. Playwright's own way to start it shows all tabs at once, never
 * freezes one and has no back/forward cache; here the tabs are in one window, and only the last one opened is visible.
 */
export async function openPlainChromium(url: string, count: number): Promise<PlainChromium> {
  const profile = await mkdtemp(join(tmpdir(), 'keyturn-chromium-'))
  onStop(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }))
  const flags = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`]
  const program = startProgram(chromiumPath(), [...chromiumArgs, ...flags, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const endpoint = await told(program, 2, /listening on (ws:\S+)\s/)
  const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true, timeout: PATIENCE })
  const [context] = browser.contexts()
  if (!context) throw new Error('Chromium has no window.')
  const tabs = tabsOf(context, url)
  const pages: Page[] = []
  // One after the other: the last one is the visible one.
  for (let opened = 0; opened < count; opened++) pages.push(...(await tabs.open(1)))
  return {
    ...tabs,
    pages,
    async stopFor(ms, meanwhile) {
      signalGroup(program, 'SIGSTOP')
      meanwhile?.()
      await sleep(ms)
      signalGroup(program, 'SIGCONT')
    },
    async freeze(tab) {
      const devtools = await context.newCDPSession(tab)
      const set = (state: 'frozen' | 'active') => devtools.send('Page.setWebLifecycleState', { state })
      await tab.evaluate(() => {
        const { classList } = document.documentElement
        classList.remove('frozen')
        document.addEventListener('freeze', () => classList.add('frozen'), { once: true })
      })
      await set('frozen')
      // Told is not done: what arrives in between would still come in.
      while (!(await tab.evaluate(() => document.documentElement.classList.contains('frozen')))) await sleep(10)
      return async () => {
        await set('active')
      }
    },
  }
}
