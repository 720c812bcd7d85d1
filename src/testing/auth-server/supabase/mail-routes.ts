import { json, type Visit } from '../core/http.ts'
import type { Metadata } from '../core/metadata.ts'
import type { UserRow } from '../core/users.ts'
import { checkChallenge, checkEmail, checkPhone, readBody } from './body.ts'
import { type MailKind, sendMail } from './mails.ts'
import { addUnconfirmed, signUpsDisabled } from './sign-up.ts'
import type { SupabaseCore } from './supabase-core.ts'
import { tooMany } from './token.ts'
import { invalid, isRefusal, type Outcome, type Refusal, refuse } from './wire.ts'

const emailOff = refuse(400, 'email_provider_disabled', 'Email logins are disabled')
const challenge = { code_challenge: 'string', code_challenge_method: 'string' } as const

function mailed(core: SupabaseCore, user: UserRow, kind: MailKind): Outcome {
  return sendMail(core.mails, user, kind, core.now) ?? json(200, {})
}

/** `POST /otp`: a link or code by mail; by phone is switched off. */
export async function otp(core: SupabaseCore, visit: Visit): Promise<Outcome> {
  if (!core.limits.allow('otp', visit.request)) return tooMany()
  const members = {
    email: 'string',
    phone: 'string',
    channel: 'string',
    create_user: 'boolean',
    data: 'object',
  } as const
  const body = await readBody(visit, { ...members, ...challenge })
  if (isRefusal(body)) return body
  const { email = '', phone = '', channel = '' } = body
  if (email !== '' && phone !== '') return invalid('Only an email address or phone number should be provided')
  if (email !== '' && channel !== '') return invalid('Channel should only be specified with Phone OTP')
  const refusal = checkChallenge(body.code_challenge ?? '', body.code_challenge_method ?? '')
  if (refusal) return refusal
  if (body.create_user === false) {
    const addressRefusal = email !== '' ? checkEmail(email) : phone !== '' ? checkPhone(phone) : null
    if (addressRefusal) return addressRefusal
    const isUnknown = email !== '' ? !core.users.byEmail(email) : phone !== ''
    if (isUnknown) return refuse(422, 'otp_disabled', 'Signups not allowed for otp')
  }
  if (email !== '') return sendMagicLink(core, email, body.data ?? {})
  if (phone !== '') return refuse(400, 'phone_provider_disabled', 'Unsupported phone provider')
  return invalid('One of email or phone must be set')
}

/** `POST /magiclink`: as `/otp` with an address. */
export async function magicLink(core: SupabaseCore, visit: Visit): Promise<Outcome> {
  if (!core.limits.allow('magiclink', visit.request)) return tooMany()
  if (!core.settings.emailLogins) return refuse(422, emailOff.code, emailOff.message)
  const body = await readBody(visit, { email: 'string', data: 'object', ...challenge })
  if (isRefusal(body)) return body
  if (!body.email) return invalid('Password recovery requires an email')
  const refusal = checkChallenge(body.code_challenge ?? '', body.code_challenge_method ?? '')
  return refusal ?? sendMagicLink(core, body.email, body.data ?? {})
}

/** Signs up whoever is not known yet; the mail that asks for confirmation has the link already. */
function sendMagicLink(core: SupabaseCore, email: string, data: Metadata): Outcome {
  if (!core.settings.emailLogins) return refuse(422, emailOff.code, emailOff.message)
  const refusal = checkEmail(email)
  if (refusal) return refusal
  const known = core.users.byEmail(email)
  if (known?.emailConfirmedAt) return mailed(core, known, 'recoverySentAt')
  if (!core.settings.signUps) return signUpsDisabled
  if (known && !core.settings.autoConfirm) return mailed(core, known, 'confirmationSentAt')
  const user = known ?? addUnconfirmed(core, email, '', data)
  if (isRefusal(user)) return user
  if (!core.settings.autoConfirm) return json(200, {})
  core.users.confirm(user)
  return mailed(core, user, 'recoverySentAt')
}

/** `POST /recover`. Does not tell whether the address is known. */
export async function recover(core: SupabaseCore, visit: Visit): Promise<Outcome> {
  if (!core.limits.allow('recover', visit.request)) return tooMany()
  if (!core.settings.emailLogins) return emailOff
  const body = await readBody(visit, { email: 'string', ...challenge })
  if (isRefusal(body)) return body
  if (!body.email) return invalid('Password recovery requires an email')
  const refusal = checkEmail(body.email) ?? checkChallenge(body.code_challenge ?? '', body.code_challenge_method ?? '')
  if (refusal) return refusal
  const user = core.users.byEmail(body.email)
  return user ? mailed(core, user, 'recoverySentAt') : json(200, {})
}

/** `POST /resend`. */
export async function resend(core: SupabaseCore, visit: Visit): Promise<Outcome> {
  if (!core.limits.allow('resend', visit.request)) return tooMany()
  const body = await readBody(visit, { type: 'string', email: 'string', phone: 'string' })
  if (isRefusal(body)) return body
  const { type = '', email = '', phone = '' } = body
  const refusal = checkResend(type, email, phone, core.settings.emailLogins)
  if (refusal) return refusal
  const user = core.users.byEmail(email)
  if (user && type === 'signup' && user.emailConfirmedAt === null) return mailed(core, user, 'confirmationSentAt')
  if (user && type === 'email_change' && user.newEmail !== '') return mailed(core, user, 'emailChangeSentAt')
  return json(200, {})
}

function checkResend(type: string, email: string, phone: string, emailLogins: boolean): Refusal | null {
  if (!['signup', 'email_change', 'sms', 'phone_change'].includes(type)) {
    return invalid('Missing one of these types: signup, email_change, sms, phone_change')
  }
  if (type === 'signup' && email === '') return invalid('Type provided requires an email address')
  if (type === 'sms' && phone === '') return invalid('Type provided requires a phone number')
  if (email !== '' && phone !== '') return invalid('Only an email address or phone number should be provided.')
  if (email !== '') return emailLogins ? checkEmail(email) : emailOff
  if (phone !== '') return refuse(400, 'phone_provider_disabled', 'Phone logins are disabled')
  return invalid('Missing email address or phone number')
}
