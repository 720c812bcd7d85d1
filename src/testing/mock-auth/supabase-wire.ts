import { json, withHeaders } from './http.ts'
import type { SessionRow } from './store.ts'

const versionHeader = 'X-Supabase-Api-Version'
const newFormat = '2024-01-01'

export interface SupabaseErrorExtra {
  readonly weakPassword?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

/** An error in the format that the request's version header asks for. */
export function supabaseError(
  request: Request,
  status: number,
  code: string,
  message: string,
  extra: SupabaseErrorExtra = {},
): Response {
  const version = request.headers.get(versionHeader) ?? ''
  const isNew = isDate(version) && version >= newFormat
  const weak = extra.weakPassword ? { weak_password: { reasons: extra.weakPassword } } : {}
  const errorId = status >= 500 ? { error_id: 'mock' } : {}
  const codeHeader: Record<string, string> = isNew && extra.weakPassword ? {} : { 'x-sb-error-code': code }
  return json(
    status,
    isNew ? { code, message, ...weak } : { code: status, error_code: code, msg: message, ...errorId, ...weak },
    { ...extra.headers, ...codeHeader, ...(isNew ? { [versionHeader]: newFormat } : {}) },
  )
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
}

const allowedHeaders = new Set([
  'accept',
  'apikey',
  'authorization',
  'content-type',
  'x-client-info',
  'x-client-ip',
  'x-jwt-aud',
  'x-supabase-api-version',
  'x-use-cookie',
])
const allowedMethods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** Always 204; without the allow headers when something asked for is not allowed, so that the browser blocks it. */
export function supabasePreflight(request: Request): Response {
  const method = request.headers.get('Access-Control-Request-Method') ?? ''
  const requested = request.headers.get('Access-Control-Request-Headers') ?? ''
  const names = requested === '' ? [] : requested.split(',')
  const allowed =
    request.headers.has('Origin') &&
    allowedMethods.has(method) &&
    names.every((name, index) => allowedHeaders.has(name) && (index === 0 || (names[index - 1] ?? '') < name))
  return new Response(null, {
    status: 204,
    headers: {
      Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      ...(allowed
        ? {
            'Access-Control-Allow-Origin': '*',
            'Access-Control-Allow-Methods': method,
            ...(requested === '' ? {} : { 'Access-Control-Allow-Headers': requested }),
            'Access-Control-Allow-Credentials': 'true',
          }
        : {}),
    },
  })
}

export function supabaseCors(request: Request, response: Response): Response {
  if (!request.headers.has('Origin')) return withHeaders(response, { Vary: 'Origin' })
  return withHeaders(response, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'X-Total-Count, Link, X-Supabase-Api-Version',
    Vary: 'Origin',
  })
}

/** The headers that name session and token; not readable by a browser's script. */
export function tokenHeaders(session: SessionRow, refreshToken: string | null): Readonly<Record<string, string>> {
  return {
    ...sessionHeaders(session),
    ...(refreshToken === null ? {} : { 'sb-auth-refresh-token-prefix': refreshToken.slice(0, 5) }),
  }
}

/** Known as soon as the token has been found. */
export function sessionHeaders(session: SessionRow): Readonly<Record<string, string>> {
  return { 'sb-auth-user-id': session.user.id, 'sb-auth-session-id': session.id }
}
