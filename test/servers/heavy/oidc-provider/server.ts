import { createHash, randomBytes } from 'node:crypto'
import type { Jar } from '../../harness/jar.ts'
import { startServerProgram } from '../../harness/program.ts'
import { at, text, tokensAt, withBearer } from '../../harness/read.ts'
import type { AuthServer, Person, Reply, Send } from '../../harness/types.ts'

const client_id = 'app'
const redirect_uri = 'http://127.0.0.1/callback'
const token = { method: 'POST', path: '/token' } as const

/** Goes from redirect to redirect as a browser does, and fills in the form where there is one. */
export async function authorize(
  send: Send,
  { email, password }: Pick<Person, 'email' | 'password'>,
  jar: Jar,
): Promise<Reply> {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id,
    redirect_uri,
    response_type: 'code',
    scope: 'openid email profile offline_access',
    prompt: 'consent',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  let path = `/auth?${query}`
  let filled = false
  for (let steps = 0; steps < 10; steps++) {
    let reply = await send({ path }, jar)
    if (reply.status === 200 && !filled) {
      filled = true
      reply = await send({ method: 'POST', path, form: { email, password } }, jar)
    }
    const location = reply.headers.get('location')
    if (!location) return reply
    const code = new URL(location, 'http://x').searchParams.get('code')
    if (code)
      return send(
        {
          ...token,
          form: { grant_type: 'authorization_code', client_id, redirect_uri, code, code_verifier: verifier },
        },
        jar,
      )
    path = new URL(location, 'http://x').pathname
  }
  throw new Error('The sign-in goes round in circles.')
}

export const oidcProvider: AuthServer = {
  name: 'oidc-provider',
  kind: { access: 'token', refresh: 'token' },
  start: (options) => startServerProgram(new URL('../programs/oidc-provider.mjs', import.meta.url), options),
  signIn: authorize,
  refresh: ({ refresh }) => ({
    ...token,
    form: { grant_type: 'refresh_token', client_id, ...(refresh && { refresh_token: refresh }) },
  }),
  signOut: ({ refresh }) => ({ method: 'POST', path: '/token/revocation', form: { client_id, token: `${refresh}` } }),
  echo: withBearer('/me'),
  read: tokensAt('access_token', 'refresh_token', 'expires_in'),
  who: ({ json }) => text(at(json, 'email')),
  doctor: [
    '--sign-in',
    'test/servers/heavy/oidc-provider/doctor-sign-in.ts',
    '--refresh',
    '/token',
    '--refresh-body',
    'grant_type=refresh_token&client_id=app&refresh_token={refresh}',
    '--sign-out',
    '/token/revocation',
    '--sign-out-body',
    'client_id=app&token={refresh}',
    '--api',
    '/me',
  ],
  isRefresh: ({ grant }) => grant === 'refresh_token',
}
