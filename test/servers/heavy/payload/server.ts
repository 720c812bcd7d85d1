import { startServerProgram } from '../../harness/program.ts'
import { at, bearer, text, withBearer } from '../../harness/read.ts'
import type { AuthServer } from '../../harness/types.ts'

export const payload: AuthServer = {
  name: 'Payload',
  kind: { access: 'token', refresh: 'access' },
  start: (options) => startServerProgram(new URL('../programs/payload.mjs', import.meta.url), options),
  signIn: (send, { email, password }, jar) =>
    send({ method: 'POST', path: '/api/users/login', json: { email, password } }, jar),
  refresh: ({ access }) => ({ method: 'POST', path: '/api/users/refresh-token', ...bearer(access, 'JWT') }),
  signOut: ({ access }) => ({ method: 'POST', path: '/api/users/logout', ...bearer(access, 'JWT') }),
  echo: withBearer('/api/echo', 'JWT'),
  read: ({ json }) => {
    const exp = at(json, 'exp')
    return {
      access: text(at(json, 'refreshedToken')) ?? text(at(json, 'token')),
      life: typeof exp === 'number' ? { at: 'exp', value: exp - Date.now() / 1000 } : null,
    }
  },
  who: ({ json }) => text(at(json, 'email')),
  doctor: [
    '--sign-in',
    '/api/users/login',
    '--refresh',
    '/api/users/refresh-token',
    '--sign-out',
    '/api/users/logout',
    '--api',
    '/api/echo',
    '--scheme',
    'JWT',
  ],
  isRefresh: ({ path }) => path === '/api/users/refresh-token',
}
