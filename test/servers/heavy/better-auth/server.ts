import { startServerProgram } from '../../harness/program.ts'
import { at, bearer, lifeOf, text, withBearer } from '../../harness/read.ts'
import type { AuthServer, Reply, ToldLife } from '../../harness/types.ts'

/** `expiresAt` of a session, as the life that is left. */
function sessionLife({ json }: Reply): ToldLife | null {
  const date = text(at(json, 'session.expiresAt'))
  return date
    ? { at: 'session.expiresAt', unit: 'date', value: Math.round((Date.parse(date) - Date.now()) / 1000) }
    : null
}

const program = new URL('../programs/better-auth.mjs', import.meta.url)

const common: Pick<AuthServer, 'start' | 'signIn' | 'who' | 'credential'> = {
  credential: /session_token/,
  start: (options) => startServerProgram(program, options),
  signIn: (send, { email, password }, jar) =>
    send({ method: 'POST', path: '/api/auth/sign-in/email', json: { email, password } }, jar),
  who: ({ json }) => text(at(json, 'email')),
}
const isSession = ({ path }: { readonly path: string }) => path === '/api/auth/get-session'

/** The session's id is the bearer. */
export const betterAuthBearer: AuthServer = {
  ...common,
  name: 'better-auth, bearer',
  kind: { access: 'token', refresh: 'access' },
  refresh: ({ access }) => ({ path: '/api/auth/get-session', ...bearer(access) }),
  signOut: ({ access }) => ({ method: 'POST', path: '/api/auth/sign-out', json: {}, ...bearer(access) }),
  echo: withBearer('/api/echo'),
  read: (reply) => ({
    access:
      reply.headers.get('set-auth-token') ?? text(at(reply.json, 'session.token')) ?? text(at(reply.json, 'token')),
    life: sessionLife(reply),
  }),
  doctor: [
    '--sign-in',
    '/api/auth/sign-in/email',
    '--sign-out',
    '/api/auth/sign-out',
    '--sign-out-body',
    '{}',
    '--refresh',
    'GET /api/auth/get-session',
    '--api',
    '/api/echo',
  ],
  isRefresh: isSession,
}

/** An HttpOnly cookie, and nothing for scripts. */
export const betterAuthCookie: AuthServer = {
  ...common,
  name: 'better-auth, cookie',
  kind: { access: 'cookie', refresh: 'access' },
  refresh: () => ({ path: '/api/auth/get-session' }),
  signOut: () => ({ method: 'POST', path: '/api/auth/sign-out', json: {} }),
  echo: () => ({ path: '/api/echo' }),
  read: (reply) => ({ life: sessionLife(reply) }),
  doctor: [
    '--sign-in',
    '/api/auth/sign-in/email',
    '--sign-out',
    '/api/auth/sign-out',
    '--sign-out-body',
    '{}',
    '--refresh',
    'GET /api/auth/get-session',
    '--api',
    '/api/echo',
    '--access-token',
    'none',
  ],
  isRefresh: isSession,
}

/** A JWT for the API, given for the HttpOnly cookie. */
export const betterAuthJwt: AuthServer = {
  ...common,
  name: 'better-auth, jwt',
  kind: { access: 'token', refresh: 'cookie' },
  start: (options) => startServerProgram(program, options, ['long']),
  signIn: async (send, person, jar) => {
    const reply = await common.signIn(send, person, jar)
    return reply.status < 400 ? send({ path: '/api/auth/token' }, jar) : reply
  },
  refresh: () => ({ path: '/api/auth/token' }),
  signOut: () => ({ method: 'POST', path: '/api/auth/sign-out', json: {} }),
  echo: withBearer('/jwt/echo'),
  read: ({ json }) => {
    const access = text(at(json, 'token'))
    return { access, life: lifeOf(access) }
  },
  doctor: [
    '--sign-in',
    '/api/auth/sign-in/email',
    '--sign-out',
    '/api/auth/sign-out',
    '--sign-out-body',
    '{}',
    '--refresh',
    'GET /api/auth/token',
    '--api',
    '/jwt/echo',
  ],
  isRefresh: ({ path }) => path === '/api/auth/token',
}
