import { at, text } from '../../harness/read.ts'
import type { AuthServer } from '../../harness/types.ts'
import { startBothCookies } from './app.ts'

export const bothCookies: AuthServer = {
  name: 'Express, both tokens HttpOnly',
  kind: { access: 'cookie', refresh: 'cookie' },
  start: startBothCookies,
  signIn: (send, { email, password }, jar) =>
    send({ method: 'POST', path: '/auth/login', json: { email, password } }, jar),
  refresh: () => ({ method: 'POST', path: '/auth/refresh' }),
  signOut: () => ({ method: 'POST', path: '/auth/logout' }),
  echo: () => ({ path: '/api/echo' }),
  read: ({ json }) => ({ life: { at: 'expiresIn', value: Number(at(json, 'expiresIn')) } }),
  who: ({ json }) => text(at(json, 'email')),
  doctor: ['--refresh', '/auth/refresh'],
  isRefresh: ({ path }) => path === '/auth/refresh',
}
