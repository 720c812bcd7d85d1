import { firstMarks, openSession } from '../core/core.ts'
import { json, type Visit } from '../core/http.ts'
import type { Metadata } from '../core/metadata.ts'
import { sorted } from '../core/metadata.ts'
import type { Settings } from '../core/settings.ts'
import type { UserRow } from '../core/users.ts'
import { checkChallenge, checkChannel, checkEmail, type GoBody, readBody } from './body.ts'
import { sendMail } from './mails.ts'
import { isTooLong, weaknessOf } from './passwords.ts'
import type { SupabaseCore } from './supabase-core.ts'
import { tokenAnswer, tooMany } from './token.ts'
import { timestamp, userView } from './views.ts'
import { invalid, isRefusal, type Outcome, type Refusal, refuse } from './wire.ts'

const members = {
  email: 'string',
  phone: 'string',
  password: 'string',
  data: 'object',
  channel: 'string',
  code_challenge: 'string',
  code_challenge_method: 'string',
} as const
type SignUpBody = GoBody<typeof members>

/** `POST /signup`: with an address, or anonymously without one. */
export async function signUp(core: SupabaseCore, visit: Visit): Promise<Outcome> {
  const body = await readBody(visit, members)
  if (isRefusal(body)) return body
  const isAnonymous = !body.email && !body.phone
  if (isAnonymous && !core.settings.anonymousSignIns) {
    return refuse(422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled')
  }
  if (!core.limits.allow(isAnonymous ? 'anonymous' : 'signup', visit.request)) return tooMany()
  if (!core.settings.signUps) return signUpsDisabled
  if (isAnonymous) return begin(core, visit, core.users.addAnonymous(body.data ?? {}))
  return (
    checkSignUp(body, core.settings) ?? signUpByEmail(core, visit, body.email ?? '', body.password ?? '', body.data)
  )
}

export const signUpsDisabled: Refusal = refuse(422, 'signup_disabled', 'Signups not allowed for this instance')

/** The checks in the order in which the server makes them; null if all is well. */
function checkSignUp(body: SignUpBody, settings: Settings): Refusal | null {
  const { email = '', phone = '', password = '', channel = '' } = body
  if (password === '') return invalid('Signup requires a valid password')
  const passwordRefusal = checkPassword(password, settings)
  if (passwordRefusal) return passwordRefusal
  if (email !== '' && phone !== '') {
    return invalid('Only an email address or phone number should be provided on signup.')
  }
  if (phone !== '') {
    const channelRefusal = checkChannel(channel)
    if (channelRefusal) return channelRefusal
    if (body.code_challenge) return invalid('PKCE not supported for phone signups')
  }
  const challengeRefusal = checkChallenge(body.code_challenge ?? '', body.code_challenge_method ?? '')
  if (challengeRefusal) return challengeRefusal
  if (phone !== '') return refuse(400, 'phone_provider_disabled', 'Phone signups are disabled')
  if (!settings.emailLogins) return refuse(400, 'email_provider_disabled', 'Email signups are disabled')
  return checkEmail(email)
}

export function checkPassword(password: string, settings: Settings): Refusal | null {
  if (isTooLong(password)) return invalid('Password cannot be longer than 72 characters')
  const weakness = weaknessOf(password, settings.password)
  return weakness && refuse(422, 'weak_password', weakness.message, { weakPassword: weakness.reasons })
}

function signUpByEmail(
  core: SupabaseCore,
  visit: Visit,
  email: string,
  password: string,
  data: Metadata = {},
): Outcome | Promise<Outcome> {
  const existing = core.users.byEmail(email)
  if (existing && existing.emailConfirmedAt !== null) {
    if (core.settings.autoConfirm) return refuse(422, 'user_already_exists', 'User already registered')
    return json(200, fakeUser(core, email, data))
  }
  const user = existing ?? addUnconfirmed(core, email, password, data)
  if (isRefusal(user)) return user
  if (core.settings.autoConfirm) {
    core.users.confirm(user)
    return begin(core, visit, user)
  }
  return (existing && sendMail(core.mails, existing, 'confirmationSentAt', core.now)) ?? json(200, userView(user))
}

/** A user who is not confirmed yet; with a mail on the way, unless the server confirms by itself. */
export function addUnconfirmed(core: SupabaseCore, email: string, password: string, data: Metadata): UserRow | Refusal {
  const refusal = core.settings.autoConfirm ? null : core.mails.allow(null, 'confirmationSentAt')
  if (refusal) return refusal
  const user = core.users.add({ email, password, data, confirmed: false })
  if (!core.settings.autoConfirm) user.confirmationSentAt = core.now()
  return user
}

function begin(core: SupabaseCore, visit: Visit, user: UserRow): Promise<Response> {
  const method = user.isAnonymous ? 'anonymous' : 'password'
  const { session, token } = openSession(core, visit, user, method)
  return tokenAnswer(core, visit, session, token, firstMarks(session, token), {}, userView(user, true))
}

/** Does not tell whether the address is registered; those who know look at `identities`. */
function fakeUser(core: SupabaseCore, email: string, data: Metadata): Readonly<Record<string, unknown>> {
  const time = timestamp(core.now())
  return {
    id: core.ids.uuid(),
    aud: 'authenticated',
    role: '',
    email: email.toLowerCase(),
    phone: '',
    confirmation_sent_at: time,
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: sorted(data),
    identities: [],
    created_at: time,
    updated_at: time,
    is_anonymous: false,
  }
}
