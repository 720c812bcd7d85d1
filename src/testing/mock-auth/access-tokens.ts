import { decodeProtectedHeader, errors, type JWK, jwtVerify, SignJWT } from 'jose'
import type { Ids } from './ids.ts'

export type Claims = Readonly<Record<string, unknown>>

export interface IssuedToken {
  readonly token: string
  /** Seconds since 1970 by the server's clock. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** `reason` in the words of Supabase's JWT library. */
export type VerifiedToken =
  | { readonly type: 'ok'; readonly claims: Claims }
  | { readonly type: 'refused'; readonly reason: string }

export interface AccessTokens {
  readonly issue: (claims: Claims) => Promise<IssuedToken>
  readonly verify: (token: string) => Promise<VerifiedToken>
  readonly expireAll: () => void
  readonly setLifetime: (seconds: number) => void
}

export interface AccessTokenOptions {
  readonly secret: string
  readonly now: () => number
  readonly ids: Ids
  readonly lifetime: number
  readonly opaque: boolean
  /** Give each JWT a `jti`. Without it two tokens of one session and second are the same string, as at Supabase. */
  readonly unique: boolean
}

interface Issued {
  readonly claims: Claims
  readonly expiresAt: number
  expired: boolean
}

const expiredReason = 'token has invalid claims: token is expired'
const malformedReason = 'token is malformed: token contains an invalid number of segments'

export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const { now, ids, opaque, unique } = options
  const key = secretKey(options.secret)
  const issued = new Map<string, Issued>()
  let lifetime = options.lifetime

  const seconds = (): number => Math.floor(now() / 1000)

  function forgetOld(): void {
    if (issued.size < 5000) return
    for (const [token, { expiresAt }] of issued) if (expiresAt <= seconds()) issued.delete(token)
  }

  async function sign(claims: Claims): Promise<string> {
    const make = (extra: Claims): Promise<string> =>
      new SignJWT({ ...claims, ...extra }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(key)
    if (unique) return make({ jti: ids.uuid() })
    // A token must not be born expired because it equals one that `expireAll` has hit.
    const token = await make({})
    return issued.get(token)?.expired ? make({ jti: ids.uuid() }) : token
  }

  async function verifyJwt(token: string): Promise<VerifiedToken> {
    try {
      const { payload } = await jwtVerify(token, key, { currentDate: new Date(now()), algorithms: ['HS256'] })
      return { type: 'ok', claims: payload }
    } catch (error) {
      return { type: 'refused', reason: reasonOf(error, token) }
    }
  }

  return {
    issue: async (claims) => {
      const issuedAt = seconds()
      const expiresAt = issuedAt + lifetime
      const all = { ...claims, exp: expiresAt, iat: issuedAt }
      const token = opaque ? ids.opaque() : await sign(all)
      forgetOld()
      issued.set(token, { claims: all, expiresAt, expired: false })
      return { token, issuedAt, expiresAt }
    },
    verify: async (token) => {
      const known = issued.get(token)
      if (known?.expired) return { type: 'refused', reason: expiredReason }
      if (!opaque) return verifyJwt(token)
      if (!known) return { type: 'refused', reason: malformedReason }
      if (seconds() >= known.expiresAt) return { type: 'refused', reason: expiredReason }
      return { type: 'ok', claims: known.claims }
    },
    expireAll: () => {
      for (const token of issued.values()) token.expired = true
    },
    setLifetime: (value) => {
      lifetime = value
    },
  }
}

/** A JSON Web Key rather than bytes, for jsdom has a `Uint8Array` of its own that jose does not take. */
function secretKey(secret: string): JWK {
  const binary = String.fromCharCode(...new TextEncoder().encode(secret))
  return { kty: 'oct', k: btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') }
}

/** Errors are told apart by their code, for `instanceof` fails between copies of jose. */
function reasonOf(error: unknown, token: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === errors.JWTExpired.code) return expiredReason
  if (code === errors.JWSSignatureVerificationFailed.code) return 'token signature is invalid: signature is invalid'
  if (code === errors.JOSEAlgNotAllowed.code) {
    return `token signature is invalid: signing method ${decodeProtectedHeader(token).alg} is invalid`
  }
  return token.split('.').length === 3 ? 'token is malformed: could not JSON decode header' : malformedReason
}
