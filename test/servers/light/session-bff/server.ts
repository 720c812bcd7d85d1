import { at, text } from '../../harness/read.ts'
import type { AuthServer } from '../../harness/types.ts'
import { startSessionBff } from './app.ts'

export const sessionBff: AuthServer = {
  name: 'express-session behind a BFF, CSRF token',
  kind: { access: 'cookie', refresh: 'access' },
  start: startSessionBff,
  signIn: async (send, { email, password }, jar) => {
    const reply = await send({ method: 'POST', path: '/bff/login', form: { email, password } }, jar)
    return reply.status < 400 ? send({ path: '/bff/user' }, jar) : reply
  },
  refresh: () => ({ path: '/bff/user' }),
  signOut: ({ jar }) => ({
    method: 'POST',
    path: '/bff/logout',
    headers: { 'X-XSRF-TOKEN': jar.get('XSRF-TOKEN') ?? '' },
  }),
  echo: () => ({ path: '/api/echo' }),
  read: ({ json }) => ({ life: { at: 'expiresIn', value: Number(at(json, 'expiresIn')) } }),
  who: ({ json }) => text(at(json, 'email')),
  credential: /^sid$/,
  doctor: [
    '--sign-in',
    '/bff/login',
    '--sign-in-body',
    'email={email}&password={password}',
    '--refresh',
    'GET /bff/user',
    '--sign-out',
    '/bff/logout',
    '--user',
    '/bff/user',
    '--api',
    '/api/echo',
    '--csrf',
    'XSRF-TOKEN=X-XSRF-TOKEN',
  ],
  isRefresh: ({ path }) => path === '/bff/user',
}
