/** One call to an auth server, and its answer. */
import { AuthError, misuse } from '../core/errors.ts'
import type { BackendContext } from '../core/types.ts'

/** A request as a pure builder makes it. */
export interface HttpRequest {
  readonly method: string
  /** May be relative to the page. */
  readonly url: string
  /** In addition to `Accept` and `Content-Type`, or in their place. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** `URLSearchParams` are sent as a form, `FormData` as multipart, everything else as JSON; undefined for none. */
  readonly body?: unknown
  readonly credentials?: RequestCredentials | undefined
  /** The request outlives the page (at most 64 kB). For sign-outs. */
  readonly keepalive?: boolean | undefined
  /** The option that the address comes from, for messages. Default: `baseUrl`. */
  readonly option?: string | undefined
}

/** An answer, read. */
export interface HttpAnswer {
  /** What was asked, for messages: method and URL, without its query. */
  readonly call: string
  readonly status: number
  /** The status is 2xx. */
  readonly ok: boolean
  readonly headers: Headers
  /** What the JSON says; the text, if it is none. */
  readonly body: unknown
  /** The body if it is a JSON object or list, else empty. */
  readonly json: Readonly<Record<string, unknown>>
  /** The server's own error code, wherever in the body it is. */
  readonly code: string | undefined
  /** The server's own words, wherever in the body they are. */
  readonly words: string | undefined
  /** A page for people: it has an HTML type and begins like a document. No auth server speaks so, but proxies and hotels do. */
  readonly page: boolean
  /** A redirect was followed, on the page's own origin. */
  readonly redirected: boolean
  /** `Retry-After` in ms, at most an hour. */
  readonly retryAfter: number | undefined
}

/**
 * Sends one request. No redirect to another origin is followed, for it would take the body along (RFC 9110 section 15.4.8).
 * A page cannot see where a redirect leads to: so on its own origin they are followed, elsewhere none is.
 *
 * The body is parsed by hand: an error of `response.json()` quotes the text it could not read, which may hold a token.
 * @throws AuthError `misconfigured` for a relative URL where there is no page; `unavailable` when no answer came.
 */
export async function send(
  { method, url, headers, body, option = 'baseUrl', ...rest }: HttpRequest,
  { pageUrl, fetch, signal, now }: BackendContext,
): Promise<HttpAnswer> {
  if (!pageUrl && !URL.canParse(url))
    misuse(`'${url}' is relative, and there is no page here: give an absolute ${option}.`)
  const address = new URL(url, pageUrl ?? undefined)
  const call = `${method} ${address.origin}${address.pathname}`
  const foreign = !pageUrl || new URL(pageUrl).origin !== address.origin
  // URLSearchParams and FormData tell fetch their own type.
  const form = body === undefined || (body as FormData | null)?.append
  let response: Response
  let text: string
  try {
    response = await fetch(address, {
      ...rest,
      method,
      headers: {
        Accept: 'application/json',
        ...(!form && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: form ? ((body as FormData) ?? null) : JSON.stringify(body),
      signal,
      cache: 'no-store',
      ...(foreign ? { redirect: 'manual' } : { mode: 'same-origin' }),
    } as RequestInit)
    text = await response.text()
  } catch (cause) {
    // A page is not told why. Whether anybody is there, it finds out by a request whose answer it cannot read.
    const probe: RequestInit = { method: 'HEAD', mode: 'no-cors', credentials: 'omit', signal }
    const there =
      foreign && pageUrl && !signal.aborted && (await fetch(address.origin, probe).then(Boolean, () => false))
    const why = there
      ? `can be reached, but did not answer ${new URL(pageUrl).origin} (CORS).`
      : `could not be reached: offline, or ${option} is wrong.`
    throw new AuthError('unavailable', `${call} ${why}`, { cause })
  }
  const { status, ok, redirected, headers: received } = response
  const header = (name: string) => received.get(name) ?? ''
  /** The first text of each name, wherever it is: `error.message`, `errors[0].message`, `errors.email[0]`. */
  const said: Record<string, string> = {}
  const hear = (name: string, value: unknown) => {
    // What goes on without a blank may be a token, or markup; words have some.
    if (typeof value === 'string' && !/\S{40}|^\s*[<{[]/.test(value)) said[name] ??= value
    return value
  }
  let parsed: unknown = text
  try {
    parsed = JSON.parse(text, hear)
  } catch {
    // Not JSON: a proxy's page, plain words, or nothing at all.
    if (!ok && text.length < 300) hear('error', text)
  }
  const { error } = said
  // RFC 9110 section 10.2.3: seconds, or a date; a date is measured against the answer's own.
  const value = header('Retry-After')
  const ms = Number(value) * 1000 || Date.parse(value) - (Date.parse(header('Date')) || now)
  return {
    call,
    status,
    ok,
    redirected,
    headers: received,
    body: parsed,
    json: parsed instanceof Object ? (parsed as HttpAnswer['json']) : {},
    code: said.error_code || said.code || error,
    words: said.detail || said.msg || said.message || said.error_description || said[0] || error || said.title,
    page: header('Content-Type').includes('html') && /^\s*<(!doctype|html)/i.test(text),
    retryAfter: ms > 0 ? Math.min(ms, 3_600_000) : undefined,
  }
}
