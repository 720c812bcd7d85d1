import type { JWK } from 'jose'
import type { Ids } from './ids.ts'
import { type Claims, expiredReason, type Signer, type VerifiedToken } from './signers.ts'

export interface IssuedToken {
  readonly token: string
  /** Seconds since 1970 by the server's clock. */
  readonly expiresAt: number
}

export interface AccessTokens {
  readonly issue: (claims: Claims) => Promise<IssuedToken>
  /** A token that `expireAll` does not hit. `lifetime` in seconds. */
  readonly issueKey: (claims: Claims, lifetime: number) => Promise<IssuedToken>
  readonly verify: (token: string) => Promise<VerifiedToken>
  readonly expireAll: () => void
  readonly setLifetime: (seconds: number) => void
  readonly publicKeys: () => Promise<readonly JWK[]>
}

export interface AccessTokenOptions {
  readonly signer: Signer
  readonly now: () => number
  readonly ids: Ids
  readonly lifetime: number
  /** Give each JWT a `jti`. Without it two tokens of one session and second are the same string, as at Supabase. */
  readonly unique: boolean
  /** Wraps work that takes real time. */
  readonly during: <T>(work: Promise<T>) => Promise<T>
}

interface Known {
  readonly claims: Claims
  readonly expiresAt: number
  readonly isKey: boolean
  expired: boolean
}

export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const { signer, now, ids, unique, during } = options
  /** What was issued needs no second look at its signature. */
  const known = new Map<string, Known>()
  let sweepAt = 5000
  let lifetime = options.lifetime

  const seconds = (): number => Math.floor(now() / 1000)
  const settled = <T>(work: T | Promise<T>): T | Promise<T> => (work instanceof Promise ? during(work) : work)

  function forgetOld(): void {
    if (known.size < sweepAt) return
    for (const [token, { expiresAt }] of known) if (expiresAt <= seconds()) known.delete(token)
    sweepAt = Math.max(5000, known.size * 2)
  }

  async function sign(claims: Claims): Promise<string> {
    const withId = (): Claims => ({ ...claims, jti: ids.uuid() })
    const token = await settled(signer.sign(unique ? withId() : claims))
    // A token must not be born expired because it equals one that `expireAll` has hit.
    return known.get(token)?.expired ? settled(signer.sign(withId())) : token
  }

  async function issue({ iss, sub, aud, ...rest }: Claims, life: number, isKey: boolean): Promise<IssuedToken> {
    const issuedAt = seconds()
    const expiresAt = issuedAt + life
    // In the order of Supabase Auth.
    const claims = { iss, sub, aud, exp: expiresAt, iat: issuedAt, ...rest }
    const token = await sign(claims)
    forgetOld()
    known.set(token, { claims, expiresAt, isKey, expired: false })
    return { token, expiresAt }
  }

  return {
    issue: (claims) => issue(claims, lifetime, false),
    issueKey: (claims, life) => issue(claims, life, true),
    verify: async (token) => {
      const issued = known.get(token)
      if (!issued) return settled(signer.verify(token, new Date(now())))
      if (issued.expired || seconds() >= issued.expiresAt) return { type: 'refused', reason: expiredReason }
      return { type: 'ok', claims: issued.claims }
    },
    expireAll: () => {
      for (const token of known.values()) token.expired = !token.isKey
    },
    setLifetime: (value) => {
      lifetime = value
    },
    publicKeys: () => during(signer.publicKeys()),
  }
}
