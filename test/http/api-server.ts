import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as the server received it. */
export interface Seen {
  readonly method: string
  readonly path: string
  /** With its query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** What the `Authorization` header held, without `Bearer `. */
  readonly token: string | null
}

export interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
}

type Route = (seen: Seen, response: ServerResponse) => Answer | undefined | Promise<Answer | undefined>

export interface ApiServer {
  readonly origin: string
  readonly requests: readonly Seen[]
  /** Of one path. */
  readonly to: (path: string) => Seen[]
  /** Resolves once so many requests have arrived. */
  readonly arrived: (count: number) => Promise<void>
  /** What a path answers to whoever is let in; with `open`, to everybody. A route without an answer writes its own. */
  readonly route: (path: string, route: Route, options?: { open?: boolean }) => void
  /** Decides who is let in. Default: nobody. */
  accepts: (token: string | null) => boolean
  readonly close: () => Promise<void>
}

export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(value),
})

export const unauthorized = (headers: Record<string, string> = {}): Answer => ({
  status: 401,
  headers: { 'Content-Type': 'application/json', 'WWW-Authenticate': 'Bearer error="invalid_token"', ...headers },
  body: '{"detail":"Token expired"}',
})

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** A real API on 127.0.0.1 that wants a bearer token, lets pages of any origin in, and remembers what it received. */
export async function startApi(): Promise<ApiServer> {
  const requests: Seen[] = []
  const routes = new Map<string, { route: Route; open: boolean }>()
  const waiting: { count: number; resolve: () => void }[] = []

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Access-Control-Expose-Headers', 'WWW-Authenticate')
    if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE')
      response.setHeader('Access-Control-Allow-Headers', request.headers['access-control-request-headers'] ?? '*')
      return response.writeHead(204).end()
    }
    const path = new URL(request.url ?? '/', 'http://server').pathname
    const body = await read(request)
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null
    const seen: Seen = {
      method: request.method ?? '',
      path,
      url: request.url ?? '/',
      headers: request.headers,
      body,
      token,
    }
    requests.push(seen)
    for (const waiter of waiting) if (requests.length >= waiter.count) waiter.resolve()
    const known = routes.get(path)
    const may = known?.open || api.accepts(token)
    const made = may ? (known ? await known.route(seen, response) : json({ path })) : unauthorized()
    if (!made) return
    response.writeHead(made.status ?? 200, made.headers).end(made.body)
  }

  const server = createServer((request, response) => {
    // A client that went away is no failure of the server.
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const api: ApiServer = {
    origin: `http://127.0.0.1:${port}`,
    requests,
    to: (path) => requests.filter((seen) => seen.path === path),
    arrived: (count) =>
      new Promise((resolve) => {
        if (requests.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
    route: (path, route, { open = false } = {}) => void routes.set(path, { route, open }),
    accepts: () => false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return api
}
