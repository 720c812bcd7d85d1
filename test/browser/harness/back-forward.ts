import { expect } from 'vitest'
import { eventually, type Tab } from './tabs.ts'

export interface Return {
  /** Whether the page came out of the back/forward cache, as it was. */
  readonly restored: boolean
  /** Why not, in Chromium's words; the other browsers do not tell. */
  readonly reasons: readonly string[]
}

/** Goes to another page of the site in the same tab. Resolves with the way back. */
export async function leavePage(tab: Tab, path: string): Promise<() => Promise<Return>> {
  // By the page itself: the drivers wait for a load, of which there is none for a restored page.
  await tab.evaluate((to) => {
    addEventListener('pageshow', ({ persisted }) => {
      document.body.dataset.restored = String(persisted)
    })
    setTimeout(() => location.assign(to))
  }, path)
  await arrived(tab, path)
  return async () => {
    await tab.evaluate(() => {
      setTimeout(() => history.back())
    })
    await arrived(tab, '/')
    return tab.evaluate(() => {
      const [visit] = performance.getEntriesByType('navigation') as (PerformanceNavigationTiming & {
        readonly notRestoredReasons?: { readonly reasons: readonly { readonly reason: string }[] } | null
      })[]
      const reasons = visit?.notRestoredReasons?.reasons.map(({ reason }) => reason) ?? []
      return { restored: document.body.dataset.restored === 'true', reasons }
    })
  }
}

const arrived = (tab: Tab, path: string): Promise<void> =>
  eventually(async () => {
    const here = await tab.evaluate(() => [location.pathname, document.readyState, !!window.kit])
    expect(here).toEqual([path, 'complete', path === '/'])
  })
