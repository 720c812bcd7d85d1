import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { MockAuth, MockProfile } from '../../src/testing/auth-server/index.ts'
import { headerCookie } from './cookie-routes.ts'
import { createDemoHandler, type DemoHandler } from './demo-handler.ts'
import { projectFromEnv, type SupabaseProject } from './env.ts'
import { type Listening, listen } from './listen.ts'
import { createOtherOrigin } from './other-origin.ts'

export interface DemoBackendOptions {
  /** Port of the mock auth server. Default: any that is free. */
  readonly authPort?: number
  /** Port of the second origin. Default: any that is free. */
  readonly otherPort?: number
  /** What the mock does with a spent refresh token. Default: `strict`, the hardest on a client. */
  readonly profile?: MockProfile
  /** Life of the mock's access tokens in seconds. Default: 600. */
  readonly tokenLifetime?: number
  /** A real project; null for the mock. Default: what the environment says. */
  readonly project?: SupabaseProject | null
}

export interface DemoBackend {
  /** Answers what is under `/api/`; hands on everything else. Mount it without a path. */
  readonly middleware: (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void
  /** The same as a handler of requests. */
  readonly handle: (request: Request) => Promise<Response>
  /** Where the auth server is. */
  readonly supabaseUrl: string
  /** The second origin, which must never see a token. */
  readonly otherOrigin: string
  /** The mock of the moment; null with a real project. A reset puts a new one in its place. */
  readonly mock: () => MockAuth | null
  readonly close: () => Promise<void>
}

/** Starts what stands behind the demo: an auth server, the API in front of it, and a second origin. */
export async function createDemoBackend(options: DemoBackendOptions = {}): Promise<DemoBackend> {
  const { authPort = 0, otherPort = 0, tokenLifetime = 600, profile = 'strict', project = projectFromEnv() } = options
  const other = createOtherOrigin()
  const otherServer = await listen(other.handle, otherPort)
  // The mock is asked by real HTTP, as a project would be.
  const authServer: Listening | null = project
    ? null
    : await listen((request) => answerOf(handler.mock(), request), authPort)
  const access = project ?? { supabaseUrl: authServer?.origin ?? '', anonKey: 'demo' }
  const handler: DemoHandler = createDemoHandler({
    profile,
    tokenLifetime,
    access,
    real: project !== null,
    cookies: headerCookie,
    other: { origin: otherServer.origin, reset: other.reset },
  })
  const listener = getRequestListener(handler.handle, { overrideGlobalObjects: false })
  return {
    middleware: (request, response, next) => {
      const { url = '' } = request
      if (!url.startsWith('/api/')) next()
      else if (handler.cut(url)) request.socket.destroy()
      else listener(request, response).catch(next)
    },
    handle: handler.handle,
    supabaseUrl: access.supabaseUrl,
    otherOrigin: otherServer.origin,
    mock: handler.mock,
    close: async () => {
      await Promise.all([otherServer.close(), authServer?.close()])
    },
  }
}

/** What would be a network error at the mock becomes a bad gateway. */
async function answerOf(mock: MockAuth | null, request: Request): Promise<Response> {
  try {
    if (mock) return await mock.handle(request)
  } catch {
    // Dropped, lost or aborted.
  }
  return new Response(null, { status: 502 })
}
