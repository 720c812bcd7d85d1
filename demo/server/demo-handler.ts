import type { Hono } from 'hono'
import { createMockAuth, type MockAuth, type MockProfile } from '../../src/testing/auth-server/index.ts'
import { createApi } from './api.ts'
import { type CookieKeeper, cookieRoutes } from './cookie-routes.ts'
import { createDemoControl, type DemoControl } from './demo-control.ts'
import type { OtherOrigin } from './other-origin.ts'
import type { SupabaseAccess } from './supabase-call.ts'
import { createThief } from './thief.ts'
import { createTraffic } from './traffic.ts'

export interface DemoHandlerOptions {
  /** What the mock does with a spent refresh token. */
  readonly profile: MockProfile
  /** Life of the mock's access tokens in seconds. */
  readonly tokenLifetime: number
  /** Where the API finds its auth server. `mock`: a call within the program. */
  readonly access: SupabaseAccess | 'mock'
  /** Nothing is mocked: `access` leads to a real project. */
  readonly real?: boolean
  /** How the HttpOnly cookie gets to the browser and back. */
  readonly cookies: CookieKeeper
  /** The second origin; null where there is none. */
  readonly other: { readonly origin: string; readonly reset: OtherOrigin['reset'] } | null
}

export interface DemoHandler {
  /** Answers what is under `/api/`. */
  readonly handle: (request: Request) => Promise<Response>
  /** Whether every connection is to be cut, as a lost network would. */
  readonly cut: (path: string) => boolean
  /** The mock of the moment; null with a real project. A reset puts a new one in its place. */
  readonly mock: () => MockAuth | null
}

const demoUsers = [
  { email: 'ada@example.test', password: 'correct-horse', data: { name: 'Ada' } },
  { email: 'grace@example.test', password: 'battery-staple', data: { name: 'Grace' } },
  // Whoever signs in on the other side of the tour's comparisons.
  { email: 'alan@example.test', password: 'correct-horse', data: { name: 'Alan' } },
  { email: 'barbara@example.test', password: 'battery-staple', data: { name: 'Barbara' } },
]

/** Everything that stands behind the demo, as one handler. It names nothing of Node: it runs in a page's worker, too. */
export function createDemoHandler(options: DemoHandlerOptions): DemoHandler {
  const { profile, tokenLifetime, real = false, cookies, other } = options
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
      random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
      logLimit: 1000,
    })

  let mock = makeMock()
  const access: SupabaseAccess =
    options.access === 'mock'
      ? { supabaseUrl: mock.origin, anonKey: 'demo', fetch: (input, init) => mock.fetch(input, init) }
      : options.access
  let api: Hono = createApi(access)

  const traffic = createTraffic()
  const thief = createThief(() => mock, { keyturn: 'ada@example.test', usual: 'alan@example.test' })
  const cookieApi = cookieRoutes((request) => api.fetch(request), cookies)
  const control: DemoControl | null = real
    ? null
    : createDemoControl({
        mock: () => mock,
        traffic,
        thief,
        pass: (ms) => {
          passed += ms
        },
        otherOrigin: other?.origin ?? null,
        defaultLifetime: tokenLifetime,
        reset: () => {
          passed = 0
          traffic.reset()
          thief.reset()
          mock = makeMock()
          api = createApi(access)
          other?.reset()
        },
      })

  async function route(url: URL, request: Request): Promise<Response> {
    if (url.pathname === '/api/redirect') return redirect(url.searchParams.get('to'), other?.origin)
    if (url.pathname.startsWith('/api/cookie/')) return cookieApi.fetch(request)
    return api.fetch(request)
  }

  return {
    async handle(request) {
      const url = new URL(request.url)
      if (control && isControl(url.pathname)) return control.app.fetch(request)
      await sleep(traffic.latency(request) + late(url))
      const answer = (await control?.obstruct(request)) ?? (await route(url, request))
      traffic.note(request, answer.status)
      return answer
    },
    cut: (path) => !!control?.offline() && !isControl(path),
    mock: () => (real ? null : mock),
  }
}

const isControl = (path: string): boolean => /^\/api\/demo(\/|$)/.test(path)

const longest = 5000

/** A slow way in: `late` in the address says how many ms more a request takes before anybody looks at it. */
const late = ({ searchParams }: URL): number => Math.min(Number(searchParams.get('late')) || 0, longest)

async function sleep(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
}

/** Redirects to the second origin and nowhere else. */
function redirect(to: string | null, otherOrigin: string | undefined): Response {
  if (to === null || !URL.canParse(to) || new URL(to).origin !== otherOrigin) {
    return Response.json({ detail: 'Only to the second origin' }, { status: 400 })
  }
  return Response.redirect(to, 302)
}
