import { supabaseBackend } from 'keyturn/supabase'
import { json } from '../backends/server.ts'

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
export const jwt = (claims: Readonly<Record<string, unknown>>): string =>
  `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}.c2lnbmF0dXJl`

/** Keys as a project has them: the older ones are JWTs with a role. */
export const anonKey: string = jwt({
  iss: 'supabase',
  ref: 'abc',
  role: 'anon',
  iat: 1_700_000_000,
  exp: 2_000_000_000,
})
export const url = 'https://abc.supabase.co'
export const backend = supabaseBackend({ url, anonKey })

/** A user as the server answers it, and the same with tokens. */
export const user = {
  id: '1f4e5f7a-0c1d-4f53-8f5e-6f0e1f3a2b4c',
  aud: 'authenticated',
  role: 'authenticated',
  email: 'ada@example.test',
  phone: '',
  app_metadata: { provider: 'email', providers: ['email'] },
  user_metadata: {},
  identities: [],
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  is_anonymous: false,
}
export const tokens = {
  access_token: 'access-2',
  token_type: 'bearer',
  expires_in: 3600,
  expires_at: 1_767_229_200,
  refresh_token: 'refresh-2',
  user,
}

/** One refusal in the shapes that servers have had: with the version header, and without it. */
export const shapes = (
  code: string,
  status = 400,
  message = 'Invalid Refresh Token',
): [name: string, answer: () => Response][] => [
  [`${status} ${code}`, () => json({ code, message }, status, { 'X-Supabase-Api-Version': '2024-01-01' })],
  [`${status} ${code}, legacy`, () => json({ code: status, error_code: code, msg: message }, status)],
]
/** As servers before v2.164.0 put it (RFC 6749 section 5.2). */
export const oauth = (error: string, error_description: string) => (): Response =>
  json({ error, error_description }, 400)
