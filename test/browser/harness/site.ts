import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { expect } from 'vitest'
import { createDemoBackend, type DemoBackend } from '../../../demo/server/demo-server.ts'
import { createMockAuth, type MockAuth, type MockAuthOptions } from '../../../src/testing/auth-server/index.ts'
import { buildPage, sendFile } from './page-files.ts'
import { onStop } from './started.ts'

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

/** Where the page asks for new tokens. */
export const refreshPath = '/api/auth/refresh-token'

export interface MockSite extends Site {
  /** Holds back the next answer for `path`, which the server has by then worked on. Returns what lets it go. */
  readonly holdAnswer: (path: string) => () => void
}

export interface DemoSite extends Site {
  readonly demo: DemoBackend
  /** Throws one of the demo's switches. */
  readonly control: (name: 'down' | 'hang', on: boolean) => Promise<void>
}

/** Starts a server of another origin that answers 401 to everything. Resolves with its origin. */
export async function serveRefusal(): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(401, { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' }).end()
  })
  return `http://127.0.0.1:${await listen(server)}`
}

/** Serves the page with the demo's API and the mock behind it. */
export async function serveDemo(options: { readonly tokenLifetime?: number } = {}): Promise<DemoSite> {
  const demo = await createDemoBackend({ project: null, ...options })
  onStop(demo.close)
  const mock = demo.mock()
  if (!mock) throw new Error('no mock')
  const site = await serve(demo.middleware, mock)
  const control: DemoSite['control'] = async (name, on) => {
    const response = await fetch(`${site.url}api/demo/${name}`, { method: 'POST', body: JSON.stringify({ on }) })
    expect(response.status).toBe(200)
  }
  return { ...site, demo, control }
}

/** Serves the page with the mock itself as its API: any profile, any user. */
export async function serveMock(options: MockAuthOptions = {}): Promise<MockSite> {
  const held = new Map<string, Promise<void>>()
  const mock = createMockAuth(options)
  const answer = async (request: Request, { incoming }: HttpBindings) => {
    try {
      const response = await mock.handle(request)
      const { pathname } = new URL(request.url)
      const free = held.get(pathname)
      held.delete(pathname)
      await free
      return response
    } catch {
      // What is lost on the way is lost on the wire too.
      incoming.socket.destroy()
      return new Response(null, { status: 502 })
    }
  }
  const listener = getRequestListener((request, env) => answer(request, env as HttpBindings), {
    overrideGlobalObjects: false,
  })
  const site = await serve((request, response, next) => {
    if (request.url?.startsWith('/api/')) listener(request, response).catch(next)
    else next()
  }, mock)
  return {
    ...site,
    holdAnswer(path) {
      let free = (): void => {}
      held.set(
        path,
        new Promise((resolve) => {
          free = resolve
        }),
      )
      return () => free()
    },
  }
}

type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void

async function serve(middleware: Middleware, mock: MockAuth): Promise<Site> {
  const files = await buildPage()
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
    else middleware(request, response, () => sendFile(files, url, response))
  })
  const port = await listen(server)
  const hitsOf = (path: string) => hits.filter(({ url }) => url.split('?')[0] === path)
  return { url: `http://127.0.0.1:${port}/`, port, hits, hitsOf, mock }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onStop(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return (server.address() as AddressInfo).port
}
