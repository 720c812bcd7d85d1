import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { readBody } from './auth-routes.ts'

const NAME = 'demo-refresh'
const PATH = '/api/cookie'
const days = 60

/** Gets the refresh token to the browser and back, where no script of a page sees it. null: there is none. */
export interface CookieKeeper {
  readonly read: (context: Context) => string | null
  readonly write: (context: Context, token: string | null) => void
}

/** The HttpOnly cookie itself. */
export const headerCookie: CookieKeeper = {
  read: (context) => getCookie(context, NAME) || null,
  write(context, token) {
    const maxAge = token === null ? 0 : days * 86_400
    setCookie(context, NAME, token ?? '', { httpOnly: true, sameSite: 'Strict', path: PATH, maxAge })
  },
}

/**
 * The same sign-in, with the refresh token in an HttpOnly cookie that only these routes get: no script ever sees it. `api`
 * is the API that speaks of tokens.
 */
export function cookieRoutes(api: (request: Request) => Response | Promise<Response>, cookie: CookieKeeper): Hono {
  const app = new Hono().basePath(PATH)

  const forward = async (context: Context, path: string, body: unknown): Promise<Response> => {
    const headers = new Headers({ 'Content-Type': 'application/json' })
    const authorization = context.req.header('Authorization')
    if (authorization) headers.set('Authorization', authorization)
    const url = new URL(`/api/auth/${path}`, context.req.url)
    return await api(new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }))
  }
  /** Moves the refresh token of an answer into the cookie. */
  const keep = async (context: Context, answer: Response): Promise<Response> => {
    if (!answer.ok) return answer
    const { refresh_token: token, ...rest } = (await answer.json()) as Record<string, unknown>
    if (typeof token === 'string') cookie.write(context, token)
    return context.json(rest)
  }

  app.post('/login', async (context) => keep(context, await forward(context, 'login', await readBody(context))))
  app.post('/refresh-token', async (context) => {
    const token = cookie.read(context)
    if (!token) return context.json({ detail: 'There is no session', code: 'session_not_found' }, 401)
    return keep(context, await forward(context, 'refresh-token', { refresh_token: token }))
  })
  app.post('/logout', async (context) => {
    const { scope } = await readBody(context)
    const token = cookie.read(context)
    cookie.write(context, null)
    return forward(context, 'logout', { refresh_token: token ?? undefined, scope })
  })
  app.get('/me', (context) =>
    api(new Request(new URL('/api/auth/me', context.req.url), { headers: context.req.raw.headers })),
  )
  app.notFound((context) => context.json({ detail: 'Not Found' }, 404))
  return app
}
