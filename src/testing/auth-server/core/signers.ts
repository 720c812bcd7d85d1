import { decodeProtectedHeader, errors, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose'
import { base64urlOfText } from './bytes.ts'
import type { Ids } from './ids.ts'

export type Claims = Readonly<Record<string, unknown>>

/** `reason` in the words of Supabase's JWT library. */
export type VerifiedToken =
  | { readonly type: 'ok'; readonly claims: Claims }
  | { readonly type: 'refused'; readonly reason: string }

export interface Signer {
  readonly sign: (claims: Claims) => string | Promise<string>
  /** Checks a token that is not known to be one of ours. */
  readonly verify: (token: string, now: Date) => VerifiedToken | Promise<VerifiedToken>
  /** The public keys, as JSON Web Keys; symmetric ones are not listed. */
  readonly publicKeys: () => Promise<readonly JWK[]>
}

export const expiredReason = 'token has invalid claims: token is expired'
export const malformedReason = 'token is malformed: token contains an invalid number of segments'
const invalidReason = 'token signature is invalid: signature is invalid'

const noKeys = async (): Promise<readonly JWK[]> => []

/** Keys are JSON Web Keys rather than bytes, for jsdom has a `Uint8Array` of its own that jose does not take. */
export function hs256Signer(secret: string): Signer {
  const key: JWK = { kty: 'oct', k: base64urlOfText(secret) }
  return joseSigner(
    { alg: 'HS256', typ: 'JWT' },
    () => key,
    () => key,
  )
}

/**
 * The key is WebCrypto's own, for it takes nobody else's randomness, neither for a key nor for a signature (ECDSA). It is
 * made when it is first needed.
 */
export function es256Signer(ids: Ids): Signer {
  const kid = ids.uuid()
  let pair: ReturnType<typeof generateKeyPair> | undefined
  const keys = () => {
    pair ??= generateKeyPair('ES256', { extractable: true })
    return pair
  }
  return {
    ...joseSigner(
      { alg: 'ES256', kid, typ: 'JWT' },
      async () => (await keys()).privateKey,
      async () => (await keys()).publicKey,
    ),
    publicKeys: async () => [
      { ...(await exportJWK((await keys()).publicKey)), alg: 'ES256', kid, use: 'sig', key_ops: ['verify'] },
    ],
  }
}

type Key = Parameters<SignJWT['sign']>[0]

function joseSigner(
  header: { readonly alg: string; readonly typ: string; readonly kid?: string },
  signingKey: () => Key | Promise<Key>,
  verifyingKey: () => Key | Promise<Key>,
): Signer {
  return {
    publicKeys: noKeys,
    sign: async (claims) => new SignJWT({ ...claims }).setProtectedHeader(header).sign(await signingKey()),
    verify: async (token, now) => {
      try {
        if (header.kid !== undefined) {
          const { alg, kid } = decodeProtectedHeader(token)
          if (alg === header.alg && kid !== header.kid) return { type: 'refused', reason: unknownKey(kid, alg) }
        }
        const { payload } = await jwtVerify(token, await verifyingKey(), { currentDate: now, algorithms: [header.alg] })
        return { type: 'ok', claims: payload }
      } catch (error) {
        return { type: 'refused', reason: reasonOf(error, token) }
      }
    },
  }
}

/** Unsecured JWTs. They prove nothing, so one that is not known to be ours is refused. */
export function unsecuredSigner(): Signer {
  const header = base64urlOfText('{"alg":"none","typ":"JWT"}')
  return {
    publicKeys: noKeys,
    sign: (claims) => `${header}.${base64urlOfText(JSON.stringify(claims))}.`,
    verify: (token) => ({ type: 'refused', reason: token.split('.').length === 3 ? invalidReason : malformedReason }),
  }
}

/** Strings without structure in the place of JWTs. */
export function opaqueSigner(ids: Ids): Signer {
  return { publicKeys: noKeys, sign: () => ids.opaque(), verify: () => ({ type: 'refused', reason: malformedReason }) }
}

const knownMethod = /^(none|EdDSA|(HS|RS|PS|ES)(256|384|512))$/

function unknownKey(kid: string | undefined, alg: string): string {
  const named = `unrecognized JWT kid ${kid ?? '<nil>'} for algorithm ${alg}`
  return `token is unverifiable: error while executing keyfunc: ${named}`
}

/** Errors are told apart by their code, for `instanceof` fails between copies of jose. */
function reasonOf(error: unknown, token: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === errors.JWTExpired.code) return expiredReason
  if (code === errors.JWSSignatureVerificationFailed.code) return invalidReason
  if (code === errors.JOSEAlgNotAllowed.code) {
    const { alg } = decodeProtectedHeader(token)
    return knownMethod.test(alg ?? '')
      ? `token signature is invalid: signing method ${alg} is invalid`
      : 'token is unverifiable: signing method (alg) is unavailable'
  }
  return token.split('.').length === 3 ? 'token is malformed: could not JSON decode header' : malformedReason
}
