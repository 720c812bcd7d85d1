import { authenticate, type Core, endSessions, grant, isEndScope, refresh, refreshMessage, signIn } from './core.ts'
import { type Dialect, json, type Route, type Visit } from './http.ts'
import type { SessionRow } from './store.ts'
import { signUp } from './supabase-sign-up.ts'
import { type GoBody, healthView, parseGoBody, settingsView, userView } from './supabase-views.ts'
import { sessionHeaders, supabaseCors, supabaseError, supabasePreflight, tokenHeaders } from './supabase-wire.ts'

export const supabasePrefix = '/auth/v1'

/** The dialect of Supabase Auth: what supabase-js needs to sign up, sign in, refresh, sign out and ask for the user. */
export function createSupabaseDialect(core: Core): Dialect {
  const routes: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
    '/token': { POST: { call: 'refresh', run: (visit) => token(core, visit) } },
    '/signup': { POST: { call: 'sign_up', run: (visit) => signUp(core, visit) } },
    '/logout': { POST: { call: 'sign_out', run: (visit) => logout(core, visit) } },
    '/user': { GET: { call: 'user', run: (visit) => user(core, visit) } },
    '/health': { GET: { call: 'health', run: () => json(200, healthView) } },
    '/settings': { GET: { call: 'settings', run: () => json(200, settingsView) } },
  }
  return {
    match: (method, path) => {
      if (path !== supabasePrefix && !path.startsWith(`${supabasePrefix}/`)) return null
      const name = path.slice(supabasePrefix.length)
      const methods = routes[/^\/(signup|user)\/$/.test(name) ? name.slice(0, -1) : name]
      if (!methods) return { call: 'unknown', run: () => plain(404, '404 page not found') }
      return methods[method] ?? { call: 'unknown', run: () => new Response(null, { status: 405 }) }
    },
    preflight: supabasePreflight,
    error: supabaseError,
    finish: supabaseCors,
  }
}

function plain(status: number, text: string): Response {
  return new Response(text, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' } })
}

/** Which grant a request to `/token` asks for. Looked at before the body. */
export function grantType(url: URL): string | null {
  return url.searchParams.get('grant_type')
}

async function token(core: Core, visit: Visit): Promise<Response> {
  const type = grantType(visit.url)
  if (type !== 'password' && type !== 'refresh_token') {
    return fail(visit, 400, 'invalid_credentials', 'unsupported_grant_type')
  }
  const text = await visit.request.text()
  const members = { email: 'string', phone: 'string', password: 'string', refresh_token: 'string' } as const
  const body = parseGoBody(text, members)
  if (typeof body === 'string') return fail(visit, 400, 'bad_json', body)
  return type === 'password' ? passwordGrant(core, visit, body) : refreshGrant(core, visit, body)
}

async function passwordGrant(core: Core, visit: Visit, body: GoBody): Promise<Response> {
  const { email = '', phone = '', password = '' } = body
  if (email !== '' && phone !== '') {
    const message = 'Only an email address or phone number should be provided on login.'
    return fail(visit, 400, 'validation_failed', message)
  }
  if (phone !== '') return fail(visit, 422, 'phone_provider_disabled', 'Phone logins are disabled')
  if (email === '') return fail(visit, 400, 'validation_failed', 'missing email or phone')

  const result = signIn(core, visit, String(email), String(password))
  if (result.type === 'refused') return fail(visit, 400, result.code, signInMessages[result.code])
  return tokenAnswer(core, visit, result.session, result.token, { weak_password: null })
}

const signInMessages = {
  invalid_credentials: 'Invalid login credentials',
  user_banned: 'User is banned',
  email_not_confirmed: 'Email not confirmed',
} as const

async function refreshGrant(core: Core, visit: Visit, body: GoBody): Promise<Response> {
  const result = refresh(core, visit, String(body.refresh_token ?? ''))
  if (result.type === 'refused') {
    const headers = result.session && !result.session.ended ? sessionHeaders(result.session) : {}
    return fail(visit, 400, result.code, refreshMessage(result.code), headers)
  }
  return tokenAnswer(core, visit, result.session, result.token)
}

async function tokenAnswer(
  core: Core,
  visit: Visit,
  session: SessionRow,
  refreshToken: string | null,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<Response> {
  const user = userView(session.user)
  const members = await grant(core, visit, session, refreshToken)
  return json(200, { ...members, user, ...extra }, tokenHeaders(session, refreshToken))
}

async function user(core: Core, visit: Visit): Promise<Response> {
  const caller = await authenticate(core, visit)
  if (caller.type === 'refused') return fail(visit, caller.status, caller.code, caller.message)
  const audience = visit.request.headers.get('X-JWT-AUD')
  if (audience !== null && audience !== 'authenticated') {
    return fail(visit, 400, 'validation_failed', "Token audience doesn't match request audience")
  }
  return json(200, userView(caller.user))
}

async function logout(core: Core, visit: Visit): Promise<Response> {
  const caller = await authenticate(core, visit)
  if (caller.type === 'refused') return fail(visit, caller.status, caller.code, caller.message)
  const scope = visit.url.searchParams.get('scope') || 'global'
  if (!isEndScope(scope)) return fail(visit, 400, 'validation_failed', `Unsupported logout scope "${scope}"`)
  endSessions(core, caller.user, caller.session, scope)
  return new Response(null, { status: 204 })
}

function fail(
  visit: Visit,
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  visit.entry.code = code
  return supabaseError(visit.request, status, code, message, { headers })
}
