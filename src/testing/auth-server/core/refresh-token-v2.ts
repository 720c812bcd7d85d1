import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base64url, bytesOfBase64url, bytesOfUuid, concat, equalBytes, uuidOfBytes } from './bytes.ts'

// Version 2 of Supabase Auth's refresh tokens (supabase/auth, internal/crypto/refresh_tokens.go): unpadded base64url of a
// version byte 0, the session's id, the counter as LEB128, half an HMAC-SHA-256 and four bytes of SHA-256 as checksum.
// Not by WebCrypto, each of whose answers takes a task of its own: a token is made in the step that moves the counter.

const headLength = 17
const signatureLength = 16
const checksumLength = 4
const maxCounter = 2n ** 63n - 1n

export interface ParsedRefreshToken {
  readonly sessionId: string
  readonly counter: bigint
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** The token of one session and counter; always the same for the same key. `counter`: 0 to 2^63 - 1. */
export function encodeRefreshToken(sessionId: string, counter: number | bigint, key: Uint8Array): string {
  const signed = concat(Uint8Array.of(0), bytesOfUuid(sessionId), varint(BigInt(counter)))
  const covered = concat(signed, signatureOf(signed, key))
  return base64url(concat(covered, checksumOf(covered)))
}

/** null when the text is not well-formed. Says nothing about the signature: see `isSignedBy`. */
export function parseRefreshToken(text: string): ParsedRefreshToken | null {
  const bytes = bytesOfBase64url(text)
  if (!bytes || bytes.length < headLength + 1 + signatureLength + checksumLength || bytes[0] !== 0) return null
  const covered = bytes.subarray(0, -checksumLength)
  if (!equalBytes(bytes.subarray(-checksumLength), checksumOf(covered))) return null
  const signed = covered.subarray(0, -signatureLength)
  const counter = readVarint(signed.subarray(headLength))
  if (counter === null) return null
  return {
    sessionId: uuidOfBytes(signed.subarray(1, headLength)),
    counter,
    signed,
    signature: covered.subarray(-signatureLength),
  }
}

export function isSignedBy(token: ParsedRefreshToken, key: Uint8Array): boolean {
  return equalBytes(token.signature, signatureOf(token.signed, key))
}

function signatureOf(signed: Uint8Array, key: Uint8Array): Uint8Array {
  return hmac(sha256, key, signed).subarray(0, signatureLength)
}

function checksumOf(covered: Uint8Array): Uint8Array {
  return sha256(covered).subarray(0, checksumLength)
}

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

/** null unless all the bytes are one number in range. */
function readVarint(bytes: Uint8Array): bigint | null {
  let value = 0n
  for (const [index, byte] of bytes.entries()) {
    value |= BigInt(byte & 127) << BigInt(7 * index)
    if (value > maxCounter) return null
    if (byte < 128) return index === bytes.length - 1 ? value : null
  }
  return null
}
