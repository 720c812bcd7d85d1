import { rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { build, preview } from 'vite'
import { afterAll, beforeAll, expect } from 'vitest'

export interface TourSite {
  /** Where it is; ends with a slash. */
  readonly url: () => string
}

/** The demo as `npm run demo` serves it, but for its port and its folder. */
export function withTour(): TourSite {
  const outDir = new URL(`../../../.tmp/demo-${process.pid}`, import.meta.url).pathname
  let url = ''
  let close: () => Promise<void> = async () => {}
  beforeAll(async () => {
    const shared = {
      configFile: new URL('../../../vite.config.ts', import.meta.url).pathname,
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
  return { url: () => url }
}

/** No violation that axe knows, in the page, its frames and its shadow roots. */
export async function expectAccessible(tab: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page: tab }).analyze()
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
}

/** No page scrolls sideways. */
export async function expectNarrow(tab: Page, widths: readonly number[]): Promise<void> {
  for (const width of widths) {
    await tab.setViewportSize({ width, height: 800 })
    expect(await tab.evaluate(() => document.documentElement.scrollWidth), `${width} px`).toBeLessThanOrEqual(width)
  }
}
