import { createHash, createHmac } from 'node:crypto'

/** A refresh token of version 2, taken apart. */
export interface RefreshTokenV2 {
  readonly version: number
  readonly sessionId: string
  readonly counter: bigint
  /** 16 bytes. */
  readonly signature: Uint8Array
  readonly isSound: boolean
}

const checksum = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest().subarray(0, 4)
const sign = (key: Uint8Array, bytes: Uint8Array): Buffer =>
  createHmac('sha256', key).update(bytes).digest().subarray(0, 16)

/** Version, session, counter as an unsigned LEB128 number, signature, checksum: base64url without padding. */
export function decode(token: string): RefreshTokenV2 {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length < 38 || bytes.toString('base64url') !== token) throw new Error(`not a version 2 token: ${token}`)
  const hex = bytes.subarray(1, 17).toString('hex')
  return {
    version: bytes[0] ?? 0,
    sessionId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    counter: fromVarint(bytes.subarray(17, -20)),
    signature: bytes.subarray(-20, -4),
    isSound: checksum(bytes.subarray(0, -4)).equals(bytes.subarray(-4)),
  }
}

export interface Recipe {
  readonly version?: number
  readonly sessionId: string
  readonly counter: bigint
  /** Either the key that signs, or a signature. */
  readonly key?: Uint8Array
  readonly signature?: Uint8Array
}

export function encode({ version = 0, sessionId, counter, key, signature }: Recipe): string {
  const body = Buffer.concat([
    Buffer.from([version]),
    Buffer.from(sessionId.replaceAll('-', ''), 'hex'),
    toVarint(counter),
  ])
  const signed = Buffer.concat([body, signature ?? sign(key ?? new Uint8Array(32), body)])
  return Buffer.concat([signed, checksum(signed)]).toString('base64url')
}

/** The same token with another signature, and a checksum that fits it. */
export function tamper(token: string): string {
  const { version, sessionId, counter, signature } = decode(token)
  return encode({ version, sessionId, counter, signature: signature.map((byte) => byte ^ 0xff) })
}

function fromVarint(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n)
}

function toVarint(value: bigint): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 0x7fn)
    if (rest < 0x80n) return Uint8Array.from([...bytes, low])
    bytes.push(low | 0x80)
  }
}
