import { startServerProgram } from '../../harness/program.ts'
import { at, bearer, text, tokensAt, withBearer } from '../../harness/read.ts'
import type { AuthServer } from '../../harness/types.ts'

export const feathers: AuthServer = {
  name: 'Feathers 5',
  kind: { access: 'token', refresh: 'none' },
  start: (options) => startServerProgram(new URL('../programs/feathers.mjs', import.meta.url), options),
  signIn: (send, { email, password }, jar) =>
    send({ method: 'POST', path: '/authentication', json: { strategy: 'local', email, password } }, jar),
  refresh: null,
  signOut: ({ access }) => ({ method: 'DELETE', path: '/authentication', ...bearer(access) }),
  echo: withBearer('/api/echo'),
  read: tokensAt('accessToken', null, null),
  who: ({ json }) => text(at(json, 'email')),
  doctor: [
    '--sign-in',
    '/authentication',
    '--sign-in-body',
    '{"strategy":"local","email":"{email}","password":"{password}"}',
    '--refresh',
    'none',
    '--sign-out',
    'DELETE /authentication',
    '--api',
    '/api/echo',
  ],
  isRefresh: () => false,
}
