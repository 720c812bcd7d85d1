import type { Clock } from '../../core/ports.ts'
import { createAdmin } from './admin.ts'
import { bearerOf, type Dialect, type IncomingRequest, type OpenEntry, type Route } from './core/http.ts'
import type { MockAuthOptions } from './core/options.ts'
import type { Fault, MockAuth } from './core/types.ts'
import { createCore } from './create-core.ts'
import { createFaultBoard } from './faults.ts'
import { abortable, incoming } from './incoming.ts'
import { createRequestLog } from './request-log.ts'
import type { MockRestUser } from './rest/dialect.ts'
import { createRestDialect, guarded, ownView } from './rest/routes.ts'
import { runFault } from './run-fault.ts'
import { createSupabaseDialect, supabasePrefix } from './supabase/routes.ts'
import { grantType } from './supabase/token.ts'

const realClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
}

/**
 * Makes a mock auth server that lives in memory: rotating one-time refresh tokens, reuse detection, sessions, real
 * signatures, and faults on demand. It speaks the dialect of Supabase Auth, under `/auth/v1` or without a prefix, and a
 * plain REST dialect under `restBase`, both over the same sessions.
 *
 * It does not send mail, and what it lacks of Supabase Auth (MFA, phone, OAuth, SSO, passkeys) answers as on a server
 * that has it switched off.
 */
export function createMockAuth(options: MockAuthOptions = {}): MockAuth {
  const clock = options.clock ?? realClock
  const restBase = (options.restBase ?? '/api').replace(/\/+$/, '')
  const origin = options.origin ?? 'http://auth.test'
  const assemble = () => {
    const { core, setTokenVersion } = createCore(options, clock)
    return {
      core,
      supabase: createSupabaseDialect(core),
      rest: createRestDialect(core, restBase, options.rest),
      board: createFaultBoard(clock),
      requests: createRequestLog(options.logLimit ?? 10_000),
      admin: createAdmin(core, origin, setTokenVersion),
    }
  }
  let state = assemble()
  const dialectOf = (path: string) => {
    const isSupabase = path.startsWith(`${supabasePrefix}/`) || !path.startsWith(`${restBase}/`)
    return isSupabase ? state.supabase : state.rest
  }

  const open = (request: IncomingRequest, { pathname }: URL, call: OpenEntry['call'], fault: Fault | null) =>
    state.requests.open({
      at: clock.now(),
      call,
      method: request.method,
      path: pathname,
      status: null,
      fault: fault?.type ?? null,
      bearer: bearerOf(request),
      refreshToken: null,
      issuedRefreshToken: null,
      userId: null,
      sessionId: null,
      verdict: null,
      code: null,
    })

  async function answer(request: IncomingRequest, signal: AbortSignal | null): Promise<Response> {
    if (signal?.aborted) throw signal.reason
    const url = new URL(request.url)
    const dialect = dialectOf(url.pathname)
    const route = routeOf(dialect, request, url)
    const fault = state.board.take(route.call)
    const entry = open(request, url, route.call, fault)
    const process = async (): Promise<Response> => {
      const response = await route.run({ request, url, entry })
      return route.call === 'preflight' ? response : dialect.finish(request, response)
    }
    const response = await (fault
      ? runFault(clock, fault, signal, {
          process,
          fail: (status, code, message) => dialect.finish(request, dialect.error(request, status, code, message)),
          finish: (made) => dialect.finish(request, made),
          entry,
        })
      : process())
    entry.status = response.status
    return response
  }

  return {
    handle: (request) => answer(request, request.signal),
    fetch: async (input, init = {}) => {
      const signal = init.signal ?? (input instanceof Request ? input.signal : null)
      const work = answer(incoming(input, init, origin), signal)
      return signal ? abortable(work, signal) : work
    },
    owns({ method, url }) {
      const { pathname } = new URL(url, origin)
      return dialectOf(pathname).match(method, pathname).call !== 'unknown'
    },
    async authenticate(request) {
      const url = new URL(request.url)
      const entry = open(request, url, 'api', null)
      let user: MockRestUser | null = null
      const response = await guarded(state.core, { request, url, entry }, (_visit, row) => {
        user = ownView(row)
        return new Response(null)
      })
      entry.status = response.status
      return user ? { user, refusal: null } : { user: null, refusal: response }
    },
    reset() {
      state = assemble()
    },
    get faults() {
      return state.board.faults
    },
    get log() {
      return state.requests.entries
    },
    count: (call) => state.requests.count(call),
    get admin() {
      return state.admin
    },
    origin,
    restBase,
  }
}

type AnyRoute = { readonly call: OpenEntry['call']; readonly run: Route['run'] }

function routeOf(dialect: Dialect, request: IncomingRequest, url: URL): AnyRoute {
  if (request.method === 'OPTIONS' && request.headers.has('Access-Control-Request-Method')) {
    return { call: 'preflight', run: () => dialect.preflight(request) }
  }
  const route = dialect.match(request.method, url.pathname)
  // One address, two calls: only the query tells them apart.
  const isSignIn = route.call === 'refresh' && grantType(url) === 'password'
  return isSignIn ? { call: 'sign_in', run: route.run } : route
}
