import { type CryptoKey, createRemoteJWKSet, errors, type JWK, type JWTPayload, jwtVerify } from 'jose'
import { AuthError, misuse } from '../core/errors.ts'

/** How an access token is checked. All that is given must fit; signature and expiry are checked always. */
export interface TokenRules {
  /** The key: where the auth server publishes its keys (`…/jwks.json`), or the key itself; a secret as bytes. */
  readonly keys: URL | string | CryptoKey | Uint8Array | JWK
  /** Who must have issued it: `iss`. Give it, and `audience`: else any token signed with that key will do. */
  readonly issuer?: string
  /** For whom it must be: `aud`. */
  readonly audience?: string | readonly string[]
  /** Default: those that the key is for. @example ['RS256'] */
  readonly algorithms?: readonly string[]
  /** How far the clocks may differ, in seconds. Default: 0. */
  readonly clockTolerance?: number
}

/** What an access token was found to be. `error`: it could not be checked, and may be good. */
export type Checked = { readonly claims: JWTPayload } | { readonly claims: null; readonly error: AuthError | null }

/** Resolves with the claims of a token that is good; null if it is not. Rejects when that cannot be found out just now. */
export type VerifyToken = (accessToken: string) => Promise<JWTPayload | null>

/** What `jose` says about the token itself, as opposed to the way to the keys. */
const REFUSED = /^ERR_(JWT|JWS|JWE|JOSE_ALG|JOSE_NOT|JWKS_NO_MATCHING)/

function byRules(rules: TokenRules, now: () => number): VerifyToken {
  const { keys, issuer, audience, algorithms, clockTolerance = 0 } = rules
  if (!keys) misuse('createServerAuth: verify.keys is missing. Give the address of the JWKS, or the key.')
  const remote = keys instanceof URL || typeof keys === 'string'
  if (remote && !URL.canParse(String(keys)))
    misuse(`createServerAuth: verify.keys must be a full address, or a key. A secret goes in as bytes.`)
  const set = remote ? createRemoteJWKSet(new URL(keys)) : null
  const options = () => ({
    clockTolerance,
    currentDate: new Date(now()),
    ...(issuer && { issuer }),
    ...(audience && { audience: [audience].flat() }),
    ...(algorithms && { algorithms: [...algorithms] }),
  })
  return async (token) => {
    try {
      const { payload } = set
        ? await jwtVerify(token, set, options())
        : await jwtVerify(token, keys as CryptoKey, options())
      return payload
    } catch (error) {
      if (error instanceof errors.JOSEError && REFUSED.test(error.code)) return null
      throw error
    }
  }
}

/** @throws AuthError `misconfigured` when there is neither a function nor a key. */
export function createVerify(verify: TokenRules | VerifyToken, now: () => number): (token: string) => Promise<Checked> {
  if (!(verify instanceof Object)) misuse('createServerAuth: verify is missing. Say how access tokens are checked.')
  const run = verify instanceof Function ? verify : byRules(verify, now)
  return async (token) => {
    try {
      const claims = await run(token)
      return claims ? { claims } : { claims: null, error: null }
    } catch (cause) {
      return {
        claims: null,
        error: new AuthError('unavailable', 'The access token could not be checked: the keys cannot be had.', {
          cause,
        }),
      }
    }
  }
}
