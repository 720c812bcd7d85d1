import { jwtDecode } from 'jwt-decode'
import type { TokenFacts } from '../core/ports.ts'

/** Claims that change with every token and so say nothing about the user (RFC 7519 section 4.1). */
const VOLATILE = ['exp', 'iat', 'nbf', 'jti', 'at_hash', 'auth_time']

const seconds = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)

/**
 * Reads what a token says about itself. Does not verify the signature: only the server can. An opaque token, or one
 * whose claims are not what RFC 7519 asks for, is no error; what cannot be read is null.
 */
export function readToken(token: string): TokenFacts {
  let claims: Record<string, unknown>
  try {
    claims = jwtDecode(token)
  } catch {
    return { subject: null, issuedAt: null, expiresAt: null, claims: null }
  }
  const user = Object.fromEntries(Object.entries(claims).filter(([name]) => !VOLATILE.includes(name)))
  return {
    subject: typeof claims.sub === 'string' ? claims.sub : null,
    issuedAt: seconds(claims.iat),
    expiresAt: seconds(claims.exp),
    claims: user,
  }
}
