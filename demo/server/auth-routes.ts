import type { Session, User } from '@supabase/supabase-js'
import { type Context, Hono } from 'hono'
import {
  bearerRefusal,
  challenge,
  noSession,
  type Refusal,
  refreshRefusal,
  refusal,
  signInRefusal,
  unreachable,
} from './auth-errors.ts'
import type { SupabaseCall } from './supabase-call.ts'

/** A user as the API shows it: what stays the same from refresh to refresh. */
export interface ApiUser {
  readonly id: string
  readonly email: string
  readonly user_metadata: Readonly<Record<string, unknown>>
}

type Scope = 'local' | 'global' | 'others'
type Body = Readonly<Record<string, unknown>>

/** Sign-in, refresh, sign-out and the own user, delegated to Supabase. */
export function authRoutes(call: SupabaseCall): Hono {
  const app = new Hono()

  app.post('/login', async (context) => {
    const { email, password } = await readBody(context)
    if (typeof email !== 'string' || typeof password !== 'string') {
      return answer(context, refusal(422, 'email and password are required', 'validation_failed'))
    }
    const result = await call(async (client, notes) => {
      const { data, error } = await client.auth.signInWithPassword({ email, password })
      return error ? signInRefusal(error, notes.retryAfter) : tokens(data.session)
    })
    return finish(context, result, noSession)
  })

  app.post('/refresh-token', async (context) => {
    const { refresh_token: refreshToken } = await readBody(context)
    // Never without a token: then supabase-js would refresh whatever session it finds.
    if (typeof refreshToken !== 'string' || refreshToken === '') {
      return answer(context, refusal(422, 'refresh_token is required', 'validation_failed'))
    }
    const result = await call(async (client, notes) => {
      const { data, error } = await client.auth.refreshSession({ refresh_token: refreshToken })
      return error ? refreshRefusal(error, notes.retryAfter) : tokens(data.session)
    })
    return finish(context, result, unreachable)
  })

  app.post('/logout', async (context) => {
    const body = await readBody(context)
    const scope = body.scope ?? context.req.query('scope') ?? 'local'
    if (!isScope(scope)) return answer(context, refusal(422, 'scope must be local, global or others'))
    const refreshToken = typeof body.refresh_token === 'string' ? body.refresh_token : null
    const result = await signOut(call, bearerOf(context), refreshToken, scope)
    return result ? answer(context, result) : context.body(null, 204)
  })

  app.get('/me', async (context) => {
    const result = await whoIs(call, bearerOf(context))
    return 'status' in result ? answer(context, result) : context.json(result)
  })

  return app
}

/** Asks Supabase whose token this is: it knows about sessions that have ended, which the token itself does not. */
export async function whoIs(call: SupabaseCall, bearer: string | null): Promise<ApiUser | Refusal> {
  if (bearer === null) {
    return refusal(401, 'Not signed in', 'no_authorization', { 'WWW-Authenticate': challenge })
  }
  const result = await call(async (client, notes) => {
    const { data, error } = await client.auth.getUser(bearer)
    return error ? bearerRefusal(error, notes.retryAfter) : userView(data.user)
  })
  return result ?? unreachable
}

/** null: the session has ended, now or before. */
async function signOut(
  call: SupabaseCall,
  bearer: string | null,
  refreshToken: string | null,
  scope: Scope,
): Promise<Refusal | null> {
  const result = await call(async (client, notes) => {
    let last: Refusal | null = null
    if (bearer !== null) {
      const { error } = await client.auth.admin.signOut(bearer, scope)
      if (!error) return 'ended'
      last = bearerRefusal(error, notes.retryAfter)
      if (last.body.code === 'session_not_found') return 'ended'
      if (last.status !== 401) return last
    }
    // Supabase ends sessions by access token only. An expired one is renewed first, for the last time.
    if (refreshToken === null) return last ?? refusal(401, 'Not signed in', 'no_authorization')
    const { data, error } = await client.auth.refreshSession({ refresh_token: refreshToken })
    if (error) {
      const refused = refreshRefusal(error, notes.retryAfter)
      return refused.status === 401 ? 'ended' : refused
    }
    if (!data.session) return unreachable
    const second = await client.auth.admin.signOut(data.session.access_token, scope)
    return second.error ? bearerRefusal(second.error, notes.retryAfter) : 'ended'
  })
  return result === 'ended' ? null : (result ?? unreachable)
}

interface Tokens {
  readonly tokens: Readonly<Record<string, unknown>>
}

function tokens(session: Session | null): Tokens | 'no_session' {
  if (!session) return 'no_session'
  const { access_token, refresh_token, token_type, expires_in, expires_at, user } = session
  return {
    tokens: {
      email: user.email ?? '',
      access_token,
      refresh_token,
      token_type,
      expires_in,
      expires_at,
      user: userView(user),
    },
  }
}

function finish(context: Context, result: Tokens | 'no_session' | Refusal | null, without: Refusal): Response {
  if (result === null) return answer(context, unreachable)
  if (result === 'no_session') return answer(context, without)
  return 'tokens' in result ? context.json(result.tokens) : answer(context, result)
}

export function answer(context: Context, { status, body, headers }: Refusal): Response {
  return context.json(body, status, headers)
}

function userView(user: User): ApiUser {
  return { id: user.id, email: user.email ?? '', user_metadata: user.user_metadata }
}

export function bearerOf(context: Context): string | null {
  return /^bearer (\S+)$/i.exec(context.req.header('Authorization') ?? '')?.[1] ?? null
}

function isScope(scope: unknown): scope is Scope {
  return scope === 'local' || scope === 'global' || scope === 'others'
}

/** An unreadable body counts as empty. */
export async function readBody(context: Context): Promise<Body> {
  try {
    const body: unknown = await context.req.json()
    return typeof body === 'object' && body !== null ? (body as Body) : {}
  } catch {
    return {}
  }
}
