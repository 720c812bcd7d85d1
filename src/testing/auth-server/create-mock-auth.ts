import type { Clock } from '../../core/ports.ts'
import { createAdmin } from './admin.ts'
import { bearerOf, type Dialect, type IncomingRequest, type OpenEntry, type Route } from './core/http.ts'
import type { MockAuthOptions } from './core/options.ts'
import type { MockAuth } from './core/types.ts'
import { createCore } from './create-core.ts'
import { createFaultBoard } from './faults.ts'
import { abortable, incoming } from './incoming.ts'
import { createRequestLog } from './request-log.ts'
import { createRestDialect } from './rest/routes.ts'
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
  const { core, setTokenVersion } = createCore(options, clock)
  const supabase = createSupabaseDialect(core)
  const rest = createRestDialect(core, restBase)
  const board = createFaultBoard(clock)
  const requests = createRequestLog(options.logLimit ?? 10_000)

  async function answer(request: IncomingRequest, signal: AbortSignal | null): Promise<Response> {
    if (signal?.aborted) throw signal.reason
    const url = new URL(request.url)
    const isSupabase = url.pathname.startsWith(`${supabasePrefix}/`) || !url.pathname.startsWith(`${restBase}/`)
    const dialect = isSupabase ? supabase : rest
    const route = routeOf(dialect, request, url)
    const fault = board.take(route.call)
    const entry = requests.open({
      at: clock.now(),
      call: route.call,
      method: request.method,
      path: url.pathname,
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
    faults: board.faults,
    log: requests.entries,
    count: requests.count,
    admin: createAdmin(core, origin, setTokenVersion),
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
