import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { CookieStorageOptions } from 'keyturn'
import type { Page } from 'playwright-core'
import { createMockAuth, type MockAuth, type MockAuthOptions } from '../../../src/testing/auth-server/index.ts'
import { certificate } from './certificate.ts'
import { buildPage, sendFile } from './page-files.ts'
import { onStop } from './started.ts'

export interface HttpsSite {
  readonly mock: MockAuth
  /** The app, of these options, at a path of a host. `#name` at the end names its back end. */
  readonly app: (options?: CookieStorageOptions, path?: string, host?: string) => string
  /** An address that answers with these cookies. */
  readonly setting: (...cookies: string[]) => string
}

/** Loads the app, and tells who is signed in. */
export async function visit(tab: Page, url: string): Promise<string | null> {
  await tab.goto(url)
  return tab.evaluate(() => window.app.who())
}

/**
 * Serves the page of a folder (default: `cookie-page`) over https, at every path of every host, with an auth server below
 * `/api/`.
 */
export async function serveHttps(options: MockAuthOptions = {}, folder = 'cookie-page'): Promise<HttpsSite> {
  const mock = createMockAuth(options)
  const files = await buildPage(new URL(`../${folder}/`, import.meta.url))
  const listener = getRequestListener((request) => mock.handle(request), { overrideGlobalObjects: false })
  const server = createServer({ ...certificate, maxHeaderSize: 65_536 }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://app.example.test')
    if (pathname.startsWith('/api/')) void listener(request, response)
    else if (pathname === '/set') response.writeHead(200, { 'Set-Cookie': searchParams.getAll('cookie') }).end()
    else sendFile(files, files.has(pathname) ? pathname : '/', response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onStop(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return {
    mock,
    app: (storage = {}, path = '/', host = 'app.example.test') =>
      `https://${host}:${port}${path}?${encodeURIComponent(JSON.stringify(storage))}`,
    setting: (...cookies) =>
      `https://app.example.test:${port}/set?${new URLSearchParams(cookies.map((cookie) => ['cookie', cookie]))}`,
  }
}
