import type { Clock } from '../../core/ports.ts'
import type { FakeClock } from '../fake-clock.ts'
import { type AccessTokens, createAccessTokens } from './access-tokens.ts'
import type { Core } from './core.ts'
import { createFaultBoard, networkError, wait } from './faults.ts'
import { bearerOf, type Dialect, json, type OpenEntry, type Route } from './http.ts'
import { createIds } from './ids.ts'
import { createRequestLog } from './request-log.ts'
import { createRestDialect } from './rest.ts'
import { createStore } from './store.ts'
import { createSupabaseDialect, grantType, supabasePrefix } from './supabase.ts'
import type { Fault, MockAuth, MockAuthOptions, MockUser } from './types.ts'

const realClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
}

const defaultUsers: readonly MockUser[] = [{ email: 'ada@example.test', password: 'correct-horse' }]

/**
 * Makes a mock auth server that lives in memory: rotating one-time refresh tokens, reuse detection, sessions, real
 * signatures, and faults on demand. It speaks the dialect of Supabase Auth under `/auth/v1` and a plain REST dialect
 * under `restBase`, both over the same sessions.
 */
export function createMockAuth(options: MockAuthOptions = {}): MockAuth {
  const clock = options.clock ?? realClock
  const ids = createIds(options.random ?? Math.random)
  const rotation = options.rotation ?? 'strict'
  const restBase = (options.restBase ?? '/api').replace(/\/+$/, '')
  const origin = options.origin ?? 'http://auth.test'
  const now = (): number => clock.now() + (options.serverSkew ?? 0)
  const signer = createAccessTokens({
    secret: options.jwtSecret ?? ids.opaque(),
    now,
    ids,
    lifetime: options.tokenLifetime ?? 3600,
    opaque: options.opaqueTokens ?? false,
    unique: rotation === 'strict',
  })
  // WebCrypto works in real time; a fake clock waits for it, or a slow machine would see time-outs.
  const during = 'during' in clock ? (clock as FakeClock).during : <T>(work: Promise<T>) => work
  const tokens: AccessTokens = {
    ...signer,
    issue: (claims) => during(signer.issue(claims)),
    verify: (token) => during(signer.verify(token)),
  }
  const store = createStore(ids, now, {
    rotation,
    reuseInterval: options.reuseInterval ?? 10,
    revokeOnReuse: options.revokeOnReuse ?? true,
    rotate: options.rotate ?? true,
  })
  for (const user of options.users ?? defaultUsers) store.addUser(user)

  const core: Core = { store, tokens, now, omitExpiry: options.omitExpiry ?? false }
  const supabase = createSupabaseDialect(core)
  const rest = createRestDialect(core, restBase)
  const board = createFaultBoard(clock)
  const requests = createRequestLog(options.logLimit ?? 10_000)

  async function answer(request: Request, signal: AbortSignal): Promise<Response> {
    if (signal.aborted) throw signal.reason
    const url = new URL(request.url)
    const isSupabase = url.pathname.startsWith(`${supabasePrefix}/`)
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
      userId: null,
      sessionId: null,
      verdict: null,
      code: null,
    })
    const response = await suffer(clock, fault, signal, {
      process: async () => {
        const response = await route.run({ request, url, entry })
        return route.call === 'preflight' ? response : dialect.finish(request, response)
      },
      fail: (status, code, message) => dialect.finish(request, dialect.error(request, status, code, message)),
      finish: (made) => dialect.finish(request, made),
      entry,
    })
    entry.status = response.status
    return response
  }

  return {
    handle: (request) => answer(request, request.signal),
    fetch: async (input, init = {}) => {
      // The signal stays outside of the Request, which in some test environments takes only its own kind of signal.
      const { signal: ownSignal, ...rest } = init
      const address = input instanceof Request ? input : new URL(String(input), origin)
      const request = new Request(address, rest)
      const signal = ownSignal ?? (input instanceof Request ? input.signal : new AbortController().signal)
      return abortable(answer(request, signal), signal)
    },
    faults: board.faults,
    log: requests.entries,
    count: requests.count,
    admin: {
      expireAccessTokens: tokens.expireAll,
      revokeSession: store.endOne,
      revokeSessions: store.endAll,
      sessions: store.list,
      isLive: (sessionId) => store.liveToken(sessionId) !== null,
      currentRefreshToken: store.liveToken,
      setTokenLifetime: tokens.setLifetime,
      ban: (email, banned = true) => {
        const user = store.findUser(email)
        if (user) user.banned = banned
      },
    },
    origin,
    restBase,
  }
}

type AnyRoute = { readonly call: OpenEntry['call']; readonly run: Route['run'] }

function routeOf(dialect: Dialect, request: Request, url: URL): AnyRoute {
  if (request.method === 'OPTIONS' && request.headers.has('Access-Control-Request-Method')) {
    return { call: 'preflight', run: () => dialect.preflight(request) }
  }
  const route = dialect.match(request.method, url.pathname)
  if (!route) return { call: 'unknown', run: () => json(404, { detail: 'Not Found' }) }
  // One address, two calls: only the query tells them apart.
  const isSignIn = route.call === 'refresh' && grantType(url) === 'password'
  return isSignIn ? { call: 'sign_in', run: route.run } : route
}

interface Work {
  readonly process: () => Promise<Response>
  readonly fail: (status: number, code: string, message: string) => Response
  readonly finish: (response: Response) => Response
  readonly entry: OpenEntry
}

/** Works a request under a fault, or without. */
async function suffer(clock: Clock, fault: Fault | null, signal: AbortSignal, work: Work): Promise<Response> {
  switch (fault?.type) {
    case undefined:
      return work.process()
    case 'latency': {
      if (fault.before) {
        await wait(clock, fault.ms, signal)
        return work.process()
      }
      const response = await work.process()
      await wait(clock, fault.ms, signal)
      return response
    }
    case 'status':
      return failWith(fault, work)
    case 'html':
      return new Response('<!doctype html><title>Sign in to this network</title><p>Welcome to our wifi.</p>', {
        status: fault.status ?? 200,
        headers: { 'Content-Type': 'text/html; charset=utf-8' },
      })
    case 'junk':
      return work.finish(
        new Response('{"access_token":"', { status: 200, headers: { 'Content-Type': 'application/json' } }),
      )
    case 'drop':
      throw networkError()
    case 'hang':
      await wait(clock, null, signal)
      throw networkError()
    case 'lost_answer':
      work.entry.status = (await work.process()).status
      throw networkError()
  }
}

function failWith(fault: Fault & { type: 'status' }, work: Work): Response {
  const { status, body, headers = {} } = fault
  if (status === 204 || status === 205 || status === 304) return work.finish(new Response(null, { status, headers }))
  const code = faultCodes[status] ?? (status >= 500 ? 'unexpected_failure' : 'unknown')
  work.entry.code = code
  const normal = work.fail(status, code, faultMessages[code] ?? 'Injected fault')
  const merged = new Headers(normal.headers)
  for (const [name, value] of Object.entries(headers)) merged.set(name, value)
  if (body === undefined) return new Response(normal.body, { status, headers: merged })
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers: merged })
}

const faultCodes: Readonly<Record<number, string>> = { 409: 'conflict', 429: 'over_request_rate_limit' }

const faultMessages: Readonly<Record<string, string>> = {
  conflict: 'Too many concurrent token refresh requests on the same session or refresh token',
  over_request_rate_limit: 'Request rate limit reached',
  unexpected_failure: 'Unexpected failure, please check server logs for more information',
}

/** Rejects as soon as the signal aborts, whatever the server still does. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
