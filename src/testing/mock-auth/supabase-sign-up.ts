import { type Core, grant, noteSession } from './core.ts'
import { isRecord, json, type Visit } from './http.ts'
import { parseGoBody, userView } from './supabase-views.ts'
import { supabaseError, tokenHeaders } from './supabase-wire.ts'

interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly weakPassword?: readonly string[]
}

/** `POST /signup` of a server that confirms addresses by itself and has no anonymous or phone users. */
export async function signUp(core: Core, visit: Visit): Promise<Response> {
  const text = await visit.request.text()
  const members = { email: 'string', phone: 'string', password: 'string', data: 'object' } as const
  const body = parseGoBody(text, members)
  if (typeof body === 'string') return refuse(visit, { status: 400, code: 'bad_json', message: body })
  const email = String(body.email ?? '')
  const password = String(body.password ?? '')
  const refusal = checkSignUp(email, String(body.phone ?? ''), password)
  if (refusal) return refuse(visit, refusal)
  if (core.store.findUser(email)) {
    return refuse(visit, { status: 422, code: 'user_already_exists', message: 'User already registered' })
  }

  const user = core.store.addUser({ email, password, data: isRecord(body.data) ? body.data : {} })
  const { session, token } = core.store.openSession(user)
  noteSession(visit, session)
  const view = userView(user, true)
  const answer = await grant(core, visit, session, token)
  return json(200, { ...answer, user: view }, tokenHeaders(session, token))
}

/** The checks in the order in which the server makes them; null if all is well. */
function checkSignUp(email: string, phone: string, password: string): Refusal | null {
  const invalid = (message: string): Refusal => ({ status: 400, code: 'validation_failed', message })
  if (email === '' && phone === '') {
    return { status: 422, code: 'anonymous_provider_disabled', message: 'Anonymous sign-ins are disabled' }
  }
  if (password === '') return invalid('Signup requires a valid password')
  if (new TextEncoder().encode(password).length > 72) return invalid('Password cannot be longer than 72 characters')
  if (password.length < 6) {
    const message = 'Password should be at least 6 characters.'
    return { status: 422, code: 'weak_password', message, weakPassword: ['length'] }
  }
  if (email !== '' && phone !== '') {
    return invalid('Only an email address or phone number should be provided on signup.')
  }
  if (phone !== '') return { status: 400, code: 'phone_provider_disabled', message: 'Phone signups are disabled' }
  if (email.length > 255) return invalid('An email address is too long')
  if (!emailSyntax.test(email)) return invalid('Unable to validate email address: invalid format')
  return null
}

const emailSyntax =
  /^[A-Za-z0-9.!#$%&'*+/=?^_{|}~`-]+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/

function refuse(visit: Visit, refusal: Refusal): Response {
  const { status, code, message, weakPassword } = refusal
  visit.entry.code = code
  return supabaseError(visit.request, status, code, message, weakPassword ? { weakPassword } : {})
}
