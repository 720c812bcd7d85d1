import { type Browser, firefox } from 'playwright-core'
import { find } from '../../../scripts/browsers.mjs'
import { launchChromium } from './chromium.ts'
import type { Engine } from './engine.ts'
import { PATIENCE } from './patience.ts'
import { onStop } from './started.ts'

function launchFirefox(): Promise<Browser> {
  const executablePath = find.firefox()
  if (!executablePath) throw new Error('No Firefox here: run `node scripts/ensure-browser.mjs`.')
  return firefox.launch({
    // An unpatched Firefox, by WebDriver BiDi.
    channel: 'moz-firefox',
    executablePath,
    timeout: PATIENCE,
  })
}

function playwrightEngine(name: Engine['name'], launch: () => Promise<Browser>): Engine {
  let browser: Browser | undefined
  return {
    name,
    async start() {
      browser = await launch()
    },
    async stop() {
      await browser?.close()
    },
    async fresh(url) {
      if (!browser) throw new Error(`${name} has not been started.`)
      const context = await browser.newContext()
      onStop(() => context.close())
      context.setDefaultTimeout(PATIENCE)
      return {
        async open() {
          const tab = await context.newPage()
          await tab.goto(url)
          return tab
        },
        cookies: () => context.cookies(),
      }
    },
  }
}

export const chromiumEngine: Engine = playwrightEngine('chromium', launchChromium)
export const firefoxEngine: Engine = playwrightEngine('firefox', launchFirefox)
