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
import {
  type MockDialect,
  type MockRestCall,
  type MockRestUser,
  type ReadDialect,
  readAny,
  readDialect,
} from './dialect.ts'
import { echo } from './echo.ts'

/**
 * The plain REST contract that `restBackend` speaks, and test routes that want a token. With a dialect of the app's own, only
 * the four calls of that: every other path is the app's.
 */
export function createRestDialect(core: Core, base: string, own?: MockDialect): Dialect {
  const dialect = readDialect(own ?? {})
  const calls: Readonly<Record<MockRestCall, Route>> = {
    signIn: { call: 'sign_in', run: (visit) => login(core, visit, dialect) },
    refresh: { call: 'refresh', run: (visit) => refreshToken(core, visit, dialect) },
    signOut: { call: 'sign_out', run: (visit) => logout(core, visit, dialect) },
    user: { call: 'user', run: (visit) => me(core, visit, dialect) },
  }
  const tests: Readonly<Record<string, Route>> = {
    '/echo': { call: 'api', run: (visit) => guarded(core, visit, echo) },
    '/always-401': { call: 'api', run: (visit) => unauthorized(visit, 'bad_jwt', 'Invalid token') },
    '/forbidden': { call: 'api', run: () => forbidden() },
    '/public': { call: 'api', run: (visit) => open(visit) },
  }
  const none: Route = { call: 'unknown', run: () => json(404, { detail: 'Not Found' }) }
  return {
    match: (method, path) => {
      const name = path.slice(base.length)
      const call = dialect.callOf(method, name)
      if (call) return calls[call]
      const known = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].some((each) => dialect.callOf(each, name))
      const test = own || known ? undefined : tests[name.startsWith('/echo/') ? '/echo' : name]
      if (test ? anyMethod.includes(method) : !known || own) return test ?? none
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

async function login(core: Core, visit: Visit, dialect: ReadDialect): Promise<Response> {
  const body = await readAny(visit.request)
  const [email, password] = [dialect.email(body), dialect.password(body)]
  if (typeof email !== 'string' || typeof password !== 'string') {
    return refuse(visit, 422, 'validation_failed', 'email and password are required')
  }
  const result = signIn(core, visit, email, password)
  if (result.type === 'signed_in') return tokenAnswer(core, visit, result.session, result.token, dialect)
  if (result.code === 'email_not_confirmed') return refuse(visit, 403, result.code, 'Email not confirmed')
  if (result.code === 'user_banned') return refuse(visit, 403, result.code, 'User is banned')
  return json(401, { detail: 'Invalid email or password' })
}

async function refreshToken(core: Core, visit: Visit, dialect: ReadDialect): Promise<Response> {
  const token = dialect.refreshToken(await readAny(visit.request))
  if (typeof token !== 'string') return refuse(visit, 422, 'validation_failed', 'refresh_token is required')
  const result = refresh(core, visit, token)
  if (result.type === 'refused') return refuse(visit, 401, result.code, result.message)
  return tokenAnswer(core, visit, result.session, result.token, dialect)
}

async function tokenAnswer(
  core: Core,
  visit: Visit,
  session: SessionRow,
  token: string | null,
  dialect: ReadDialect,
): Promise<Response> {
  const { email } = session.user
  const user = userView(session.user, dialect)
  const members = await grant(core, visit, session, token)
  const { access_token: accessToken, refresh_token, expires_in, expires_at, token_type } = members
  const told = {
    accessToken,
    ...(refresh_token === undefined ? {} : { refreshToken: refresh_token }),
    ...(expires_in === undefined ? {} : { expiresIn: expires_in }),
    ...(expires_at === undefined ? {} : { expiresAt: expires_at }),
    user,
  }
  const body = dialect.answer(told)
  return json(200, dialect.plain ? { email, token_type, ...(body as object) } : body)
}

/** Only what stays the same from refresh to refresh. */
function userView(user: UserRow, dialect: ReadDialect): unknown {
  return dialect.user(ownView(user))
}

export const ownView = ({ id, email, userMetadata }: UserRow): MockRestUser => ({
  id,
  email,
  data: ownData(userMetadata),
})

/** Without what the server itself says. */
function ownData({ email: _email, email_verified: _v, phone_verified: _p, sub: _sub, ...data }: Metadata): Metadata {
  return sorted(data)
}

async function logout(core: Core, visit: Visit, dialect: ReadDialect): Promise<Response> {
  const body = await readAny(visit.request)
  const scope = (isRecord(body) ? body.scope : null) ?? visit.url.searchParams.get('scope') ?? 'local'
  if (!isEndScope(scope)) return refuse(visit, 422, 'validation_failed', 'scope must be local, global or others')
  const session = await sessionToEnd(core, visit, dialect.signOutToken(body), scope)
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

function me(core: Core, visit: Visit, dialect: ReadDialect): Promise<Response> {
  return guarded(core, visit, (_visit, user) => json(200, userView(user, dialect)))
}

type Guarded = (visit: Visit, user: UserRow, session: SessionRow | null) => Response | Promise<Response>

export async function guarded(core: Core, visit: Visit, run: Guarded): Promise<Response> {
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
