import type { AuthError } from '../core/errors.ts'
import type { Renewals } from './renewals.ts'

/** What a page's backend understands: the same words that an OAuth server would use. */
const FAILED = {
  rejected: [401, 'invalid_grant'],
  unavailable: [503, 'temporarily_unavailable'],
  conflict: [409, 'conflict'],
  interaction_required: [403, 'interaction_required'],
} as const

function failed({ type, error, doubt }: { type: keyof typeof FAILED; error: AuthError; doubt?: boolean }): Response {
  const [status, code] = doubt ? [403, 'refused'] : FAILED[type]
  const wait = error.retryAfter ? { 'Retry-After': `${Math.ceil(error.retryAfter / 1000)}` } : undefined
  const body = { error: code, error_description: error.message }
  return Response.json(body, { status, headers: { 'Cache-Control': 'no-store', ...wait } })
}

/**
 * Answers the page's refreshes, as `restBackend` asks by default: `POST` with `{ refresh_token }`, answered with
 * `access_token`, `refresh_token`, `expires_in`, `expires_at` and `user`.
 */
export async function renewalRoute(request: Request, renew: Renewals, now: () => number): Promise<Response> {
  if (request.method !== 'POST') return new Response(null, { status: 405, headers: { Allow: 'POST' } })
  const { refresh_token: refreshToken } = await request.json().catch(() => ({}))
  if (typeof refreshToken !== 'string' || !refreshToken)
    return Response.json({ error: 'invalid_request', error_description: 'refresh_token is missing.' }, { status: 400 })
  const outcome = await renew(refreshToken)
  if ('error' in outcome) return failed(outcome)
  if (outcome.type === 'extended') return Response.json({ error: 'not_supported' }, { status: 501 })
  const { answer, at } = outcome
  return Response.json(
    {
      access_token: answer.accessToken,
      refresh_token: answer.refreshToken ?? undefined,
      expires_in: answer.expiresIn ? answer.expiresIn - Math.floor((now() - at) / 1000) : undefined,
      expires_at: answer.expiresAt ?? undefined,
      user: answer.user ?? undefined,
    },
    { headers: { 'Cache-Control': 'no-store' } },
  )
}
