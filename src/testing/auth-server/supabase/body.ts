import { utf8Length } from '../core/bytes.ts'
import { isRecord, type Visit } from '../core/http.ts'
import type { Metadata } from '../core/metadata.ts'
import { invalid, type Refusal, refuse } from './wire.ts'

const byteLimit = 1_048_576

type MemberType = 'string' | 'object' | 'boolean'
type MemberTypes = Readonly<Record<string, MemberType>>
interface Values {
  readonly string: string
  readonly object: Metadata
  readonly boolean: boolean
}
/** A body as Go reads it: member names in any case, null as if it were not there, unknown members ignored. */
export type GoBody<T extends MemberTypes> = { readonly [Name in keyof T]?: Values[T[Name]] }

/** Reads a request's body as JSON whose named members must be of these types. */
export async function readBody<T extends MemberTypes>(visit: Visit, members: T): Promise<GoBody<T> | Refusal> {
  return parseBody(await visit.request.text(), members)
}

export function parseBody<T extends MemberTypes>(text: string, members: T): GoBody<T> | Refusal {
  if (text.length * 3 > byteLimit && utf8Length(text) > byteLimit) {
    return refuse(413, 'request_entity_too_large', `Request body too large (max ${byteLimit} bytes)`)
  }
  if (text.trim() === '') return badJson('unexpected end of JSON input')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return badJson('invalid character in JSON')
  }
  if (value === null) return {}
  if (!isRecord(value)) return badJson(`json: cannot unmarshal ${goType(value)} into Go value`)

  const body: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    const name = key.toLowerCase()
    const wanted = Object.hasOwn(members, name) ? members[name] : undefined
    if (wanted === undefined || member === null) continue
    if (goType(member) !== goNames[wanted]) {
      return badJson(`json: cannot unmarshal ${goType(member)} into Go struct field ${name}`)
    }
    body[name] = member
  }
  // Each member has just been found to be of its type.
  return body as GoBody<T>
}

const goNames: Readonly<Record<MemberType, string>> = { string: 'string', object: 'object', boolean: 'bool' }

function badJson(reason: string): Refusal {
  return refuse(400, 'bad_json', `Could not parse request body as JSON: ${reason}`)
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

const emailSyntax =
  /^[A-Za-z0-9.!#$%&'*+/=?^_{|}~`-]+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/

/** null if the address will do. A host without a dot will. */
export function checkEmail(email: string): Refusal | null {
  if (email === '') return invalid('An email address is required')
  if (utf8Length(email) > 255) return invalid('An email address is too long')
  return emailSyntax.test(email) ? null : invalid('Unable to validate email address: invalid format')
}

/** null if the number will do: E.164, with or without its plus. */
export function checkPhone(phone: string): Refusal | null {
  const number = phone.replaceAll(' ', '').replace(/^\+/, '')
  return /^[1-9][0-9]{1,14}$/.test(number) ? null : invalid('Invalid phone number format (E.164 required)')
}

/** Only text messages: WhatsApp needs a provider. */
export function checkChannel(channel: string): Refusal | null {
  return channel === '' || channel === 'sms'
    ? null
    : invalid("Invalid channel, supported values are 'sms' or 'whatsapp'")
}

/** RFC 7636, section 4.2. */
export function checkChallenge(challenge: string, method: string): Refusal | null {
  if ((challenge === '') !== (method === '')) {
    return invalid('PKCE flow requires code_challenge_method and code_challenge')
  }
  if (challenge === '') return null
  if (challenge.length < 43 || challenge.length > 128) {
    return invalid('code challenge has to be between 43 and 128 characters')
  }
  return /^[A-Za-z0-9._~-]+$/.test(challenge)
    ? null
    : invalid('code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes')
}
