import { issuerOf } from '../core/core.ts'
import { type Dialect, json, type Route, type Visit } from '../core/http.ts'
import * as admin from './admin.ts'
import * as mail from './mail-routes.ts'
import { signUp } from './sign-up.ts'
import type { SupabaseCore } from './supabase-core.ts'
import * as off from './switched-off.ts'
import { token } from './token.ts'
import * as user from './user.ts'
import { verify, verifyLink } from './verify.ts'
import { discoveryView, healthView, settingsView } from './views.ts'
import { answer, type Outcome, refusalResponse, refuse, supabaseCors, supabasePreflight } from './wire.ts'

export const supabasePrefix = '/auth/v1'

type Run = (core: SupabaseCore, visit: Visit, id: string) => Outcome | Promise<Outcome>
type Methods = Readonly<Record<string, readonly [Route['call'], Run]>>

const publicCache = { 'Cache-Control': 'public, max-age=600' }

const jwks: Run = async (core) => json(200, { keys: await core.tokens.publicKeys() }, publicCache)

/** A path that ends in `/` can be written without. */
const routes = new Map<string, Methods>([
  ['/token', { POST: ['refresh', token] }],
  ['/signup/', { POST: ['sign_up', signUp] }],
  ['/logout', { POST: ['sign_out', user.logout] }],
  ['/user/', { GET: ['user', user.getUser], PUT: ['update_user', user.updateUser] }],
  ['/reauthenticate/', { GET: ['other', user.reauthenticate] }],
  ['/otp', { POST: ['other', mail.otp] }],
  ['/magiclink', { POST: ['other', mail.magicLink] }],
  ['/recover', { POST: ['other', mail.recover] }],
  ['/resend', { POST: ['other', mail.resend] }],
  ['/verify/', { POST: ['other', verify], GET: ['other', verifyLink] }],
  ['/health', { GET: ['health', () => json(200, healthView)] }],
  ['/settings', { GET: ['settings', (core) => json(200, settingsView(core.settings))] }],
  ['/.well-known/jwks.json', { GET: ['jwks', jwks] }],
  [
    '/.well-known/openid-configuration',
    { GET: ['other', (_core, { url }) => json(200, discoveryView(issuerOf(url.origin)), publicCache)] },
  ],
  ['/.well-known/oauth-authorization-server', { GET: ['other', () => off.oauthServerOff] }],
  ['/factors/', { POST: ['other', off.enrollFactor] }],
  ['/authorize', { GET: ['other', off.authorize] }],
  ['/callback/', { GET: ['other', off.callback], POST: ['other', off.callback] }],
  ['/admin/users/', { GET: ['admin', admin.listUsers], POST: ['admin', admin.createUser] }],
  ['/admin/audit/', { GET: ['admin', admin.forAdmin(() => json(200, []))] }],
])

const oneUser: Methods = {
  GET: ['admin', admin.readUser],
  PUT: ['admin', admin.changeUser],
  DELETE: ['admin', admin.deleteUser],
}
const notFound: Run = () => plain(404, '404 page not found')

/** Whole branches, and routes with an id in them. The first that fits counts. */
const branches: readonly (readonly [RegExp, Methods | Run])[] = [
  [/^\/admin\/users\/([^/]+)\/?$/, oneUser],
  [/^\/admin\/users\/([^/]+)\/factors\/?$/, { GET: ['admin', admin.forAdminOf(() => json(200, []))] }],
  [/^\/factors\/([^/]+)\/(?:challenge|verify)$/, { POST: ['other', off.factor] }],
  [/^\/factors\/([^/]+)\/?$/, { DELETE: ['other', off.factor] }],
  [/^\/user\/identities\/[^/]+$/, { GET: ['other', off.identities], DELETE: ['other', off.identities] }],
  [/^\/user\/oauth(?:\/|$)/, off.oauthGrants],
  [/^\/passkeys(?:\/|$)/, () => off.passkeysOff],
  [/^\/sso(?:\/|$)/, () => off.samlOff],
  [/^\/oauth(?:\/|$)/, () => off.oauthServerOff],
  [/^\/scim\/v2(?:\/|$)/, () => off.scimOff],
  [/^\/admin\/oauth(?:\/|$)/, admin.forAdmin(() => off.oauthServerOff)],
]

/** Branches that ask who is there before they look at the rest of the address, or at the method. */
const guards: readonly (readonly [RegExp, (run: Run) => Run])[] = [
  [/^\/(?:user|factors|reauthenticate)(?:\/|$)/, (run) => user.forUser((core, visit) => run(core, visit, ''))],
  [/^\/admin(?:\/|$)/, admin.forAdmin],
]

/** The dialect of Supabase Auth: what supabase-js needs, and for the rest what a server answers that has it off. */
export function createSupabaseDialect(core: SupabaseCore): Dialect {
  const routeTo = (call: Route['call'], run: Run, id = ''): Route => ({
    call,
    run: async (visit) => answer(visit, await run(core, visit, id)),
  })
  return {
    match: (method, path) => {
      const name = path.startsWith(`${supabasePrefix}/`) ? path.slice(supabasePrefix.length) : path
      const found = find(name)
      if (typeof found?.target === 'function') return routeTo('other', found.target)
      const [call, run] = found?.target[method] ?? []
      if (found && call && run) return routeTo(call, run, found.id)
      const miss: Run = found ? () => new Response(null, { status: 405 }) : notFound
      const guard = guards.find(([pattern]) => pattern.test(name))?.[1]
      return routeTo('unknown', guard ? guard(miss) : miss)
    },
    preflight: (request) => supabasePreflight(request, core.settings.corsHeaders),
    error: (request, status, code, message) => refusalResponse(request, refuse(status, code, message)),
    finish: supabaseCors,
  }
}

function find(name: string): { readonly target: Methods | Run; readonly id: string } | null {
  const methods = routes.get(name) ?? routes.get(`${name}/`)
  if (methods) return { target: methods, id: '' }
  for (const [pattern, target] of branches) {
    const match = pattern.exec(name)
    if (match) return { target, id: match[1] ?? '' }
  }
  return null
}

function plain(status: number, text: string): Response {
  return new Response(text, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' } })
}
