import { randomBytes } from 'node:crypto'
import { misuse } from '../../core/errors.ts'

/** A key to seal with. */
export interface SealKey {
  /** Names the key in what it sealed. Not secret. Letters, digits, `.`, `_` and `-`. */
  readonly id: string
  /** 32 random bytes, as they are or as text in base64, base64url or hexadecimal. Not a password. */
  readonly key: string | Uint8Array
}

/**
 * The newest key first: it seals. The others only open what they have sealed. As text: `id:key` pairs with commas or
 * white space between them, which is what an environment variable can hold.
 * @example process.env.SESSION_KEYS // 'b:Zm9v…,a:YmFy…'
 */
export type SealKeys = string | readonly SealKey[]

export interface KeyRing {
  readonly newest: { readonly id: string; readonly key: Uint8Array }
  readonly get: (id: string) => Uint8Array | undefined
  readonly ids: readonly string[]
}

const BYTES = 32
const HOW = 'Make one with createSealKey(), or: node -p "crypto.randomBytes(32).toString(\'base64url\')"'

/** A new random key: 32 bytes as 43 characters of base64url. */
export const createSealKey = (): string => randomBytes(BYTES).toString('base64url')

const decode = (text: string): Uint8Array =>
  /^[\da-f]{64}$/i.test(text)
    ? Buffer.from(text, 'hex')
    : /^[\w+/-]{43}=?$/.test(text)
      ? Buffer.from(text, 'base64url')
      : new Uint8Array()

const split = (text: string): SealKey[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((pair) => {
      const colon = pair.indexOf(':')
      return { id: pair.slice(0, Math.max(colon, 0)), key: pair.slice(colon + 1) }
    })

/** Checks keys. @throws AuthError `misconfigured`, which names the key at fault, and never its value. */
export function readKeys(keys: SealKeys): KeyRing {
  const list = typeof keys === 'string' ? split(keys) : Array.isArray(keys) ? (keys as readonly SealKey[]) : []
  const ring = new Map<string, Uint8Array>()
  for (const [place, entry] of list.entries()) {
    const id = entry?.id
    if (typeof id !== 'string' || !/^[\w.-]{1,64}$/.test(id))
      misuse(`keys: key ${place + 1} has no name. As text a key is written 'name:key'. ${HOW}`)
    const key = typeof entry.key === 'string' ? decode(entry.key) : Uint8Array.from(entry.key ?? [])
    if (key.length !== BYTES)
      misuse(`keys: key '${id}' is not ${BYTES} bytes (in base64, base64url or hexadecimal). ${HOW}`)
    if (ring.has(id)) misuse(`keys: there are two keys named '${id}'.`)
    ring.set(id, key)
  }
  const [first] = ring
  if (!first) misuse(`keys: none given. ${HOW}`)
  return { newest: { id: first[0], key: first[1] }, get: (id) => ring.get(id), ids: [...ring.keys()] }
}
