import { rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { build, preview } from 'vite'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTab, openTabs, withBrowser } from './harness.ts'

withBrowser()

const outDir = new URL(`../../.tmp/demo-${process.pid}`, import.meta.url).pathname
let url = ''
let close: () => Promise<void> = async () => {}

/** The demo as `npm run demo` serves it, but for its port and its folder. */
beforeAll(async () => {
  const shared = {
    configFile: new URL('../../vite.config.ts', import.meta.url).pathname,
    mode: 'production',
    logLevel: 'error',
    build: { outDir },
  } as const
  await build(shared)
  const server = await preview({ ...shared, preview: { port: 0, host: '127.0.0.1' } })
  url = `http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}/`
  close = () => server.close()
})
afterAll(async () => {
  await close()
  await rm(outDir, { recursive: true, force: true })
})

beforeEach(async () => {
  await fetch(`${url}api/demo/reset`, { method: 'POST' })
})

async function refreshes(): Promise<number> {
  const { counts } = await (await fetch(`${url}api/demo/log?last=1`)).json()
  return counts.refresh
}

const heading = (tab: Page, name: RegExp) => tab.getByRole('heading', { level: 1, name })
const press = (tab: Page, name: string | RegExp) => tab.getByRole('button', { name, exact: true }).click()
const says = async (tab: Page, text: string | RegExp) => {
  await tab.locator('.outcome', { hasText: text }).waitFor()
}
const tells = async (tab: Page, text: string | RegExp) => {
  await tab.getByRole('log').getByText(text).first().waitFor()
}

async function signInByMouse(tab: Page, name: 'Ada' | 'Grace' = 'Ada'): Promise<void> {
  await press(tab, new RegExp(`Fill in ${name}`))
  await press(tab, 'Sign in')
  await heading(tab, new RegExp(name)).waitFor()
}

/** Presses Tab until something of this role and name has the focus. */
async function tabTo(tab: Page, role: 'textbox' | 'button', name: string): Promise<void> {
  const wanted = role === 'textbox' ? tab.getByLabel(name) : tab.getByRole(role, { name, exact: true })
  for (let presses = 0; presses < 20; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return
    await tab.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${name}`)
}

test('by keyboard alone: a wrong password is told, the right one leads to the dashboard and its data', async () => {
  const { tab, errors } = await openTab(url)
  await heading(tab, /^Sign in$/).waitFor()
  await tabTo(tab, 'textbox', 'Email')
  await tab.keyboard.press('Control+A')
  await tab.keyboard.type('grace@example.test')
  await tabTo(tab, 'textbox', 'Password')
  await tab.keyboard.press('Control+A')
  await tab.keyboard.type('wrong')
  await tab.keyboard.press('Enter')
  await tab.getByRole('alert').getByText('Invalid email or password').waitFor()
  expect(await refreshes()).toBe(0)
  await tabTo(tab, 'textbox', 'Password')
  await tab.keyboard.press('Control+A')
  await tab.keyboard.type('battery-staple')
  await tab.keyboard.press('Enter')
  await heading(tab, /Grace/).waitFor()
  await tab.locator('.work li').nth(4).waitFor()
  await tabTo(tab, 'button', 'Sign out')
  await tab.keyboard.press('Enter')
  await heading(tab, /^Sign in$/).waitFor()
  await tab.getByText('You signed out.').first().waitFor()
  expect(errors).toEqual([])
})

test('expire the token, then 20 requests at once: 20 answers, 1 refresh', async ({ annotate }) => {
  const { tab, errors } = await openTab(url)
  await signInByMouse(tab)
  await press(tab, 'Expire the token')
  await says(tab, 'The server has forgotten every access token.')
  await press(tab, '20 requests at once')
  await says(tab, '20 of 20 requests were answered. The server saw 1 refresh.')
  await annotate((await tab.locator('.outcome').textContent()) ?? '')
  await tells(tab, 'New access token: this tab asked the server.')
  await press(tab, 'Refresh now')
  await says(tab, 'There is a new access token.')
  expect(errors).toEqual([])
})

test('server down: the person stays signed in and is told; when it is up again, everything works', async () => {
  const { tab, errors } = await openTab(url)
  await signInByMouse(tab)
  await press(tab, 'Expire the token')
  await says(tab, 'The server has forgotten')
  await tab.getByRole('switch', { name: 'Server down' }).click()
  await says(tab, 'The server is down.')
  await press(tab, '20 requests at once')
  await tab.locator('.outcome', { hasText: /not answering|0 of 20/ }).waitFor()
  await heading(tab, /Ada/).waitFor()
  await tab.getByRole('switch', { name: 'Server down' }).click()
  await says(tab, 'The server is up again.')
  await press(tab, '20 requests at once')
  await says(tab, '20 of 20 requests were answered.')
  expect(errors).toEqual([])
})

test('offline: every connection is cut, nobody is signed out, and it goes on where it was', async () => {
  const { tab, errors } = await openTab(url)
  await signInByMouse(tab)
  await press(tab, 'Expire the token')
  await says(tab, 'The server has forgotten')
  await tab.getByRole('switch', { name: 'Offline' }).click()
  await says(tab, 'The connection is lost.')
  await press(tab, '20 requests at once')
  await tab.locator('.outcome', { hasText: '0 of 20' }).waitFor()
  await heading(tab, /Ada/).waitFor()
  await tab.getByRole('switch', { name: 'Offline' }).click()
  await says(tab, 'The connection is back.')
  await press(tab, '20 requests at once')
  await says(tab, '20 of 20 requests were answered. The server saw 1 refresh.')
  expect(errors).toEqual([])
})

test('refresh hangs: the switch is taken back and the request that waited is answered', async () => {
  const { tab, errors } = await openTab(url)
  await signInByMouse(tab)
  await press(tab, 'Expire the token')
  await says(tab, 'The server has forgotten')
  await tab.getByRole('switch', { name: 'Refresh hangs' }).click()
  await says(tab, 'Refreshes hang from now on.')
  await press(tab, '20 requests at once')
  await tab.getByRole('button', { name: '20 requests at once', disabled: true }).waitFor()
  await heading(tab, /Ada/).waitFor()
  await tab.getByRole('switch', { name: 'Refresh hangs' }).click()
  await says(tab, '20 of 20 requests were answered. The server saw 1 refresh.')
  expect(errors).toEqual([])
})

test('short tokens: the next refresh comes in seconds', async () => {
  const { tab } = await openTab(url)
  await signInByMouse(tab)
  const short = tab.getByRole('switch', { name: /Short tokens/ })
  await short.click()
  await says(tab, /From now on tokens live 20 seconds/)
  await tab.getByText(/^in 0:(0|1)\d$/).waitFor()
  expect(await short.getAttribute('aria-checked')).toBe('true')
})

test('a second tab is signed in at once; a note is saved; the sign-out appears in the first', async () => {
  const { tab, context, errors } = await openTab(url)
  await signInByMouse(tab)
  const opened = context.waitForEvent('page')
  await tab.getByRole('link', { name: /Open a second tab/ }).click()
  const second = await opened
  await heading(second, /Ada/).waitFor()
  await second.getByLabel('New note').fill('Semicolons; “quotes”; 鍵')
  await second.keyboard.press('Enter')
  await second.getByText('Semicolons; “quotes”; 鍵').waitFor()
  await press(second, 'Sign out')
  await heading(second, /^Sign in$/).waitFor()
  await heading(tab, /^Sign in$/).waitFor()
  await tab.getByText('You signed out in another tab.').first().waitFor()
  expect(await refreshes()).toBe(0)
  expect(errors).toEqual([])
})

test('a deep link asks for the sign-in and leads back; a reload shows no sign-in page', async () => {
  const { tab } = await openTab(`${url}?from=mail#notes`)
  await heading(tab, /^Sign in$/).waitFor()
  expect(new URL(tab.url()).pathname).toBe('/sign-in')
  await signInByMouse(tab)
  expect(tab.url()).toBe(`${url}?from=mail#notes`)
  await tab.addInitScript(() => {
    const seen: string[] = []
    Object.assign(window, { seen })
    new MutationObserver(() => {
      const words = document.querySelector('h1')?.textContent
      if (words && seen.at(-1) !== words) seen.push(words)
    }).observe(document, { childList: true, subtree: true, characterData: true })
  })
  await tab.reload()
  await heading(tab, /Ada/).waitFor()
  expect(await tab.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual(['Good to see you, Ada'])
})

describe.each(['light', 'dark'] as const)('in the %s colours', (colorScheme) => {
  const look = async (tab: Page) => {
    const { violations } = await new AxeBuilder({ page: tab }).analyze()
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(grave.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  }
  const noScroll = async (tab: Page) => {
    for (const width of [360, 768, 1280]) {
      await tab.setViewportSize({ width, height: 800 })
      expect(await tab.evaluate(() => document.documentElement.scrollWidth), `${width} px`).toBeLessThanOrEqual(width)
    }
  }

  test('both pages have no serious accessibility fault and no horizontal scrolling from 360 px on', async () => {
    const { pages } = await openTabs(url)
    const [tab] = pages as [Page]
    await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await heading(tab, /^Sign in$/).waitFor()
    await look(tab)
    await noScroll(tab)
    await signInByMouse(tab)
    await tab.locator('.work li').nth(4).waitFor()
    await look(tab)
    await noScroll(tab)
    await tab.setViewportSize({ width: 360, height: 800 })
    await look(tab)
  })
})
