import { appMetadata, userMetadata } from './core.ts'
import { isRecord } from './http.ts'
import type { UserRow } from './store.ts'

/** RFC 3339 with the trailing zeros of the fraction trimmed. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0+Z$/, 'Z')
}

/**
 * The user object. `justSignedUp`: the answer to the sign-up itself, where the confirmation time is still missing and
 * the identity already shows the address as verified.
 */
export function userView(user: UserRow, justSignedUp = false): Readonly<Record<string, unknown>> {
  const confirmedAt = user.confirmedAt === null ? undefined : timestamp(user.confirmedAt)
  const lastSignInAt = user.lastSignInAt === null ? undefined : timestamp(user.lastSignInAt)
  return {
    id: user.id,
    aud: 'authenticated',
    role: 'authenticated',
    email: user.email,
    email_confirmed_at: confirmedAt,
    phone: '',
    confirmed_at: justSignedUp ? undefined : confirmedAt,
    last_sign_in_at: lastSignInAt,
    app_metadata: appMetadata,
    user_metadata: userMetadata(user),
    identities: [
      {
        identity_id: user.identityId,
        id: user.id,
        user_id: user.id,
        identity_data: { ...userMetadata(user), email_verified: justSignedUp },
        provider: 'email',
        last_sign_in_at: timestamp(user.createdAt),
        created_at: timestamp(user.createdAt),
        updated_at: timestamp(user.createdAt),
        email: user.email,
      },
    ],
    created_at: timestamp(user.createdAt),
    updated_at: timestamp(user.updatedAt),
    is_anonymous: false,
  }
}

const providers = (
  'anonymous_users apple azure bitbucket discord facebook snapchat figma fly github gitlab google keycloak kakao ' +
  'linkedin linkedin_oidc notion spotify slack slack_oidc workos twitch twitter email phone zoom'
).split(' ')

export const settingsView: Readonly<Record<string, unknown>> = {
  external: Object.fromEntries(providers.map((name) => [name, name === 'email'])),
  disable_signup: false,
  mailer_autoconfirm: true,
  phone_autoconfirm: false,
  sms_provider: '',
  saml_enabled: false,
  saml_private_key_next_configured: false,
  passkeys_enabled: false,
}

export const healthView: Readonly<Record<string, unknown>> = {
  version: 'v2.196.0',
  name: 'GoTrue',
  description: 'GoTrue is a user registration and authentication API',
}

/** A body as Go reads it: member names in any case, null for the zero value, unknown members ignored. */
export type GoBody = Readonly<Record<string, unknown>>

/** Reads a JSON body whose named members must be strings or objects. A string answer is why it cannot be read. */
export function parseGoBody(text: string, members: Readonly<Record<string, 'string' | 'object'>>): GoBody | string {
  const problem = (reason: string): string => `Could not parse request body as JSON: ${reason}`
  if (text.trim() === '') return problem('unexpected end of JSON input')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return problem('invalid character in JSON')
  }
  if (value === null) return {}
  if (!isRecord(value)) return problem(`json: cannot unmarshal ${goType(value)} into Go value`)

  const body: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    const name = key.toLowerCase()
    const wanted = members[name]
    if (!wanted || member === null) continue
    if (goType(member) !== wanted)
      return problem(`json: cannot unmarshal ${goType(member)} into Go struct field ${name}`)
    body[name] = member
  }
  return body
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
