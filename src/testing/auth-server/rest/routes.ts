import { authenticate } from '../core/authenticate.ts'
import { type Core, endSessions, grant, isEndScope, noteSession, refresh, signIn } from '../core/core.ts'
import {
  type Dialect,
  type IncomingRequest,
  isRecord,
  json,
  type Route,
  type Visit,
  withHeaders,
} from '../core/http.ts'
import { type Metadata, sorted } from '../core/metadata.ts'
import type { EndScope, SessionRow } from '../core/sessions.ts'
import type { UserRow } from '../core/users.ts'
import { echo } from './echo.ts'

/** The plain REST contract that `restBackend` speaks, and test routes that want a token. */
export function createRestDialect(core: Core, base: string): Dialect {
  const routes: Readonly<Record<string, Route & { readonly methods: readonly string[] }>> = {
    '/auth/login': { methods: ['POST'], call: 'sign_in', run: (visit) => login(core, visit) },
    '/auth/refresh-token': { methods: ['POST'], call: 'refresh', run: (visit) => refreshToken(core, visit) },
    '/auth/logout': { methods: ['POST'], call: 'sign_out', run: (visit) => logout(core, visit) },
    '/auth/me': { methods: ['GET'], call: 'user', run: (visit) => me(core, visit) },
    '/echo': { methods: anyMethod, call: 'api', run: (visit) => guarded(core, visit, echo) },
    '/always-401': { methods: anyMethod, call: 'api', run: (visit) => unauthorized(visit, 'bad_jwt', 'Invalid token') },
    '/forbidden': { methods: anyMethod, call: 'api', run: () => forbidden() },
    '/public': { methods: anyMethod, call: 'api', run: (visit) => open(visit) },
  }
  return {
    match: (method, path) => {
      const name = path.slice(base.length)
      const route = routes[name.startsWith('/echo/') ? '/echo' : name]
      if (!route) return { call: 'unknown', run: () => json(404, { detail: 'Not Found' }) }
      if (route.methods.includes(method)) return route
      return { call: 'unknown', run: () => json(405, { detail: 'Method Not Allowed' }) }
    },
    preflight: (request) => finish(request, new Response(null, { status: 204 })),
    error: (_request, status, code, message) => json(status, { detail: message, code }),
    finish,
  }
}

const anyMethod = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Lets every page in: it is a server for tests. */
function finish(request: IncomingRequest, response: Response): Response {
  if (!request.headers.has('Origin')) return response
  const requested = request.headers.get('Access-Control-Request-Headers')
  return withHeaders(response, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'WWW-Authenticate, Retry-After',
    Vary: 'Origin',
    ...(request.headers.has('Access-Control-Request-Method')
      ? { 'Access-Control-Allow-Methods': anyMethod.join(', ') }
      : {}),
    ...(requested === null ? {} : { 'Access-Control-Allow-Headers': requested }),
  })
}

async function readBody(request: IncomingRequest): Promise<Readonly<Record<string, unknown>>> {
  try {
    const body: unknown = JSON.parse(await request.text())
    return isRecord(body) ? body : {}
  } catch {
    return {}
  }
}

async function login(core: Core, visit: Visit): Promise<Response> {
  const { email, password } = await readBody(visit.request)
  if (typeof email !== 'string' || typeof password !== 'string') {
    return refuse(visit, 422, 'validation_failed', 'email and password are required')
  }
  const result = signIn(core, visit, email, password)
  if (result.type === 'signed_in') return tokenAnswer(core, visit, result.session, result.token)
  if (result.code === 'email_not_confirmed') return refuse(visit, 403, result.code, 'Email not confirmed')
  if (result.code === 'user_banned') return refuse(visit, 403, result.code, 'User is banned')
  return json(401, { detail: 'Invalid email or password' })
}

async function refreshToken(core: Core, visit: Visit): Promise<Response> {
  const { refresh_token: token } = await readBody(visit.request)
  if (typeof token !== 'string') return refuse(visit, 422, 'validation_failed', 'refresh_token is required')
  const result = refresh(core, visit, token)
  if (result.type === 'refused') return refuse(visit, 401, result.code, result.message)
  return tokenAnswer(core, visit, result.session, result.token)
}

async function tokenAnswer(core: Core, visit: Visit, session: SessionRow, token: string | null): Promise<Response> {
  const { email } = session.user
  const user = userView(session.user)
  const members = await grant(core, visit, session, token)
  return json(200, { email, ...members, user })
}

/** Only what stays the same from refresh to refresh. */
function userView(user: UserRow): Readonly<Record<string, unknown>> {
  return { id: user.id, email: user.email, user_metadata: ownData(user.userMetadata) }
}

/** Without what the server itself says. */
function ownData({ email: _email, email_verified: _v, phone_verified: _p, sub: _sub, ...data }: Metadata): Metadata {
  return sorted(data)
}

async function logout(core: Core, visit: Visit): Promise<Response> {
  const body = await readBody(visit.request)
  const scope = body.scope ?? visit.url.searchParams.get('scope') ?? 'local'
  if (!isEndScope(scope)) return refuse(visit, 422, 'validation_failed', 'scope must be local, global or others')
  const session = await sessionToEnd(core, visit, body.refresh_token, scope)
  return session ?? new Response(null, { status: 204 })
}

/** Ends what the bearer token or else the refresh token names. Gives an answer only if neither is any good. */
async function sessionToEnd(core: Core, visit: Visit, token: unknown, scope: EndScope): Promise<Response | null> {
  const caller = await authenticate(core, visit)
  if (caller.type === 'ok') {
    endSessions(core, caller.user, caller.session, scope, 'signed_out')
    return null
  }
  if (typeof token === 'string') {
    visit.entry.refreshToken = token
    const session = core.sessions.ownerOf(token)?.session
    if (session && !session.ended) {
      visit.entry.code = null
      noteSession(visit, session)
      endSessions(core, session.user, session, scope, 'signed_out')
      return null
    }
  }
  return unauthorized(visit, caller.code, caller.message)
}

function me(core: Core, visit: Visit): Promise<Response> {
  return guarded(core, visit, (_visit, user) => json(200, userView(user)))
}

type Guarded = (visit: Visit, user: UserRow, session: SessionRow | null) => Response | Promise<Response>

async function guarded(core: Core, visit: Visit, run: Guarded): Promise<Response> {
  const caller = await authenticate(core, visit)
  if (caller.type === 'refused') return unauthorized(visit, caller.code, caller.message)
  return run(visit, caller.user, caller.session)
}

function open(visit: Visit): Response {
  return json(200, { authorization: visit.request.headers.has('Authorization') })
}

function forbidden(): Response {
  const headers = { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' }
  return json(403, { detail: 'Not allowed', code: 'insufficient_scope' }, headers)
}

function unauthorized(visit: Visit, code: string, detail: string): Response {
  visit.entry.code = code
  return json(401, { detail, code }, { 'WWW-Authenticate': 'Bearer error="invalid_token"' })
}

function refuse(visit: Visit, status: number, code: string, detail: string): Response {
  visit.entry.code = code
  return json(status, { detail, code })
}
