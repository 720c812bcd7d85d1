/** What the backends share: one HTTP call, and what its failure means. */
import { AuthError, type AuthErrorCode } from '../core/errors.ts'
import type { BackendContext, RefreshOutcome } from '../core/types.ts'

/** A request as a pure builder makes it. `url` may be relative to the page. */
export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Record<string, string> | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  readonly credentials?: RequestCredentials | undefined
}

/** An answer, read. `json` is null when the body is not JSON. */
export interface HttpAnswer {
  readonly status: number
  readonly ok: boolean
  readonly html: boolean
  readonly json: Readonly<Record<string, unknown>> | null
  /** `Retry-After` in ms. */
  readonly retryAfter: number | undefined
}

/**
 * Sends one request. The body is read by hand: an error of `response.json()` quotes the text it could not read, which
 * may hold a token.
 * @throws AuthError `unavailable` without an answer, `misconfigured` for a relative URL without a page.
 */
export async function send(request: HttpRequest, context: BackendContext): Promise<HttpAnswer> {
  let url: URL
  try {
    url = new URL(request.url, context.pageUrl ?? undefined)
  } catch {
    throw new AuthError(
      'misconfigured',
      `'${request.url}' cannot be resolved: there is no page here to resolve it against. Give the backend an absolute baseUrl.`,
    )
  }
  let response: Response
  let text: string
  try {
    response = await context.fetch(url.href, {
      method: request.method,
      headers: {
        Accept: 'application/json',
        ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...request.headers,
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: context.signal,
      cache: 'no-store',
      ...(request.credentials ? { credentials: request.credentials } : {}),
    })
    text = await response.text()
  } catch (cause) {
    throw new AuthError('unavailable', 'The auth server could not be reached.', { cause })
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {}
  return {
    status: response.status,
    ok: response.ok,
    html: /html/.test(response.headers.get('Content-Type') ?? ''),
    json: json instanceof Object && !Array.isArray(json) ? (json as Record<string, unknown>) : null,
    retryAfter: retryAfter(response.headers, context.now),
  }
}

/** `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date; a date is measured against the answer's own `Date`. */
function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('Retry-After')
  if (!value) return
  const seconds = Number(value)
  const ms = Number.isNaN(seconds) ? Date.parse(value) - (Date.parse(headers.get('Date') ?? '') || now) : seconds * 1000
  return ms >= 0 ? ms : undefined
}

const TEMPORARY = /conflict|rate_limit|timeout|temporarily|server_error|slow_down|unexpected_failure|invalid_client/
const INTERACTION = /interaction_required|login_required|captcha|mfa|insufficient_aal|insufficient_user_auth|step_up/

const text = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined)

/**
 * The error of an answer that is not a success. Reads `detail` (FastAPI), `msg`, `message`, `code` and `error_code`
 * (Supabase), `error` and `error_description` (RFC 6749 section 5.2). `secrets` are taken out of the server's words.
 */
export function failure(answer: HttpAnswer, refused: AuthErrorCode, secrets: (string | null)[]): AuthError {
  const { status, json, retryAfter } = answer
  const clean = (value?: string) =>
    secrets.reduce<string | undefined>((kept, secret) => (secret ? kept?.replaceAll(secret, '…') : kept), value)
  const serverCode = clean(text(json?.error_code) ?? text(json?.code) ?? text(json?.error))
  const words =
    text(json?.detail) ?? text(json?.msg) ?? text(json?.message) ?? text(json?.error_description) ?? text(json?.error)
  const final =
    refused === 'rejected'
      ? [400, 401, 403].includes(status)
      : status >= 400 && status < 500 && ![404, 408, 409, 425, 429].includes(status)
  let code: AuthErrorCode = 'unavailable'
  if (INTERACTION.test(serverCode ?? '')) code = 'interaction_required'
  else if (!answer.html && answer.ok) code = 'invalid_response'
  else if (!answer.html && final && !TEMPORARY.test(serverCode ?? '')) code = refused
  return new AuthError(code, clean(words) ?? `The auth server answered ${status}.`, { status, serverCode, retryAfter })
}

/** What a failed refresh means. Only a clear refusal is final; whatever is unknown keeps the session. */
export function refreshFailure(answer: HttpAnswer, secrets: (string | null)[]): RefreshOutcome<never> {
  const error = failure(answer, 'rejected', secrets)
  if (answer.status === 409) return { type: 'conflict', error }
  const { code } = error
  return { type: code === 'rejected' || code === 'interaction_required' ? code : 'unavailable', error }
}
