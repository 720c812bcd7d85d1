import { isUuid } from '../core/authenticate.ts'
import type { Visit } from '../core/http.ts'
import { readBody } from './body.ts'
import type { SupabaseCore } from './supabase-core.ts'
import { forUser } from './user.ts'
import { redirectToApp } from './verify.ts'
import { oauthProviders } from './views.ts'
import { invalid, isRefusal, type Outcome, refuse } from './wire.ts'

// What the mock does not have answers as a server that has it switched off.

export const passkeysOff: Outcome = refuse(404, 'passkey_disabled', 'Passkeys are disabled')
export const samlOff: Outcome = refuse(404, 'saml_provider_disabled', 'SAML 2.0 is disabled')
export const oauthServerOff: Outcome = refuse(404, 'feature_disabled', 'OAuth server is disabled')
export const scimOff: Outcome = refuse(404, 'feature_disabled', 'SCIM server is disabled')

/** Linking another identity to a user. */
export const identities: ReturnType<typeof forUser> = forUser(() =>
  refuse(404, 'manual_linking_disabled', 'Manual linking is disabled'),
)

/** Rights that a user has given to OAuth clients. */
export const oauthGrants: ReturnType<typeof forUser> = forUser(() => oauthServerOff)

const anonymousNotAllowed = refuse(403, 'no_authorization', 'Anonymous user not allowed to perform these actions')

/** `POST /factors`: no kind of second factor can be enrolled. */
export const enrollFactor: ReturnType<typeof forUser> = forUser(async (_core, visit, { user, session }) => {
  if (user.isAnonymous) return anonymousNotAllowed
  if (!session) {
    const message = 'A valid session and a registered user are required to enroll a factor'
    return refuse(500, 'unexpected_failure', message)
  }
  const body = await readBody(visit, { factor_type: 'string', friendly_name: 'string', issuer: 'string' })
  if (isRefusal(body)) return body
  const names: Readonly<Record<string, string>> = { totp: 'TOTP', phone: 'Phone', webauthn: 'WebAuthn' }
  const { factor_type: type = '' } = body
  return names[type] === undefined
    ? invalid('factor_type needs to be totp, phone, or webauthn')
    : refuse(422, `mfa_${type}_enroll_not_enabled`, `MFA enroll is disabled for ${names[type]}`)
})

/** Everything about one factor: there is none. */
export function factor(core: SupabaseCore, visit: Visit, id: string): Promise<Outcome> {
  return forUser((_core, _visit, { user }) => {
    if (user.isAnonymous) return anonymousNotAllowed
    if (!isUuid(id)) return refuse(404, 'validation_failed', 'factor_id must be an UUID')
    return refuse(404, 'mfa_factor_not_found', 'Factor not found')
  })(core, visit)
}

/** `GET /authorize`: no OAuth provider is switched on. */
export function authorize(_core: SupabaseCore, { url }: Visit): Outcome {
  const provider = (url.searchParams.get('provider') ?? '').toLowerCase()
  return invalid(
    oauthProviders.has(provider)
      ? 'Unsupported provider: provider is not enabled'
      : `Unsupported provider: Provider ${provider} could not be found`,
  )
}

/** `/callback`: an answer of a provider that nobody was sent to. */
export function callback(core: SupabaseCore, { url }: Visit): Outcome {
  const refusal = url.searchParams.get('state')
    ? refuse(400, 'bad_oauth_state', 'OAuth callback with invalid state')
    : refuse(400, 'bad_oauth_callback', 'OAuth state parameter missing')
  return redirectToApp(core, refusal, ['query'])
}
