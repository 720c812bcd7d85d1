import { at, bearer, text, tokensAt } from '../../harness/read.ts'
import type { AuthServer } from '../../harness/types.ts'
import { type Fault, startRefreshCookie } from './app.ts'

export const refreshCookie: AuthServer = {
  name: 'Express, HttpOnly refresh cookie',
  kind: { access: 'token', refresh: 'cookie' },
  start: (options) => startRefreshCookie(options),
  signIn: (send, { email, password }, jar) =>
    send({ method: 'POST', path: '/auth/login', json: { email, password } }, jar),
  refresh: () => ({ method: 'POST', path: '/auth/refresh' }),
  signOut: () => ({ method: 'POST', path: '/auth/logout' }),
  echo: ({ access }) => ({ path: '/api/echo', ...bearer(access) }),
  read: tokensAt('accessToken', null, 'expiresIn'),
  who: ({ json }) => text(at(json, 'email')),
  doctor: ['--refresh', '/auth/refresh', '--api', '/api/echo'],
  isRefresh: ({ path }) => path === '/auth/refresh',
}

/** The same server with one mistake in it. */
export const refreshCookieWith = (fault: Fault): AuthServer => ({
  ...refreshCookie,
  name: `${refreshCookie.name}, ${fault}`,
  start: (options) => startRefreshCookie(options, fault),
})
