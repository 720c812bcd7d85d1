import { createSecretKey } from 'node:crypto'
import { misconfigured } from '../contract/errors.ts'
import { KID, type SigningKey } from '../ids/session-id.ts'

/** Where signing keys come from. The first one signs, all verify. */
export interface KeySource {
  /** The keys as they are now. Rejects when they cannot be had. */
  load(): Promise<readonly SigningKey[]>
  /** Set where the keys never change: known at once, and never asked for again. */
  readonly fixed?: readonly SigningKey[]
}

/** A signing key in writing. */
export interface KeyText {
  /** Its name in session ids: 1 to 32 letters, digits, `-` or `_`. Never use a name again for another key. */
  readonly kid: string
  /** At least 32 bytes of text, used as it stands (UTF-8), for example `openssl rand -base64 48`. */
  readonly key: string
}

const LEAST = 32

/** Reads a list of keys that was not written by this program. Throws with a message that names no key. */
export function readKeys(list: unknown): readonly SigningKey[] {
  if (!Array.isArray(list) || list.length === 0) throw misconfigured('`keys` must be a list with at least one key.')
  const seen = new Set<string>()
  return Object.freeze(
    list.map((entry: unknown, index): SigningKey => {
      const { kid, key } = (entry ?? {}) as Partial<Record<keyof KeyText, unknown>>
      if (typeof kid !== 'string' || !KID.test(kid))
        throw misconfigured(`The kid of key ${index} must be 1 to 32 letters, digits, - or _.`)
      if (typeof key !== 'string' || Buffer.byteLength(key) < LEAST)
        throw misconfigured(`Key ${index} must be a text of at least ${LEAST} bytes.`)
      if (seen.has(kid)) throw misconfigured(`Two keys have the kid of key ${index}: each needs its own.`)
      seen.add(kid)
      return Object.freeze({ kid, key: createSecretKey(key, 'utf8') })
    }),
  )
}

/**
 * Keys that are known from the start and never change: for tests, and for a program that has them from elsewhere.
 *
 * @example createSessionService({ keys: fixedKeys([{ kid: '2026-11', key: readFileSync('/run/secrets/session-key', 'utf8') }]), … })
 */
export function fixedKeys(keys: readonly KeyText[]): KeySource {
  const fixed = readKeys(keys)
  return Object.freeze({ fixed, load: async () => fixed })
}
