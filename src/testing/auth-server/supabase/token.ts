import { type Core, firstMarks, grant, refresh, signIn } from '../core/core.ts'
import { json, type Visit } from '../core/http.ts'
import type { TokenMarks } from '../core/refresh-types.ts'
import type { SessionRow } from '../core/sessions.ts'
import { parseBody, readBody } from './body.ts'
import { weaknessOf } from './passwords.ts'
import type { LimitedCall } from './rate-limits.ts'
import type { SupabaseCore } from './supabase-core.ts'
import { userView } from './views.ts'
import { invalid, isRefusal, markHeaders, type Outcome, refuse } from './wire.ts'

/** Which grant a request to `/token` asks for. Looked at before the body. */
export function grantType(url: URL): string | null {
  return url.searchParams.get('grant_type')
}

type ReadGrantBody = typeof readBody
type Grant = (core: SupabaseCore, visit: Visit, read: ReadGrantBody) => Promise<Outcome>

const grants = new Map<string, readonly [LimitedCall, Grant]>([
  ['password', ['token', passwordGrant]],
  ['refresh_token', ['token', refreshGrant]],
  ['id_token', ['token', idTokenGrant]],
  ['pkce', ['token', pkceGrant]],
  ['web3', ['web3', web3Grant]],
])

export async function token(core: SupabaseCore, visit: Visit): Promise<Outcome> {
  // Go reads the parameter from a form, if there is one. Nothing is left of the body then.
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(visit.request.headers.get('Content-Type') ?? '')
  const form = isForm ? new URLSearchParams(await visit.request.text()) : null
  const read: ReadGrantBody = form ? async (_visit, members) => parseBody('', members) : readBody

  const [limit, run] = grants.get(form?.get('grant_type') || grantType(visit.url) || '') ?? []
  if (!limit || !run) return refuse(400, 'invalid_credentials', 'unsupported_grant_type')
  if (!core.limits.allow(limit, visit.request)) return tooMany()
  return run(core, visit, read)
}

export function tooMany(): Outcome {
  return refuse(429, 'over_request_rate_limit', 'Request rate limit reached')
}

async function passwordGrant(core: SupabaseCore, visit: Visit, read: ReadGrantBody): Promise<Outcome> {
  const body = await read(visit, { email: 'string', phone: 'string', password: 'string' })
  if (isRefusal(body)) return body
  const { email = '', phone = '', password = '' } = body
  if (email !== '' && phone !== '') {
    return invalid('Only an email address or phone number should be provided on login.')
  }
  if (email === '' && phone === '') return invalid('missing email or phone')
  if (phone !== '') return refuse(422, 'phone_provider_disabled', 'Phone logins are disabled')
  if (!core.settings.emailLogins) return refuse(422, 'email_provider_disabled', 'Email logins are disabled')

  const result = signIn(core, visit, email, password)
  if (result.type === 'refused') return refuse(400, result.code, signInMessages[result.code])
  const marks = firstMarks(result.session, result.token)
  const weakPassword = weaknessOf(password, core.settings.password)
  return tokenAnswer(core, visit, result.session, result.token, marks, { weak_password: weakPassword })
}

const signInMessages = {
  invalid_credentials: 'Invalid login credentials',
  user_banned: 'User is banned',
  email_not_confirmed: 'Email not confirmed',
} as const

async function refreshGrant(core: SupabaseCore, visit: Visit, read: ReadGrantBody): Promise<Outcome> {
  const body = await read(visit, { refresh_token: 'string' })
  if (isRefusal(body)) return body
  const result = refresh(core, visit, body.refresh_token ?? '')
  if (result.type === 'refused') return refuse(400, result.code, result.message, { marks: result.marks })
  return tokenAnswer(core, visit, result.session, result.token, result.marks)
}

/** No flow is ever begun: what begins one is switched off. */
async function pkceGrant(_core: SupabaseCore, visit: Visit, read: ReadGrantBody): Promise<Outcome> {
  const body = await read(visit, { auth_code: 'string', code_verifier: 'string' })
  if (isRefusal(body)) return body
  if (!body.auth_code || !body.code_verifier) {
    return invalid('invalid request: both auth code and code verifier should be non-empty')
  }
  return refuse(404, 'flow_state_not_found', 'invalid flow state, no valid flow state found')
}

const idTokenIssuers: Readonly<Record<string, string>> = {
  apple: 'https://appleid.apple.com',
  azure: 'https://login.microsoftonline.com/common/v2.0',
  facebook: 'https://www.facebook.com',
  google: 'https://accounts.google.com',
  kakao: 'https://kauth.kakao.com',
  keycloak: '',
}

async function idTokenGrant(_core: SupabaseCore, visit: Visit, read: ReadGrantBody): Promise<Outcome> {
  const body = await read(visit, { id_token: 'string', provider: 'string', client_id: 'string', issuer: 'string' })
  if (isRefusal(body)) return body
  const { provider = '', issuer = '' } = body
  const isOAuth = true
  if (!body.id_token) return refuse(400, 'invalid request', 'id_token required', { isOAuth })
  if (provider === '' && (!body.client_id || issuer === '')) {
    return refuse(400, 'invalid request', 'provider or client_id and issuer required', { isOAuth })
  }
  const known = idTokenIssuers[provider] ?? Object.values(idTokenIssuers).find((url) => url !== '' && url === issuer)
  if (known === undefined) return invalid(`Custom OIDC provider "${provider}" not allowed`)
  return refuse(400, 'provider_disabled', `Provider (issuer "${known}") is not enabled`)
}

async function web3Grant(): Promise<Outcome> {
  return refuse(422, 'web3_provider_disabled', 'Web3 provider is disabled')
}

export async function tokenAnswer(
  core: Core,
  visit: Visit,
  session: SessionRow,
  refreshToken: string | null,
  marks: TokenMarks,
  extra: Readonly<Record<string, unknown>> = {},
  user: Readonly<Record<string, unknown>> = userView(session.user),
): Promise<Response> {
  const members = await grant(core, visit, session, refreshToken)
  return json(200, { ...members, user, ...extra }, markHeaders(marks))
}
