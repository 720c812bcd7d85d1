import { createServer } from 'node:net'
import { Builder, Capabilities, type WebDriver } from 'selenium-webdriver'
import { find } from '../../../scripts/browsers.mjs'
import type { Engine, FreshBrowser, SeenCookie } from './engine.ts'
import { startProgram, told } from './programs.ts'
import { eventually, type Tab } from './tabs.ts'
import { webkitTab } from './webkit-tab.ts'

/** Runs `ask` with the driver looking at that window. */
export type InWindow = <T>(handle: string, ask: () => Promise<T>) => Promise<T>

/** WebKitGTK's MiniBrowser by classic WebDriver, on a screen of its own. */
export const webkitEngine: Engine = {
  name: 'webkit',
  start: async () => {},
  stop: async () => {},
  // Driver and screen are new each time: a driver can have one browser only, and now and then goes down with it.
  async fresh(url) {
    const found = find.webkit()
    if (!found) throw new Error('No WebKit here: run `node scripts/ensure-browser.mjs`.')
    // It takes the first display that is free, and tells which on file 3.
    const screen = startProgram(found.screen, ['-displayfd', '3', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    const env = { ...process.env, DISPLAY: `:${await told(screen, 3, /^(\d+)\n/)}` }
    const port = await freePort()
    startProgram(found.driver, [`--port=${port}`], { stdio: 'ignore', env })
    const server = `http://127.0.0.1:${port}`
    await eventually(async () => {
      await fetch(`${server}/status`)
    })
    const browserOptions = { binary: found.browser, args: ['--automation'] }
    const driver = await new Builder()
      .usingServer(server)
      .withCapabilities(new Capabilities({ browserName: 'MiniBrowser', 'webkitgtk:browserOptions': browserOptions }))
      .build()
    return freshWebKit(driver, url)
  },
}

function freshWebKit(driver: WebDriver, url: string): FreshBrowser {
  let last: Promise<unknown> = driver.getWindowHandle()
  const inTurn = <T>(ask: () => Promise<T>): Promise<T> => {
    const turn = last.then(ask)
    last = turn.catch(() => {})
    return turn
  }
  // The driver looks at one window at a time, so what is asked of the windows is asked in turn.
  const inWindow: InWindow = (handle, ask) =>
    inTurn(async () => {
      await driver.switchTo().window(handle)
      return ask()
    })
  let opened = 0
  const open = async (): Promise<Tab> => {
    if (opened++) {
      // The window that was looked at last may be closed.
      await driver.switchTo().window((await driver.getAllWindowHandles())[0] ?? '')
      await driver.switchTo().newWindow('tab')
    }
    await driver.get(url)
    return webkitTab(driver, await driver.getWindowHandle(), inWindow)
  }
  return {
    open: () => inTurn(open),
    cookies: () =>
      inTurn(async () => {
        const cookies = await driver.manage().getCookies()
        return cookies.map(({ expiry, ...cookie }): SeenCookie => ({ ...cookie, expires: Number(expiry) }))
      }),
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
