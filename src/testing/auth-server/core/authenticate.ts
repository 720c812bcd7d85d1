import { type Core, liveSession } from './core.ts'
import type { Visit } from './http.ts'
import { validity } from './refresh.ts'
import type { SessionRow } from './sessions.ts'
import type { Claims } from './signers.ts'
import { isBanned, type UserRow } from './users.ts'

/** Who a bearer token belongs to, or why it is refused, in the order of checks of Supabase Auth. */
export type Caller =
  | { readonly type: 'ok'; readonly user: UserRow; readonly session: SessionRow | null; readonly claims: Claims }
  | RefusedCaller

export interface RefusedCaller {
  readonly type: 'refused'
  readonly status: number
  readonly code: string
  readonly message: string
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const nilUuid = '00000000-0000-0000-0000-000000000000'

export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && uuid.test(text)
}

/** Checks the bearer token of a request, and notes the caller in the log. */
export async function authenticate(core: Core, visit: Visit): Promise<Caller> {
  const bearer = await readBearer(core, visit)
  return bearer.type === 'refused' ? bearer : callerOf(core, visit, bearer.claims)
}

/** null, or why the request's bearer token does not open the operator's routes. */
export async function requireAdmin(core: Core, visit: Visit): Promise<RefusedCaller | null> {
  const bearer = await readBearer(core, visit)
  if (bearer.type === 'refused') return bearer
  const { claims } = bearer
  const { session_id: sessionId = '', role } = claims
  if (sessionId !== '' && sessionId !== nilUuid) {
    const caller = callerOf(core, visit, claims)
    if (caller.type === 'refused') return caller
    if (caller.session && validity(caller.session, core.now(), core.settings) !== null) {
      return refuse(visit, 403, 'session_expired', 'Session is no longer valid')
    }
  }
  const isAdmin = role === 'service_role' || role === 'supabase_admin'
  return isAdmin ? null : refuse(visit, 403, 'not_admin', 'User not allowed')
}

type Bearer = { readonly type: 'ok'; readonly claims: Claims } | RefusedCaller

async function readBearer(core: Core, visit: Visit): Promise<Bearer> {
  const { bearer } = visit.entry
  if (bearer === null) return refuse(visit, 401, 'no_authorization', 'This endpoint requires a valid Bearer token')
  const verified = await core.tokens.verify(bearer)
  if (verified.type === 'ok') return verified
  return refuse(visit, 403, 'bad_jwt', `invalid JWT: unable to parse or verify signature, ${verified.reason}`)
}

function callerOf(core: Core, visit: Visit, claims: Claims): Caller {
  const { sub, session_id: sessionId = '' } = claims
  if (typeof sub !== 'string' || sub === '') return refuse(visit, 403, 'bad_jwt', 'invalid claim: missing sub claim')
  if (!isUuid(sub)) return refuse(visit, 400, 'bad_jwt', 'invalid claim: sub claim must be a UUID')
  const user = core.users.byId(sub.toLowerCase())
  if (!user) return refuse(visit, 403, 'user_not_found', 'User from sub claim in JWT does not exist')
  visit.entry.userId = user.id

  let session: SessionRow | null = null
  if (sessionId !== '') {
    if (!isUuid(sessionId)) return refuse(visit, 403, 'bad_jwt', 'invalid claim: session_id claim must be a UUID')
    session = liveSession(core, sessionId.toLowerCase())
    if (!session && sessionId !== nilUuid) {
      return refuse(visit, 403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
    }
    visit.entry.sessionId = session?.id ?? null
  }
  if (isBanned(user, core.now())) return refuse(visit, 403, 'user_banned', 'User is banned')
  return { type: 'ok', user, session, claims }
}

function refuse(visit: Visit, status: number, code: string, message: string): RefusedCaller {
  visit.entry.code = code
  return { type: 'refused', status, code, message }
}
