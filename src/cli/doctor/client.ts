import { type HttpAnswer, type HttpRequest, send } from '../../backends/http.ts'
import type { AuthError } from '../../core/errors.ts'
import { redact } from '../../core/redact.ts'
import type { Jar } from './jar.ts'

/** The examination ends here: what was found so far is told, and this. */
export class Stopped extends Error {}

export interface DoctorCall extends Omit<HttpRequest, 'url'> {
  /** Below the base. */
  readonly path: string
}

export interface Client {
  /** Sends with the cookies of `jar`, which takes those of the answer. @throws Stopped at a rate limit or a lock-out. */
  send(call: DoctorCall, jar: Jar): Promise<HttpAnswer>
  /** A text that may be printed: without what is known to be secret. */
  safe(text: string): string
  /** From now on this is a secret. */
  hide(...secrets: readonly (string | null)[]): void
  /** `Retry-After` came with some refusal. */
  retryAfter(): boolean
  /** The server's clock minus this machine's, in s, by the answer that came fastest; null where it does not tell. */
  clock(): number | null
}

const PATIENCE = 30_000
const SECRET = 12
const LOCKED =
  /(account|user|login|sign.?in|e-?mail|address).{0,40}(locked|blocked|suspended|disabled)|locked.?out|too many|user_suspended/i

export function createClient(base: string, origin: string): Client {
  const secrets = new Set<string>()
  let told = false
  let clock: number | null = null
  let fastest = Number.POSITIVE_INFINITY

  const safe = (text: string) => redact(text, [...secrets]) ?? '(words that hold a token)'
  return {
    async send({ path, headers, ...call }, jar) {
      const url = base + path
      const cookie = jar.header(new URL(url).pathname)
      const start = Date.now()
      const context = { pageUrl: null, fetch, signal: AbortSignal.timeout(PATIENCE), now: start }
      const answer = await send(
        { ...call, url, headers: { Origin: origin, ...(cookie && { Cookie: cookie }), ...headers } },
        context,
      ).catch((error: AuthError) => {
        const { code, message = '' } = ((error.cause as Error | undefined)?.cause ?? error.cause ?? {}) as {
          code?: string
          message?: string
        }
        throw new Stopped(
          `${call.method} ${url} could not be reached (${code ?? message}). Is the server running, at this address?`,
        )
      })
      const took = Date.now() - start
      const date = Date.parse(answer.headers.get('Date') ?? '')
      if (took < fastest && date) {
        fastest = took
        // The header is cut to the second.
        clock = Math.round((date + 500 - (start + took / 2)) / 1000)
      }
      jar.take(answer.headers)
      // Shorter ones are settings, such as a language.
      for (const { value } of jar.all()) if (value.length >= SECRET) secrets.add(value)
      if (!answer.ok && answer.retryAfter !== undefined) told = true
      const { status, words = '', code = '' } = answer
      if (status === 429 || status === 423 || (status > 399 && LOCKED.test(`${code} ${words}`))) {
        const until = answer.retryAfter ? `, with Retry-After: ${answer.headers.get('Retry-After')}` : ''
        throw new Stopped(
          `${answer.call} answered ${safe(says(answer))}${until}. The doctor stops at a rate limit or a lock-out: wait, or test a server without.`,
        )
      }
      return answer
    },
    safe,
    hide: (...more) => {
      for (const secret of more) if (secret) secrets.add(secret)
    },
    retryAfter: () => told,
    clock: () => clock,
  }
}

/** Status, and the server's code or words. */
export function says({ status, code, words, body, headers }: HttpAnswer): string {
  const challenge = /error="?(\w+)/.exec(headers.get('WWW-Authenticate') ?? '')?.[1]
  const plain = typeof body === 'string' ? body.slice(0, 40) : body === null ? 'null' : ''
  return `${status} ${code ?? words ?? challenge ?? plain}`.trim()
}
