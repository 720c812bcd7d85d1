import { createHmac, createPublicKey, verify } from 'node:crypto'

type Members = Readonly<Record<string, unknown>>

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function part(token: string, index: number): Members {
  const parts = token.split('.')
  if (parts.length !== 3) throw new Error(`expected a JWT of three parts, got ${parts.length}`)
  return JSON.parse(Buffer.from(parts[index] ?? '', 'base64url').toString())
}

export const headerOf = (token: string): Members => part(token, 0)
export const claimsOf = (token: string): Members => part(token, 1)

/** A JWT signed with a secret (RFC 7515 appendix A.1). */
export function forge(
  claims: Members,
  secret: string,
  { alg = 'HS256', ...header }: Members & { readonly alg?: 'HS256' | 'HS384' | 'ES256' } = {},
): string {
  const input = `${encode({ alg, typ: 'JWT', ...header })}.${encode(claims)}`
  const digest = alg === 'HS384' ? 'sha384' : 'sha256'
  return `${input}.${createHmac(digest, secret).update(input).digest('base64url')}`
}

/** Whether a JSON Web Key has signed an ES256 token (RFC 7518 section 3.4). */
export function isSignedBy(token: string, jwk: JsonWebKey): boolean {
  const [header, claims, signature = ''] = token.split('.')
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
  const data = Buffer.from(`${header}.${claims}`)
  return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
}
