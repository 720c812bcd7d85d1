import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { build, preview, type Rolldown } from 'vite'
import { afterAll, beforeAll, expect } from 'vitest'
import { filesOf, sendFile } from './page-files.ts'

export interface TourSite {
  /** Where it is; ends with a slash. */
  readonly url: () => string
  /** Where a page of it is. */
  readonly page: (path: string) => string
}

const configFile = new URL('../../../vite.config.ts', import.meta.url).pathname

/** The demo as `npm run demo` serves it, but for its port and its folder. */
export function withTour(): TourSite {
  const outDir = new URL(`../../../.tmp/demo-${process.pid}`, import.meta.url).pathname
  let url = ''
  let close: () => Promise<void> = async () => {}
  beforeAll(async () => {
    const shared = { configFile, mode: 'production', logLevel: 'error', build: { outDir } } as const
    await build(shared)
    const server = await preview({ ...shared, preview: { port: 0, host: '127.0.0.1' } })
    url = `http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}/`
    close = () => server.close()
  })
  afterAll(async () => {
    await close()
    await rm(outDir, { recursive: true, force: true })
  })
  return { url: () => url, page: (path) => url + path.slice(1) }
}

export interface StaticTourSite extends TourSite {
  /** Every path that the file server was asked for. */
  readonly asked: readonly string[]
}

/** What `npm run demo:static` builds, below a path of a server that has nothing but files. */
export function withStaticTour(): StaticTourSite {
  const asked: string[] = []
  let url = ''
  let close: () => void = () => {}
  beforeAll(async () => {
    const built = await build({ configFile, mode: 'static', logLevel: 'error', build: { write: false } })
    const files = filesOf((built as Rolldown.RolldownOutput).output)
    const server = createServer((request, response) => {
      const path = request.url ?? ''
      asked.push(path)
      sendFile(files, path.startsWith(BELOW) ? path.slice(BELOW.length) : '', response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${BELOW}/`
    close = () => {
      server.close()
      server.closeAllConnections()
    }
  })
  afterAll(() => close())
  return { url: () => url, page: (path) => (path === '/' ? url : `${url}#${path}`), asked }
}

const BELOW = '/projects/keyturn'

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

/** What moves, or will once it changes: in the page, its frames and its shadow roots. */
export async function movingIn(tab: Page): Promise<string[]> {
  const found = tab.frames().map((frame) =>
    frame.evaluate(() => {
      const moving: string[] = []
      const lasts = (times: string) => times.split(',').some((time) => Number.parseFloat(time) > 0)
      const visit = (root: Document | ShadowRoot) => {
        for (const element of root.querySelectorAll('*')) {
          const { animationName, animationDuration, transitionDuration } = getComputedStyle(element)
          if ((animationName !== 'none' && lasts(animationDuration)) || lasts(transitionDuration))
            moving.push(`${element.tagName.toLowerCase()}.${element.className}`)
          if (element.shadowRoot) visit(element.shadowRoot)
        }
      }
      visit(document)
      return moving
    }),
  )
  return (await Promise.all(found)).flat()
}
