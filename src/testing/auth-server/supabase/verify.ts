import type { Visit } from '../core/http.ts'
import { isBanned } from '../core/users.ts'
import { checkEmail, checkPhone, readBody } from './body.ts'
import type { SupabaseCore } from './supabase-core.ts'
import { tooMany } from './token.ts'
import { invalid, isRefusal, type Outcome, type Refusal, refuse } from './wire.ts'

const members = {
  type: 'string',
  token: 'string',
  token_hash: 'string',
  email: 'string',
  phone: 'string',
  redirect_to: 'string',
} as const

/** `POST /verify`. No mail has left the server, so no code is right. */
export async function verify(core: SupabaseCore, visit: Visit): Promise<Outcome> {
  if (!core.limits.allow('verify', visit.request)) return tooMany()
  const body = await readBody(visit, members)
  if (isRefusal(body)) return body
  const { type = '', token = '', token_hash: hash = '', email = '', phone = '' } = body
  if (type === '') return invalid('Verify requires a verification type')
  if ((token === '') === (hash === '')) return invalid('Verify requires either a token or a token hash')
  if (hash !== '') {
    if (email !== '' || phone !== '' || body.redirect_to) {
      return invalid('Only the token_hash and type should be provided')
    }
    return checkLink(type)
  }
  if ((email === '') === (phone === '')) {
    return invalid('Only an email address or phone number should be provided on verify')
  }
  if (phone !== '') return checkPhone(phone) ?? wrongCode
  if (checkEmail(email)) return refuse(422, 'validation_failed', 'Invalid email format')
  const user = core.users.byEmail(email)
  return user && isBanned(user, core.now()) ? refuse(403, 'user_banned', 'User is banned') : wrongCode
}

const wrongCode = refuse(403, 'otp_expired', 'Token has expired or is invalid')
const linkTypes = ['signup', 'invite', 'magiclink', 'recovery', 'email_change', 'email']

function checkLink(type: string): Refusal {
  return linkTypes.includes(type)
    ? refuse(403, 'otp_expired', 'Email link is invalid or has expired')
    : invalid('Invalid email verification type')
}

/** `GET /verify`: where a link in a mail leads. Tells in the address of the app what went wrong. */
export function verifyLink(core: SupabaseCore, visit: Visit): Outcome {
  if (!core.limits.allow('verify', visit.request)) return tooMany()
  const type = visit.url.searchParams.get('type') ?? ''
  const code = visit.url.searchParams.get('token') ?? ''
  if (type === '') return invalid('Verify requires a verification type')
  if (code === '') return invalid('Verify requires a token or a token hash')
  return redirectToApp(core, checkLink(type), code.startsWith('pkce_') ? ['query', 'fragment'] : ['fragment'])
}

/** 303 to the app, with the error in its address. */
export function redirectToApp(
  core: SupabaseCore,
  refusal: Refusal,
  places: readonly ('query' | 'fragment')[],
): Response {
  const { status, code, message } = refusal
  const kind = status === 403 ? 'access_denied' : 'invalid_request'
  const error = new URLSearchParams({ error: kind, error_code: code, error_description: message })
  const to = new URL(core.settings.siteUrl)
  if (places.includes('query')) to.search = String(error)
  if (places.includes('fragment')) to.hash = `${error}&sb=`
  return new Response(null, { status: 303, headers: { Location: String(to) } })
}
