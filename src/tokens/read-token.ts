import { jwtDecode } from 'jwt-decode'
import type { TokenFacts } from '../core/ports.ts'

const seconds = (value: unknown): number | null => (Number.isFinite(value) ? (value as number) : null)

/**
 * Reads what a token says about itself. Does not verify the signature: only the server can. An opaque token, or one
 * whose claims are not what RFC 7519 asks for, is no error; what cannot be read is null.
 */
export function readToken(token: string): TokenFacts {
  let claims: Record<string, unknown> | null = null
  try {
    claims = jwtDecode(token)
  } catch {
    // Opaque: that is legal.
  }
  // What changes with every token says nothing about the user.
  const { exp, iat, nbf, jti, at_hash, auth_time, ...user } = claims ?? {}
  return {
    subject: typeof user.sub === 'string' ? user.sub : null,
    issuedAt: seconds(iat),
    expiresAt: seconds(exp),
    claims: claims instanceof Object ? user : null,
  }
}
