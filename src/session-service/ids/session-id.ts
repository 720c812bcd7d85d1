import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * A session id is `v1.<kid>.<handle>.<mac>`:
 * - `kid` names the signing key (1 to 32 letters, digits, `-` or `_`);
 * - `handle` is 144 random bits, 24 characters of base64url (no padding bits, so one text per value);
 * - `mac` is HMAC-SHA-256 (RFC 2104) over `v1.<kid>.<handle>`, 43 characters of base64url.
 * There is no expiry in it: the id stays the same while the session slides. A forged or altered id is told from a real one without
 * asking the store, and who can read the store cannot make an id.
 */
export interface ParsedId {
  readonly kid: string
  readonly handle: string
  readonly signed: string
  readonly mac: string
}

export interface SigningKey {
  readonly kid: string
  readonly key: KeyObject
}

const SHAPE = /^(v1\.([\w-]{1,32})\.([\w-]{24}))\.([\w-]{43})$/
const HANDLE = /^[\w-]{24}$/

export const KID: RegExp = /^[\w-]{1,32}$/
/** What every session id begins with, and no caller token may. */
export const ID_PREFIX = 'v1.'

export const isHandle = (text: string): boolean => HANDLE.test(text)
export const newHandle = (): string => randomBytes(18).toString('base64url')

const macOf = (key: KeyObject, signed: string): string => createHmac('sha256', key).update(signed).digest('base64url')

export function writeSessionId({ kid, key }: SigningKey, handle: string): string {
  const signed = `v1.${kid}.${handle}`
  return `${signed}.${macOf(key, signed)}`
}

/** The parts of an id, or null for what cannot be one. Says nothing about its signature. */
export function parseSessionId(text: string): ParsedId | null {
  // Longer than the longest id: not worth a look.
  if (text.length > 104) return null
  const match = SHAPE.exec(text)
  if (!match) return null
  const [, signed = '', kid = '', handle = '', mac = ''] = match
  return { kid, handle, signed, mac }
}

/** Whether `key` made the id. The text of the signature is compared, not its bytes: base64url has several texts for one value. */
export function isSignedBy(key: KeyObject, { signed, mac }: ParsedId): boolean {
  const expected = macOf(key, signed)
  return expected.length === mac.length && timingSafeEqual(Buffer.from(expected), Buffer.from(mac))
}
