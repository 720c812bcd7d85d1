import { misconfigured, SessionServiceError } from '../contract/errors.ts'
import { type KeySource, readKeys } from './key-source.ts'

export interface SecretsServiceOptions {
  /** Base URL of the secrets service: `SECRETS_SERVICE_URL`. */
  readonly url: string
  /** Sent as bearer: `INTERNAL_TOKEN`. */
  readonly token: string
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch
  /** Milliseconds that an answer may take. Default: 5,000. */
  readonly timeout?: number
}

const MOST_BYTES = 65_536

/**
 * Signing keys from a secrets service: `GET {url}/keys/session` with the token as bearer → `{ "keys": [{ "kid", "key" }] }`.
 * An answer that is not whole (no list, an empty list, a short key) counts as none: the keys of before stay. Redirects are not followed,
 * so the token goes nowhere else.
 */
export function secretsService({ url, token, timeout = 5_000, ...options }: SecretsServiceOptions): KeySource {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw misconfigured('SECRETS_SERVICE_URL must be an http or https URL, such as http://secrets:8001.')
  if (!token) throw misconfigured('INTERNAL_TOKEN is empty: the secrets service is asked with it.')
  const address = `${url.replace(/\/+$/, '')}/keys/session`
  return Object.freeze({
    async load() {
      const get = options.fetch ?? fetch
      const answer = await get(address, {
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeout),
      })
      const text = await answer.text()
      if (!answer.ok)
        throw new SessionServiceError('unavailable', `The secrets service answered ${answer.status}.`, {
          status: answer.status,
        })
      if (text.length > MOST_BYTES) throw misconfigured('The answer of the secrets service is too large.')
      return readKeys((JSON.parse(text) as { keys?: unknown } | null)?.keys)
    },
  })
}
