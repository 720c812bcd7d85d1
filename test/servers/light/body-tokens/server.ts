import { at, bearer, text, tokensAt } from '../../harness/read.ts'
import type { AuthServer } from '../../harness/types.ts'
import { startBodyTokens } from './app.ts'

export const bodyTokens: AuthServer = {
  name: 'Express, tokens in the body',
  kind: { access: 'token', refresh: 'token' },
  start: startBodyTokens,
  signIn: (send, { email, password }, jar) =>
    send({ method: 'POST', path: '/auth/login', json: { email, password } }, jar),
  refresh: ({ refresh }) => ({ method: 'POST', path: '/auth/refresh', json: { refreshToken: refresh } }),
  signOut: ({ refresh, access }) => ({
    method: 'POST',
    path: '/auth/logout',
    json: { refreshToken: refresh },
    ...bearer(access),
  }),
  echo: ({ access }) => ({ path: '/api/echo', ...bearer(access) }),
  read: tokensAt('accessToken', 'refreshToken', null),
  who: ({ json }) => text(at(json, 'email')),
  doctor: ['--refresh', '/auth/refresh', '--api', '/api/echo'],
  isRefresh: ({ path }) => path === '/auth/refresh',
}
