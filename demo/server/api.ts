import { Hono, type MiddlewareHandler } from 'hono'
import { decodeJwt } from 'jose'
import { type ApiUser, answer, authRoutes, bearerOf, readBody, whoIs } from './auth-routes.ts'
import { activity, projects } from './data.ts'
import { createSupabaseCall, type SupabaseAccess } from './supabase-call.ts'

interface Signed {
  Variables: { user: ApiUser; sessionId: string | null }
}

interface Note {
  readonly id: number
  readonly text: string
}

const maxDelay = 5000

/**
 * The demo's own API. It holds no session: whoever signs in gets the tokens of Supabase, and every protected route asks
 * Supabase whose token it was given. `app.fetch` is the handler.
 */
export function createApi(access: SupabaseAccess): Hono {
  const call = createSupabaseCall(access)
  const notes = new Map<string, Note[]>()
  const app = new Hono().basePath('/api')

  app.route('/auth', authRoutes(call))

  const guard: MiddlewareHandler<Signed> = async (context, next) => {
    const bearer = bearerOf(context)
    const result = await whoIs(call, bearer)
    if ('status' in result) return answer(context, result)
    context.set('user', result)
    context.set('sessionId', sessionIdOf(bearer ?? ''))
    await next()
  }

  app.get('/ping', guard, (context) => {
    const { user, sessionId } = context.var
    return context.json({ ok: true, user, sessionId })
  })
  app.get('/projects', guard, (context) => context.json({ projects }))
  app.get('/activity', guard, (context) => context.json({ activity }))
  app.get('/slow', guard, async (context) => {
    const ms = Math.min(Math.max(Number(context.req.query('ms')) || 0, 0), maxDelay)
    await new Promise((resolve) => setTimeout(resolve, ms))
    return context.json({ ok: true, ms })
  })
  app.post('/notes', guard, async (context) => {
    const { text } = await readBody(context)
    if (typeof text !== 'string' || text === '' || text.length > 1000) {
      return context.json({ detail: 'text must have 1 to 1000 characters' }, 422)
    }
    const { id: userId } = context.var.user
    const own = notes.get(userId) ?? []
    const note = { id: (own.at(-1)?.id ?? 0) + 1, text }
    notes.set(userId, [...own, note].slice(-100))
    return context.json({ note }, 201)
  })

  app.notFound((context) => context.json({ detail: 'Not Found' }, 404))
  app.onError((_error, context) => context.json({ detail: 'Internal error' }, 500))
  return app
}

/** Trustworthy only because Supabase has just accepted the token. */
function sessionIdOf(bearer: string): string | null {
  try {
    const { session_id: sessionId } = decodeJwt(bearer)
    return typeof sessionId === 'string' ? sessionId : null
  } catch {
    return null
  }
}
