import { randomInt } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { createMockAuth, type MockAuth, type MockProfile } from '../../src/testing/auth-server/index.ts'
import { createApi } from './api.ts'
import { cookieRoutes } from './cookie-routes.ts'
import { createDemoControl, type DemoControl } from './demo-control.ts'
import { projectFromEnv, type SupabaseProject } from './env.ts'
import { type Listening, listen } from './listen.ts'
import { createOtherOrigin } from './other-origin.ts'
import { createThief } from './thief.ts'
import { createTraffic } from './traffic.ts'

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

const demoUsers = [
  { email: 'ada@example.test', password: 'correct-horse', data: { name: 'Ada' } },
  { email: 'grace@example.test', password: 'battery-staple', data: { name: 'Grace' } },
  // Whoever signs in on the other side of the tour's comparisons.
  { email: 'alan@example.test', password: 'correct-horse', data: { name: 'Alan' } },
  { email: 'barbara@example.test', password: 'battery-staple', data: { name: 'Barbara' } },
]

/** Starts what stands behind the demo: an auth server, the API in front of it, and a second origin. */
export async function createDemoBackend(options: DemoBackendOptions = {}): Promise<DemoBackend> {
  const { authPort = 0, otherPort = 0, tokenLifetime = 600, profile = 'strict', project = projectFromEnv() } = options
  /** How far (ms) the tour has moved the server's clock on. */
  let passed = 0
  const makeMock = (): MockAuth =>
    createMockAuth({
      clock: {
        now: () => Date.now() + passed,
        setTimeout: (run, ms) => setTimeout(run, ms),
        clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
      },
      profile,
      tokenLifetime,
      users: demoUsers,
      random: () => randomInt(2 ** 32) / 2 ** 32,
      logLimit: 1000,
    })

  const other = createOtherOrigin()
  const otherServer = await listen(other.handle, otherPort)

  let mock = project ? null : makeMock()
  const authServer: Listening | null = mock ? await listen((request) => answerOf(mock, request), authPort) : null
  const access = project ?? { supabaseUrl: authServer?.origin ?? '', anonKey: 'demo' }
  let api: Hono = createApi(access)

  const traffic = createTraffic()
  const theMock = () => mock ?? makeMock()
  const thief = createThief(theMock, { keyturn: 'ada@example.test', usual: 'alan@example.test' })
  const cookies = cookieRoutes((request) => api.fetch(request))
  const control: DemoControl | null = mock
    ? createDemoControl({
        mock: theMock,
        traffic,
        thief,
        pass: (ms) => {
          passed += ms
        },
        otherOrigin: otherServer.origin,
        defaultLifetime: tokenLifetime,
        reset: () => {
          passed = 0
          traffic.reset()
          thief.reset()
          mock = makeMock()
          api = createApi(access)
          other.reset()
        },
      })
    : null

  async function handle(request: Request): Promise<Response> {
    const url = new URL(request.url)
    if (control && /^\/api\/demo(\/|$)/.test(url.pathname)) return control.app.fetch(request)
    await sleep(traffic.latency(request) + late(url))
    const answer = (await control?.obstruct(request)) ?? (await route(url, request))
    traffic.note(request, answer.status)
    return answer
  }

  async function route(url: URL, request: Request): Promise<Response> {
    if (url.pathname === '/api/redirect') return redirect(url.searchParams.get('to'), otherServer.origin)
    if (url.pathname.startsWith('/api/cookie/')) return cookies.fetch(request)
    return api.fetch(request)
  }

  const listener = getRequestListener(handle, { overrideGlobalObjects: false })
  return {
    middleware: (request, response, next) => {
      const { url = '' } = request
      if (!url.startsWith('/api/')) next()
      else if (control?.offline() && !url.startsWith('/api/demo')) request.socket.destroy()
      else listener(request, response).catch(next)
    },
    handle,
    supabaseUrl: access.supabaseUrl,
    otherOrigin: otherServer.origin,
    mock: () => mock,
    close: async () => {
      await Promise.all([otherServer.close(), authServer?.close()])
    },
  }
}

const longest = 5000

/** A slow way in: `late` in the address says how many ms more a request takes before anybody looks at it. */
const late = ({ searchParams }: URL): number => Math.min(Number(searchParams.get('late')) || 0, longest)

async function sleep(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
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

/** Redirects to the second origin and nowhere else. */
function redirect(to: string | null, otherOrigin: string): Response {
  if (to === null || !URL.canParse(to) || new URL(to).origin !== otherOrigin) {
    return Response.json({ detail: 'Only to the second origin' }, { status: 400 })
  }
  return Response.redirect(to, 302)
}
