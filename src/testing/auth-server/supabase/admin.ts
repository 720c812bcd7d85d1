import { sha256 } from '@noble/hashes/sha2.js'
import { isUuid, requireAdmin } from '../core/authenticate.ts'
import { base64url } from '../core/bytes.ts'
import { endSessions } from '../core/core.ts'
import { json, type Visit } from '../core/http.ts'
import { merged } from '../core/metadata.ts'
import type { UserRow } from '../core/users.ts'
import { checkEmail, checkPhone, type GoBody, parseBody, readBody } from './body.ts'
import { parseGoDuration } from './go-duration.ts'
import { checkPassword } from './sign-up.ts'
import type { SupabaseCore } from './supabase-core.ts'
import { setPassword } from './user.ts'
import { userView } from './views.ts'
import { invalid, isRefusal, type Outcome, type Refusal, refuse } from './wire.ts'

type ForAdmin = (core: SupabaseCore, visit: Visit, id: string) => Outcome | Promise<Outcome>

/** A route for operators. `id`: the one that the address names, if any. */
export function forAdmin(run: ForAdmin): ForAdmin {
  return async (core, visit, id) => {
    const refusal = await requireAdmin(core, visit)
    return refusal ? refuse(refusal.status, refusal.code, refusal.message) : run(core, visit, id)
  }
}

/** An operator's route about one user. */
export function forAdminOf(
  run: (core: SupabaseCore, visit: Visit, user: UserRow) => Outcome | Promise<Outcome>,
): ForAdmin {
  return forAdmin((core, visit, id) => {
    if (!isUuid(id)) return refuse(404, 'validation_failed', 'user_id must be an UUID')
    const user = core.users.byId(id.toLowerCase())
    return user ? run(core, visit, user) : refuse(404, 'user_not_found', 'User not found')
  })
}

/** Newest first. */
export const listUsers: ForAdmin = forAdmin((core, { url }) => {
  const [page = 1, perPage = 50] = ['page', 'per_page'].map((name) => {
    const text = url.searchParams.get(name)
    return text === null ? undefined : Number(text)
  })
  if (!Number.isInteger(page) || !Number.isInteger(perPage) || page < 1 || perPage < 1) {
    return invalid('Bad Pagination Parameters: invalid syntax')
  }
  const users = [...core.users.all()].reverse()
  const last = Math.ceil(users.length / perPage)
  const link = (number: number, rel: string): string => {
    const query = new URLSearchParams(url.searchParams)
    query.set('page', String(number))
    query.sort()
    return `</admin/users?${query}>; rel="${rel}"`
  }
  const links = [...(last > page ? [link(page + 1, 'next')] : []), link(last, 'last')]
  const shown = users.slice((page - 1) * perPage, page * perPage)
  const headers = { 'X-Total-Count': String(users.length), Link: links.join(', ') }
  return json(200, { users: shown.map((user) => userView(user)), aud: 'authenticated' }, headers)
})

export const readUser: ForAdmin = forAdminOf((_core, _visit, user) => json(200, userView(user)))

const members = {
  id: 'string',
  role: 'string',
  email: 'string',
  phone: 'string',
  password: 'string',
  email_confirm: 'boolean',
  user_metadata: 'object',
  app_metadata: 'object',
  ban_duration: 'string',
} as const
type UserParams = GoBody<typeof members>

export const createUser: ForAdmin = forAdmin(async (core, visit) => {
  const body = await readBody(visit, members)
  if (isRefusal(body)) return body
  const { email = '', phone = '', id = core.ids.uuid() } = body
  if (email === '' && phone === '') return invalid('Cannot create a user without either an email or phone')
  const refusal = checkParams(body) ?? (email === '' ? noSms : null) ?? emailTaken(core, email)
  if (refusal) return refusal
  if (!isUuid(id)) return invalid('ID must conform to the uuid v4 format')
  if (core.users.byId(id)) return refuse(422, 'user_already_exists', 'User already registered')
  const { password = '', user_metadata: data = {} } = body
  const user = core.users.add({ id, email, password, data, confirmed: false })
  applyParams(core, user, body)
  return json(200, userView(user))
})

export const changeUser: ForAdmin = forAdminOf(async (core, visit, user) => {
  const body = await readBody(visit, members)
  if (isRefusal(body)) return body
  const { email = '', password } = body
  const isNewEmail = email !== '' && email.toLowerCase() !== user.email
  const refusal =
    checkParams(body) ??
    (isNewEmail ? emailTaken(core, email) : null) ??
    (password === undefined ? null : checkPassword(password, core.settings))
  if (refusal) return refusal
  if (password !== undefined) setPassword(core, user, null, password)
  if (isNewEmail) core.users.setEmail(user, email.toLowerCase(), body.email_confirm ?? false)
  if (body.user_metadata) user.userMetadata = merged(user.userMetadata, body.user_metadata)
  applyParams(core, user, body)
  user.updatedAt = core.now()
  return json(200, userView(user))
})

const noSms = refuse(400, 'phone_provider_disabled', 'Phone signups are disabled')

function checkParams({ email = '', phone = '', ban_duration: ban = '' }: UserParams): Refusal | null {
  if (email !== '') {
    const refusal = checkEmail(email)
    if (refusal) return refusal
  }
  if (phone !== '') return checkPhone(phone) ?? noSms
  if (ban === '' || ban === 'none' || parseGoDuration(ban) !== null) return null
  return invalid(`invalid format for ban duration: time: invalid duration "${ban}"`)
}

function emailTaken(core: SupabaseCore, email: string): Refusal | null {
  const message = 'A user with this email address has already been registered'
  return core.users.byEmail(email) ? refuse(422, 'email_exists', message) : null
}

function applyParams(core: SupabaseCore, user: UserRow, params: UserParams): void {
  const { role = '', app_metadata: metadata, ban_duration: ban = '' } = params
  if (role !== '') user.role = role
  if (metadata) user.appMetadata = merged(user.appMetadata, metadata)
  if (params.email_confirm) core.users.confirm(user)
  if (ban !== '') user.bannedUntil = ban === 'none' ? null : core.now() + (parseGoDuration(ban) ?? 0)
}

export const deleteUser: ForAdmin = forAdminOf(async (core, visit, user) => {
  const text = await visit.request.text()
  const body = text === '' ? {} : parseBody(text, { should_soft_delete: 'boolean' })
  if (isRefusal(body)) return body
  endSessions(core, user, null, 'global', 'user_deleted')
  if (!body.should_soft_delete) core.users.remove(user)
  else if (user.deletedAt === null) {
    const address = new TextEncoder().encode(`${user.id}${user.email}`)
    core.users.setEmail(user, base64url(sha256(address)), false)
    user.deletedAt = core.now()
    user.password = null
    user.identity = null
    user.userMetadata = {}
    user.appMetadata = {}
  }
  return json(200, {})
})
