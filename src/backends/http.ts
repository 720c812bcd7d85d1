/** What the backends share: one HTTP call, and what its failure means. */
import { AuthError, type AuthErrorCode, misuse } from '../core/errors.ts'
import type { BackendContext, RefreshOutcome } from '../core/types.ts'

/** A request as a pure builder makes it. */
export interface HttpRequest {
  readonly method: string
  /** May be relative to the page. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON; undefined for none. */
  readonly body: unknown
  readonly credentials?: RequestCredentials | undefined
}

/** An answer, read. */
export interface HttpAnswer {
  readonly status: number
  readonly ok: boolean
  readonly html: boolean
  /** Empty when the body is not a JSON object. */
  readonly json: Readonly<Record<string, unknown>>
  /** `Retry-After` in ms. */
  readonly retryAfter: number | undefined
}

/**
 * Sends one request. The body is parsed by hand: an error of `response.json()` quotes the text it could not read, which
 * may hold a token.
 * @throws AuthError `misconfigured` for a relative URL where there is no page. Whatever `fetch` throws.
 */
export async function send(
  { url, headers, body, method, credentials }: HttpRequest,
  context: BackendContext,
): Promise<HttpAnswer> {
  const { pageUrl, fetch, signal, now } = context
  if (!pageUrl && !URL.canParse(url))
    misuse(`'${url}' is relative, and there is no page here: give an absolute baseUrl.`)
  const response = await fetch(new URL(url, pageUrl ?? undefined), {
    method,
    ...(credentials && { credentials }),
    headers: { Accept: 'application/json', 'Content-Type': 'application/json', ...headers },
    body: body === undefined ? null : JSON.stringify(body),
    signal,
    cache: 'no-store',
  })
  const text = await response.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // Not JSON: a proxy's page, or nothing at all.
  }
  const header = (name: string) => response.headers.get(name) ?? ''
  // RFC 9110 section 10.2.3: seconds, or a date; a date is measured against the answer's own.
  const value = header('Retry-After')
  const ms = Number(value) * 1000 || Date.parse(value) - (Date.parse(header('Date')) || now)
  return {
    status: response.status,
    ok: response.ok,
    html: header('Content-Type').includes('html'),
    json: json instanceof Object ? (json as HttpAnswer['json']) : {},
    retryAfter: ms > 0 ? ms : undefined,
  }
}

const TEMPORARY = /conflict|limit|timeout|temporar|server_error|slow_down|unexpected|invalid_client/
const INTERACTION = /interaction|login_required|captcha|mfa|insufficient_|step_up/

/**
 * The error of an answer that is not a success. Reads `detail` (FastAPI), `code`, `error_code`, `msg` and `message`
 * (Supabase), `error` and `error_description` (RFC 6749 section 5.2). `secrets` are taken out of the server's words.
 */
export function failure(
  { status, ok, html, json, retryAfter }: HttpAnswer,
  refused: AuthErrorCode,
  secrets: readonly (string | null)[] = [],
): AuthError {
  const pick = (...names: string[]) => {
    let text = names.map((name) => json[name]).find((value) => value && typeof value === 'string') as string | undefined
    for (const secret of secrets) if (secret) text = text?.replaceAll(secret, '…')
    return text
  }
  const serverCode = pick('error_code', 'code', 'error')
  const words = pick('detail', 'msg', 'message', 'error_description', 'error')
  // A refresh is refused only by a clear word; whatever is unknown keeps the session.
  const final =
    refused === 'rejected'
      ? [400, 401, 403].includes(status)
      : status < 500 && ![404, 408, 409, 425, 429].includes(status)
  let code: AuthErrorCode = 'unavailable'
  if (serverCode && INTERACTION.test(serverCode)) code = 'interaction_required'
  else if (ok && !html) code = 'invalid_response'
  else if (final && !html && !TEMPORARY.test(serverCode ?? '')) code = refused
  return new AuthError(code, words ?? `The auth server answered ${status}.`, { status, serverCode, retryAfter })
}

/** What a failed refresh means. */
export function refreshFailure(answer: HttpAnswer, secrets: readonly (string | null)[]): RefreshOutcome<never> {
  const error = failure(answer, 'rejected', secrets)
  const { code, status } = error
  if (code === 'rejected' || code === 'interaction_required') return { type: code, error }
  return { type: status === 409 ? 'conflict' : 'unavailable', error }
}
