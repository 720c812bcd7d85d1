import { startServerProgram } from '../../harness/program.ts'
import { at, bearer, text, tokensAt, withBearer } from '../../harness/read.ts'
import type { AuthServer } from '../../harness/types.ts'

export const directus: AuthServer = {
  name: 'Directus',
  kind: { access: 'token', refresh: 'token' },
  start: (options) => startServerProgram(new URL('../programs/directus/program.mjs', import.meta.url), options),
  signIn: (send, { email, password }, jar) =>
    send({ method: 'POST', path: '/auth/login', json: { email, password } }, jar),
  refresh: ({ refresh }) => ({
    method: 'POST',
    path: '/auth/refresh',
    json: { mode: 'json', ...(refresh && { refresh_token: refresh }) },
  }),
  signOut: ({ refresh, access }) => ({
    method: 'POST',
    path: '/auth/logout',
    json: { mode: 'json', refresh_token: refresh },
    ...bearer(access),
  }),
  echo: withBearer('/users/me'),
  read: tokensAt('data.access_token', 'data.refresh_token', 'data.expires'),
  who: ({ json }) => text(at(json, 'data.email')),
  doctor: [
    '--refresh',
    '/auth/refresh',
    '--refresh-body',
    '{"refresh_token":"{refresh}","mode":"json"}',
    '--sign-out-body',
    '{"refresh_token":"{refresh}","mode":"json"}',
    '--user',
    '/users/me',
    '--api',
    '/users/me',
  ],
  isRefresh: ({ path }) => path === '/auth/refresh',
}
