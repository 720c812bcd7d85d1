/** Fault 35: `RequireAuth` with the routers of a real page, and with none. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Guard } from './guard-page/main.tsx'
import { type HttpsSite, serveHttps } from './harness/https-site.ts'
import { ada, eventually, grace, openSecureTab, withBrowser } from './harness.ts'

withBrowser()

/** What is read of how the tab got where it is: pages that were loaded, and entries that a router made. */
interface Moves {
  readonly loads: number
  readonly routed: number
}

type Router = Omit<Guard, 'redirectTo'>

interface Stage {
  readonly tab: Page
  readonly visit: (router: Router, signInPage: string, path: string) => Promise<void>
  readonly moves: () => Promise<Moves>
}

const origin = (site: HttpsSite): string => new URL(site.app()).origin

const pages = ['/sign in', '/anmelden-für', '/Sign-In', 'an absolute URL'] as const
const named = (page: string, origin: string): string => (page === 'an absolute URL' ? `${origin}/sign-in` : page)
const pathOf = (page: string): string => named(page, '')

async function open(): Promise<Stage> {
  const site = await serveHttps({ users: [ada, grace] }, 'guard-page')
  const { tab } = await openSecureTab()
  await tab.addInitScript(() => {
    const moves = { loads: Number(sessionStorage.loads ?? 0) + 1, routed: 0 }
    sessionStorage.loads = moves.loads
    for (const name of ['pushState', 'replaceState'] as const) {
      const own = history[name].bind(history)
      history[name] = (...args) => {
        moves.routed++
        own(...args)
      }
    }
    Object.assign(window, { moves })
  })
  return {
    tab,
    visit: async (router, page, path) => {
      await tab.addInitScript(
        (guard) => {
          window.guard = guard
        },
        { ...router, redirectTo: named(page, origin(site)) },
      )
      await tab.goto('about:blank')
      await tab.goto(origin(site) + path)
    },
    moves: () => tab.evaluate(() => (window as unknown as { moves: Moves }).moves),
  }
}

/** Waits until the page shows a text, and looks again a little later: a loop would have gone on. */
async function shows(tab: Page, text: string): Promise<void> {
  const seen = () =>
    tab.evaluate(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      return document.querySelector('p')?.textContent
    })
  // A page that is just being left answers nothing.
  await eventually(async () => expect(await seen().catch(() => null)).toBe(text))
}
const address = (tab: Page): string => decodeURI(tab.url().replace(/^https:\/\/[^/]+/, ''))
const signIn = (tab: Page, who = ada) =>
  tab.evaluate((who) => {
    // What follows may leave the page.
    void window.guarded.signIn(who)
  }, who)
const signOut = (tab: Page) => tab.evaluate(() => void window.guarded.auth.signOut())
const here = (tab: Page) => tab.evaluate(() => decodeURI(window.guarded.here()))

test('without a router one page load leads to the sign-in page, however it is written, and back; but not the next person', async () => {
  const { tab, visit, moves } = await open()
  for (const page of pages) {
    const before = page === pages[0] ? 0 : (await moves()).loads
    await visit({ router: 'none' }, page, '/reports?y=1')
    await shows(tab, 'sign in')
    expect((await moves()).loads).toBe(before + 2)
    expect(address(tab)).toBe(`${pathOf(page)}?returnTo=%2Freports%3Fy%3D1`)
  }
  await signIn(tab)
  await shows(tab, 'secret of /reports?y=1')
  const { loads } = await moves()
  await signOut(tab)
  await shows(tab, 'sign in')
  expect(address(tab)).toBe('/sign-in')
  await signIn(tab, grace)
  await shows(tab, 'secret of /home')
  expect((await moves()).loads).toBe(loads + 2)
})

test.each<[string, Router, from: string, before: string]>([
  ['of the address bar', { router: 'browser' }, '/reports?y=1', ''],
  ['with a basename', { router: 'browser', basename: '/app' }, '/app/reports?y=1', '/app'],
  ['of the hash', { router: 'hash' }, '/#/reports?y=1', '/#'],
  ['in memory', { router: 'memory' }, '/', '/'],
])(
  'with a router %s one move leads to the sign-in page, however it is written, and back; but not the next person',
  async (_, router, from, before) => {
    const { tab, visit, moves } = await open()
    const inMemory = router.router === 'memory'
    for (const page of pages) {
      await visit(router, page, from)
      await shows(tab, 'sign in')
      expect((await here(tab)).replace(/\?.*/, '')).toBe(pathOf(page))
      // React Router writes the address once when it starts.
      expect((await moves()).routed).toBe(inMemory ? 0 : 2)
      expect(address(tab)).toBe(inMemory ? '/' : `${before}${pathOf(page)}?returnTo=%2Freports%3Fy%3D1`)
    }
    const { loads } = await moves()
    await signIn(tab)
    await shows(tab, 'secret of /reports?y=1')
    expect(await here(tab)).toBe('/reports?y=1')
    await signOut(tab)
    await shows(tab, 'sign in')
    expect(await here(tab)).toBe('/sign-in')
    await signIn(tab, grace)
    await shows(tab, 'secret of /home')
    expect((await moves()).loads).toBe(loads)
  },
)
