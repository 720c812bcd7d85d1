import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { build, type Rolldown } from 'vite'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { createDemoBackend, type DemoBackend } from '../../demo/server/demo-server.ts'
import { createMockAuth, type MockAuth, type MockAuthOptions } from '../../src/testing/mock-auth/index.ts'
import type { Outcome, SeenEvent, User } from './page/main.ts'

export const ada = { email: 'ada@example.test', password: 'correct-horse' }
export const grace = { email: 'grace@example.test', password: 'battery-staple' }

/** One request for the API, as it came over the wire. */
export interface Hit {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly bearer: string | null
  /** null while there is no answer. */
  status: number | null
}

export interface Site {
  /** Address of the page. */
  readonly url: string
  readonly port: number
  /** Every request below `/api/`, in order of arrival. */
  readonly hits: readonly Hit[]
  /** Those for one path. */
  readonly hitsOf: (path: string) => readonly Hit[]
  readonly mock: MockAuth
}

export interface DemoSite extends Site {
  readonly demo: DemoBackend
  /** Throws one of the demo's switches. */
  readonly control: (name: 'down' | 'hang', on: boolean) => Promise<void>
}

export interface Tabs {
  readonly context: BrowserContext
  /** Opens `count` more tabs at the same time. */
  readonly open: (count: number) => Promise<Page[]>
  /** What nobody caught, in any tab. */
  readonly errors: readonly string[]
}

/** Starts a server of another origin that answers 401 to everything. Resolves with its origin. */
export async function serveRefusal(): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(401, { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' }).end()
  })
  return `http://127.0.0.1:${await listen(server)}`
}

type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void

const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.example.test 127.0.0.1',
]

/** The places where scripts/ensure-browser.mjs looks. */
const findBrowser = (): string => {
  const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  const found = places.find((place) => place && existsSync(place))
  if (!found) throw new Error('No Chromium here: run `node scripts/ensure-browser.mjs`.')
  return found
}

let browser: Browser
let files: ReadonlyMap<string, string | Uint8Array>
const started: Array<() => Promise<unknown>> = []

/**
 * Starts the browser once per test file, and stops after each test what that test has started; after all of them when
 * they run at the same time.
 */
export function withBrowser({ concurrent = false } = {}): void {
  beforeAll(async () => {
    const [made, launched] = await Promise.all([
      buildPage(),
      chromium.launch({ executablePath: findBrowser(), args: chromiumArgs }),
    ])
    files = made
    browser = launched
  })
  const stopAll = async () => {
    for (const stop of started.splice(0).reverse()) await stop()
  }
  if (!concurrent) afterEach(stopAll)
  afterAll(async () => {
    await stopAll()
    await browser?.close()
  })
}

/** The test page, built as an app would be, in memory. */
async function buildPage(): Promise<Map<string, string | Uint8Array>> {
  const { output } = (await build({
    configFile: false,
    root: new URL('./page/', import.meta.url).pathname,
    // Not 'warn': rolldown warns of the "use client" at the top of keyturn/react.
    logLevel: 'error',
    mode: 'production',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, chunkSizeWarningLimit: 2000 },
    resolve: {
      alias: [
        { find: /^keyturn$/, replacement: new URL('../../src/index.ts', import.meta.url).pathname },
        { find: /^keyturn\/(\w+)$/, replacement: new URL('../../src/$1/index.ts', import.meta.url).pathname },
      ],
    },
  })) as Rolldown.RolldownOutput
  return new Map(output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]))
}

/** Serves the page with the demo's API and the mock behind it. */
export async function serveDemo(options: { readonly tokenLifetime?: number } = {}): Promise<DemoSite> {
  const demo = await createDemoBackend({ project: null, ...options })
  started.push(demo.close)
  const mock = demo.mock()
  if (!mock) throw new Error('no mock')
  const site = await serve(demo.middleware, mock)
  const control: DemoSite['control'] = async (name, on) => {
    const response = await fetch(`${site.url}api/demo/${name}`, { method: 'POST', body: JSON.stringify({ on }) })
    expect(response.status).toBe(200)
  }
  return { ...site, demo, control }
}

/** Serves the page with the mock itself as its API: any rotation, any user. */
export async function serveMock(options: MockAuthOptions = {}): Promise<Site> {
  const mock = createMockAuth(options)
  const listener = getRequestListener((request) => mock.handle(request), { overrideGlobalObjects: false })
  return serve((request, response, next) => {
    if (request.url?.startsWith('/api/')) listener(request, response).catch(next)
    else next()
  }, mock)
}

async function serve(middleware: Middleware, mock: MockAuth): Promise<Site> {
  const hits: Hit[] = []
  // Room for the token twice: in the cookies and in the Authorization header. Node's own limit is 16 kB.
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    const url = request.url ?? '/'
    if (url.startsWith('/api/') && !url.startsWith('/api/demo/')) {
      const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null
      const hit: Hit = { method: request.method ?? '', url, bearer, status: null }
      hits.push(hit)
      response.on('finish', () => {
        hit.status = response.statusCode
      })
    }
    const away = /^\/api\/away\?to=([^&]+)/.exec(url)?.[1]
    if (away) response.writeHead(302, { Location: decodeURIComponent(away) }).end()
    else middleware(request, response, () => page(url, response))
  })
  const port = await listen(server)
  const hitsOf = (path: string) => hits.filter(({ url }) => url.split('?')[0] === path)
  return { url: `http://127.0.0.1:${port}/`, port, hits, hitsOf, mock }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  started.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return (server.address() as AddressInfo).port
}

function page(url: string, response: ServerResponse): void {
  const path = url.split('?')[0] ?? ''
  const name = path === '/' ? '/index.html' : path
  const body = files.get(name)
  const type = name.endsWith('.js') ? 'text/javascript' : 'text/html'
  response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': `${type}; charset=utf-8` }).end(body)
}

/** A browser as it was before it told pages of changed cookies. */
export const withoutCookieEvents = (): void => {
  Object.defineProperty(window, 'cookieStore', { value: undefined })
}

/**
 * A browser of its own with `count` tabs on the page: one context, one set of cookies. `init` runs in each page before
 * anything else.
 */
export async function openTabs(url: string, count = 1, init?: () => void): Promise<Tabs & { readonly pages: Page[] }> {
  const context = await browser.newContext()
  context.setDefaultTimeout(10_000)
  started.push(() => context.close())
  if (init) await context.addInitScript(init)
  const errors: string[] = []
  const open = (more: number) =>
    Promise.all(
      Array.from({ length: more }, async () => {
        const tab = await context.newPage()
        tab.on('pageerror', ({ message }) => errors.push(message))
        await tab.goto(url)
        return tab
      }),
    )
  return { context, open, errors, pages: await open(count) }
}

/** One tab. */
export async function openTab(url: string, init?: () => void): Promise<Tabs & { readonly tab: Page }> {
  const tabs = await openTabs(url, 1, init)
  return { ...tabs, tab: tabs.pages[0] as Page }
}

export const signIn = (tab: Page, who: typeof ada = ada): Promise<User> =>
  tab.evaluate((credentials) => window.kit.auth.signIn(credentials), who)

/** Waits until the tab shows somebody, or nobody. */
export async function showsUser(tab: Page, email: string | null): Promise<void> {
  await tab.waitForFunction((who) => {
    const main = document.querySelector('main')
    const shown = document.querySelector('#user')?.textContent ?? ''
    return who ? shown === who : main?.dataset.status === 'unauthenticated' && shown === ''
  }, email)
}

export const sessionId = (tab: Page): Promise<string | null> => tab.evaluate(() => window.kit.auth.inspect().sessionId)

export const accessToken = (tab: Page): Promise<string | null> => tab.evaluate(() => window.kit.auth.getAccessToken())

export const statuses = (outcomes: readonly { readonly status: number | null }[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { status } of outcomes) counts[String(status)] = (counts[String(status)] ?? 0) + 1
  return counts
}

/** Sends `count` requests in a tab, at the real time `at` or at once. */
export const many = (tab: Page, path: string, count: number, at = 0): Promise<readonly Outcome[]> =>
  tab.evaluate(
    async ([path, count, at]) => {
      await window.kit.until(at)
      return window.kit.many(path, count)
    },
    [path, count, at] as const,
  )

/** The moment, a little later, at which all tabs wake from a sleep of an hour. */
export async function sleepInAll(...tabs: Page[]): Promise<number> {
  const at = Date.now() + 1_500 + 100 * tabs.length
  await Promise.all(tabs.map((tab) => tab.evaluate(([at, ms]) => window.kit.sleep(at, ms), [at, 3_600_000] as const)))
  expect(Date.now(), 'all tabs know before it happens').toBeLessThan(at)
  return at
}

export const events = (tab: Page): Promise<readonly SeenEvent[]> => tab.evaluate(() => window.kit.events)

export const eventNames = async (...tabs: Page[]): Promise<readonly string[]> =>
  (await Promise.all(tabs.map(events))).flat().map(({ name }) => name)

/** Each status that a tab has rendered, oldest first. */
export const shown = (tab: Page): Promise<readonly string[]> =>
  tab.evaluate(() => window.kit.views.map(({ status }) => status))

/** What the tabs hold: session, and the signature of the access token. One entry when all hold the same. */
export async function held(tabs: readonly Page[]): Promise<readonly string[]> {
  const all = tabs.map(async (tab) => `${await sessionId(tab)} ${(await accessToken(tab))?.slice(-8)}`)
  return [...new Set(await Promise.all(all))]
}

export const signedInOnce: unknown[] = [expect.stringMatching(/^\S{8,} \S{8}$/)]

/** Chromium tells pages of changed cookies; others do not, or not everywhere. */
export const browsers: readonly { readonly cookies: string; readonly init: (() => void) | undefined }[] = [
  { cookies: 'with cookie events', init: undefined },
  { cookies: 'without cookie events', init: withoutCookieEvents },
]
