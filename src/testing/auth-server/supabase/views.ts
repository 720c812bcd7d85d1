import type { Settings } from '../core/settings.ts'
import type { UserRow } from '../core/users.ts'

/** RFC 3339 with the trailing zeros of the fraction trimmed. */
export function timestamp(ms: number): string {
  const text = new Date(ms).toISOString()
  let end = text.length - 1
  while (text[end - 1] === '0') end -= 1
  return `${text.slice(0, text[end - 1] === '.' ? end - 1 : end)}Z`
}

function optional(ms: number | null): string | undefined {
  return ms === null ? undefined : timestamp(ms)
}

/**
 * The user object. `justSignedUp`: the answer to the sign-up itself, where the confirmation time is still missing and
 * the identity already shows the address as verified.
 */
export function userView(user: UserRow, justSignedUp = false): Readonly<Record<string, unknown>> {
  return {
    id: user.id,
    aud: 'authenticated',
    role: user.role,
    email: user.email,
    email_confirmed_at: optional(user.emailConfirmedAt),
    phone: '',
    confirmation_sent_at: optional(user.confirmationSentAt),
    confirmed_at: justSignedUp ? undefined : optional(user.emailConfirmedAt),
    recovery_sent_at: optional(user.recoverySentAt),
    new_email: user.newEmail || undefined,
    email_change_sent_at: optional(user.emailChangeSentAt),
    reauthentication_sent_at: optional(user.reauthenticationSentAt),
    last_sign_in_at: optional(user.lastSignInAt),
    app_metadata: user.appMetadata,
    user_metadata: user.userMetadata,
    identities: identitiesView(user, justSignedUp),
    created_at: timestamp(user.createdAt),
    updated_at: timestamp(user.updatedAt),
    banned_until: optional(user.bannedUntil),
    deleted_at: optional(user.deletedAt),
    is_anonymous: user.isAnonymous,
  }
}

function identitiesView(user: UserRow, justSignedUp: boolean): readonly unknown[] {
  const { identity } = user
  if (!identity) return []
  return [
    {
      identity_id: identity.id,
      id: user.id,
      user_id: user.id,
      identity_data: justSignedUp ? user.userMetadata : identity.data,
      provider: 'email',
      last_sign_in_at: timestamp(identity.createdAt),
      created_at: timestamp(identity.createdAt),
      updated_at: timestamp(identity.updatedAt),
      email: identity.data.email,
    },
  ]
}

const providers = (
  'anonymous_users apple azure bitbucket discord facebook snapchat figma fly github gitlab google keycloak kakao ' +
  'linkedin linkedin_oidc notion spotify slack slack_oidc workos twitch twitter email phone zoom'
).split(' ')

/** Names of the OAuth providers that the server knows; none is switched on. */
export const oauthProviders: ReadonlySet<string> = new Set(
  providers.filter((name) => !['anonymous_users', 'email', 'phone'].includes(name)),
)

export function settingsView(settings: Settings): Readonly<Record<string, unknown>> {
  const on: Readonly<Record<string, boolean>> = {
    anonymous_users: settings.anonymousSignIns,
    email: settings.emailLogins,
  }
  return {
    external: Object.fromEntries(providers.map((name) => [name, on[name] ?? false])),
    disable_signup: !settings.signUps,
    mailer_autoconfirm: settings.autoConfirm,
    phone_autoconfirm: false,
    sms_provider: '',
    saml_enabled: false,
    saml_private_key_next_configured: false,
    passkeys_enabled: false,
  }
}

export const healthView: Readonly<Record<string, unknown>> = {
  version: 'v2.196.0',
  name: 'GoTrue',
  description: 'GoTrue is a user registration and authentication API',
}

/** OpenID Connect Discovery 1.0, section 3. The OAuth server that it names is switched off. */
export function discoveryView(issuer: string): Readonly<Record<string, unknown>> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'ES256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    code_challenge_methods_supported: ['S256', 'plain'],
  }
}
