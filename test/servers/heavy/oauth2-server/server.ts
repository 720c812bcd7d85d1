import { startServerProgram } from '../../harness/program.ts'
import { at, text, tokensAt, withBearer } from '../../harness/read.ts'
import type { AuthServer } from '../../harness/types.ts'

const token = { method: 'POST', path: '/oauth/token' } as const

export const oauth2Server: AuthServer = {
  name: '@node-oauth/oauth2-server',
  kind: { access: 'token', refresh: 'token' },
  start: (options) => startServerProgram(new URL('../programs/oauth2-server.mjs', import.meta.url), options),
  signIn: (send, { email, password }, jar) =>
    send({ ...token, form: { grant_type: 'password', client_id: 'web-app', username: email, password } }, jar),
  refresh: ({ refresh }) => ({
    ...token,
    form: { grant_type: 'refresh_token', client_id: 'web-app', ...(refresh && { refresh_token: refresh }) },
  }),
  signOut: null,
  echo: withBearer('/api/echo'),
  read: tokensAt('access_token', 'refresh_token', 'expires_in'),
  who: ({ json }) => text(at(json, 'email')),
  doctor: [
    '--sign-in',
    '/oauth/token',
    '--sign-in-body',
    'grant_type=password&client_id=web-app&username={email}&password={password}',
    '--refresh',
    '/oauth/token',
    '--refresh-body',
    'grant_type=refresh_token&client_id=web-app&refresh_token={refresh}',
    '--sign-out',
    'none',
    '--api',
    '/api/echo',
  ],
  isRefresh: ({ grant }) => grant === 'refresh_token',
}
