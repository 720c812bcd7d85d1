import { type IncomingRequest, json, type Visit, withHeaders } from '../core/http.ts'
import type { TokenMarks } from '../core/refresh-types.ts'

/** Why a request is refused; the shape on the wire depends on the request. */
export interface Refusal {
  readonly refusal: true
  readonly status: number
  readonly code: string
  readonly message: string
  readonly weakPassword?: readonly string[]
  readonly marks?: TokenMarks
  /** In the shape of an OAuth error (RFC 6749, section 5.2), whatever the version. */
  readonly isOAuth?: boolean
}

export function refuse(
  status: number,
  code: string,
  message: string,
  more: Pick<Refusal, 'weakPassword' | 'marks' | 'isOAuth'> = {},
): Refusal {
  return { refusal: true, status, code, message, ...more }
}

export const invalid = (message: string): Refusal => refuse(400, 'validation_failed', message)

/** What a route comes to. */
export type Outcome = Response | Refusal

export function isRefusal(value: object): value is Refusal {
  return 'refusal' in value
}

/** Writes down what became of a request, and answers it. */
export function answer(visit: Visit, outcome: Outcome): Response {
  if (!isRefusal(outcome)) return outcome
  visit.entry.code = outcome.code
  return refusalResponse(visit.request, outcome)
}

const versionHeader = 'X-Supabase-Api-Version'
const newFormat = '2024-01-01'

/** A refusal in the format that the request's version header asks for. */
export function refusalResponse(request: IncomingRequest, refusal: Refusal): Response {
  const { status, code, message, weakPassword, marks = {}, isOAuth = false } = refusal
  const version = request.headers.get(versionHeader) ?? ''
  const isNew = isDate(version) && version >= newFormat
  const headers = { ...markHeaders(marks), ...(isNew ? { [versionHeader]: newFormat } : {}) }
  if (isOAuth) return json(400, { error: code, error_description: message }, headers)

  const weak = weakPassword ? { weak_password: { reasons: weakPassword } } : {}
  const errorId = status >= 500 ? { error_id: 'mock' } : {}
  const codeHeader: Record<string, string> = isNew && weakPassword ? {} : { 'x-sb-error-code': code }
  return json(
    status,
    isNew ? { code, message, ...weak } : { code: status, error_code: code, msg: message, ...errorId, ...weak },
    { ...headers, ...codeHeader },
  )
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
}

/** The headers that name session and token; not readable by a browser's script. */
export function markHeaders(marks: TokenMarks): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  const add = (name: string, value: unknown): void => {
    if (value !== undefined) headers[`sb-auth-${name}`] = String(value)
  }
  add('user-id', marks.userId)
  add('session-id', marks.sessionId)
  add('refresh-token-prefix', marks.prefix)
  add('refresh-token-counter', marks.counter)
  add('refresh-token-reuse', marks.reuse)
  add('refresh-token-reuse-cause', marks.causes?.join(','))
  add('refresh-token-rotated', marks.rotated)
  return headers
}

const ownHeaders = [
  'accept',
  'authorization',
  'content-type',
  'x-client-info',
  'x-client-ip',
  'x-jwt-aud',
  'x-supabase-api-version',
  'x-use-cookie',
]
const allowedMethods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** Always 204; without the allow headers when something asked for is not allowed, so that the browser blocks it. */
export function supabasePreflight(request: IncomingRequest, corsHeaders: readonly string[]): Response {
  const method = request.headers.get('Access-Control-Request-Method') ?? ''
  const requested = request.headers.get('Access-Control-Request-Headers') ?? ''
  const names = requested === '' ? [] : requested.split(',')
  const allowedHeaders = new Set([...ownHeaders, ...corsHeaders.map((name) => name.toLowerCase())])
  const allowed =
    request.headers.has('Origin') &&
    allowedMethods.has(method) &&
    names.every((name, index) => allowedHeaders.has(name) && (index === 0 || (names[index - 1] ?? '') < name))
  const vary = { Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers' }
  if (!allowed) return new Response(null, { status: 204, headers: vary })
  return new Response(null, {
    status: 204,
    headers: {
      ...vary,
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Methods': method,
      ...(requested === '' ? {} : { 'Access-Control-Allow-Headers': requested }),
      'Access-Control-Allow-Credentials': 'true',
    },
  })
}

export function supabaseCors(request: IncomingRequest, response: Response): Response {
  if (!request.headers.has('Origin')) return withHeaders(response, { Vary: 'Origin' })
  return withHeaders(response, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'X-Total-Count, Link, X-Supabase-Api-Version',
    Vary: 'Origin',
  })
}
