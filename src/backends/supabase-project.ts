import { misuse } from '../core/errors.ts'
import { readToken } from '../tokens/read-token.ts'

/** The project's address, without a slash at its end. Throws `misconfigured` if it cannot be one. */
export function checkUrl(who: string, url: unknown): string {
  if (typeof url !== 'string' || !/^https?:/.test(url) || !URL.canParse(url) || /\/(auth|rest)\/v1/.test(url))
    misuse(`${who}: url cannot be '${url}'. Pass the project's, for instance 'https://abc.supabase.co'.`)
  return url.replace(/\/+$/, '')
}

/** Throws `misconfigured` for a key that cannot work, and for one that must not be in a browser. Never tells the key. */
export function checkKey(key: unknown): void {
  // Blanks: an environment variable with a line break at its end. `fetch` would quote the key when it refuses it.
  if (typeof key !== 'string' || !/^[!-~]+$/.test(key))
    misuse("supabaseBackend: no anonKey, or one with blanks in it. Pass the project's anon or publishable key.")
  if (/^sb_secret_|service_role$/.test(`${key} ${readToken(key).claims?.role}`))
    misuse("supabaseBackend: a secret key must never be in a browser. Pass the project's anon or publishable key.")
}
