import { authenticate, type Caller } from '../core/authenticate.ts'
import { endSessions, isEndScope } from '../core/core.ts'
import { json, type Visit } from '../core/http.ts'
import { merged } from '../core/metadata.ts'
import type { SessionRow } from '../core/sessions.ts'
import type { UserRow } from '../core/users.ts'
import { checkChannel, checkEmail, checkPhone, type GoBody, readBody } from './body.ts'
import { sendMail } from './mails.ts'
import { checkPassword } from './sign-up.ts'
import type { SupabaseCore } from './supabase-core.ts'
import { tooMany } from './token.ts'
import { userView } from './views.ts'
import { invalid, isRefusal, type Outcome, type Refusal, refuse } from './wire.ts'

type SignedInCaller = Extract<Caller, { type: 'ok' }>
type ForCaller = (core: SupabaseCore, visit: Visit, caller: SignedInCaller) => Outcome | Promise<Outcome>

/** A route for signed-in users. */
export function forUser(run: ForCaller): (core: SupabaseCore, visit: Visit) => Promise<Outcome> {
  return async (core, visit) => {
    const caller = await authenticate(core, visit)
    return caller.type === 'refused' ? refuse(caller.status, caller.code, caller.message) : run(core, visit, caller)
  }
}

export const getUser: ReturnType<typeof forUser> = forUser((_core, visit, { user, claims }) => {
  const { aud } = claims
  const audience = Array.isArray(aud) ? aud[0] : aud
  const requested = visit.request.headers.get('X-JWT-AUD') ?? audience
  if (audience === undefined || requested !== audience) return invalid("Token audience doesn't match request audience")
  return json(200, userView(user))
})

export const logout: ReturnType<typeof forUser> = forUser((core, visit, { user, session }) => {
  const scope = visit.url.searchParams.get('scope') || 'global'
  if (!isEndScope(scope)) return invalid(`Unsupported logout scope "${scope}"`)
  endSessions(core, user, session, scope, 'signed_out')
  return new Response(null, { status: 204 })
})

const members = {
  email: 'string',
  phone: 'string',
  password: 'string',
  current_password: 'string',
  nonce: 'string',
  data: 'object',
  app_metadata: 'object',
  channel: 'string',
} as const
type Changes = GoBody<typeof members>

export const updateUser: ReturnType<typeof forUser> = forUser(async (core, visit, { user, session }) => {
  if (!core.limits.allow('user', visit.request)) return tooMany()
  const changes = await readBody(visit, members)
  if (isRefusal(changes)) return changes
  const refusal = checkChanges(core, user, session, changes)
  if (refusal) return refusal

  const email = changes.email?.toLowerCase() ?? ''
  const isNewEmail = email !== '' && email !== user.email
  const isAtOnce = isNewEmail && user.isAnonymous && core.settings.autoConfirm
  // A mail that may not be sent takes back everything else, for it is one transaction.
  const mailRefusal = isNewEmail && !isAtOnce ? sendMail(core.mails, user, 'emailChangeSentAt', core.now) : null
  if (mailRefusal) return mailRefusal

  if (changes.password !== undefined) setPassword(core, user, session, changes.password)
  if (changes.data) user.userMetadata = merged(user.userMetadata, changes.data)
  if (isAtOnce) core.users.setEmail(user, email, true)
  else if (isNewEmail) {
    user.newEmail = email
    user.emailChangeSentAt = core.now()
  }
  user.updatedAt = core.now()
  return json(200, userView(user))
})

/** The checks in the order in which the server makes them; null if all is well. */
function checkChanges(core: SupabaseCore, user: UserRow, session: SessionRow | null, changes: Changes): Refusal | null {
  const { email = '', phone = '', password, channel = '' } = changes
  const invalidMember =
    (email === '' ? null : checkEmail(email)) ??
    (phone === '' ? null : (checkPhone(phone) ?? checkChannel(channel))) ??
    (password === undefined ? null : checkPassword(password, core.settings))
  if (invalidMember) return invalidMember
  if (changes.app_metadata) return refuse(403, 'not_admin', 'Updating app_metadata requires admin privileges')
  if (user.isAnonymous && password && email === '' && phone === '') {
    const message = 'Updating password of an anonymous user without an email or phone is not allowed'
    return refuse(422, 'validation_failed', message)
  }
  const owner = email.toLowerCase() === user.email ? null : core.users.byEmail(email)
  if (owner) return refuse(422, 'email_exists', 'A user with this email address has already been registered')
  const passwordRefusal = password === undefined ? null : checkNewPassword(core, user, session, changes)
  if (passwordRefusal) return passwordRefusal
  return phone === '' ? null : refuse(500, 'unexpected_failure', 'Unable to get SMS provider')
}

const day = 86_400_000

function checkNewPassword(
  core: SupabaseCore,
  user: UserRow,
  session: SessionRow | null,
  { password, current_password: current = '', nonce = '' }: Changes,
): Refusal | null {
  const { requireReauthentication, requireCurrentPassword } = core.settings
  if (requireReauthentication && (!session || core.now() > session.createdAt + day)) {
    if (nonce === '') return refuse(400, 'reauthentication_needed', 'Password update requires reauthentication')
    if (!spendCode(user, nonce, core.now())) {
      return refuse(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid')
    }
  }
  if (user.password === null) return null
  if (requireCurrentPassword && current !== user.password) {
    const code = current === '' ? 'current_password_required' : 'current_password_invalid'
    return refuse(400, code, 'Current password required when setting new password.')
  }
  return password === user.password
    ? refuse(422, 'same_password', 'New password should be different from the old password.')
    : null
}

/** A code is good once, for 24 hours. */
function spendCode(user: UserRow, code: string, time: number): boolean {
  const sentAt = user.reauthenticationSentAt
  if (sentAt === null || code !== user.reauthenticationCode || time > sentAt + day) return false
  user.reauthenticationCode = ''
  return true
}

/** Ends every other session of the user and forgets the mails that are on their way. */
export function setPassword(core: SupabaseCore, user: UserRow, session: SessionRow | null, password: string): void {
  user.password = password
  user.confirmationSentAt = null
  user.recoverySentAt = null
  user.emailChangeSentAt = null
  user.reauthenticationSentAt = null
  user.reauthenticationCode = ''
  endSessions(core, user, session, session ? 'others' : 'global', 'password_changed')
}

/** `GET /reauthenticate`: sends a code that allows a new password. */
export const reauthenticate: ReturnType<typeof forUser> = forUser((core, _visit, { user }) => {
  if (user.email === '') {
    return invalid('Reauthentication requires the user to have an email or a phone number')
  }
  if (user.emailConfirmedAt === null) return refuse(422, 'email_not_confirmed', 'Please verify your email first.')
  const refusal = sendMail(core.mails, user, 'reauthenticationSentAt', core.now)
  if (refusal) return refusal
  user.reauthenticationCode = core.ids.code()
  return json(200, {})
})
