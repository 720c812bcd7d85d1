import type { Clock } from '../../../core/ports.ts'
import type { MockDialect } from '../rest/dialect.ts'

/**
 * How the server treats refresh tokens. A single option given beside it wins.
 *
 * - `strict`: any reuse of a spent refresh token ends its session, and no two access tokens are equal.
 * - `hosted`: Supabase Auth as a hosted project has it: the parent of the live token is always accepted, and any spent
 *   token for 10 seconds after its last use.
 * - `default`: Supabase Auth without configuration: the same with a reuse interval of 0.
 * - `v2`: Supabase Auth with version 2 of its refresh tokens and a reuse interval of 10 seconds.
 */
export type MockProfile = 'strict' | 'hosted' | 'default' | 'v2'

/**
 * How access tokens are signed.
 *
 * - `HS256`: with `jwtSecret`; nobody but the server can check them.
 * - `ES256`: with a key drawn from `random`, whose public half is at `/auth/v1/.well-known/jwks.json`. The signatures
 *   themselves are not repeatable: WebCrypto adds randomness of its own.
 * - `none`: unsecured JWTs (RFC 7519, section 6), made and checked at once, without WebCrypto: for simulations on a fake
 *   clock. The server accepts only those that it has issued.
 */
export type MockSigning = 'HS256' | 'ES256' | 'none'

export interface MockUser {
  readonly email: string
  readonly password: string
  readonly data?: Readonly<Record<string, unknown>>
  /** False: signing in is refused until the address is confirmed. Default: true. */
  readonly confirmed?: boolean
}

/** What a password must be like. One that is longer than 72 bytes is refused in any case. */
export interface MockPasswordPolicy {
  /** In characters; at least 6, which is also the default. */
  readonly minLength?: number
  /** Sets of characters of each of which there must be one, as in `['abc', '0123']`. */
  readonly required?: readonly string[]
  /** Passwords that are known to have leaked. */
  readonly leaked?: readonly string[]
}

/** Rate limits, each a bucket per value of a header. Without that header nothing is limited, as at Supabase Auth. */
export interface MockRateLimits {
  /** Names the caller, as in `X-Forwarded-For`; the first of several values counts. */
  readonly header: string
  /** `/token`, in 5 minutes; never more than 30 at once. Default: 150. */
  readonly token?: number
  /** `/signup`, `PUT /user`, `/otp`, `/magiclink`, `/recover` and `/resend`, each on its own, in 5 minutes. Default: 30. */
  readonly otp?: number
  /** `/verify`, in 5 minutes. Default: 30. */
  readonly verify?: number
  /** Anonymous sign-ins, in an hour. Default: 30. */
  readonly anonymous?: number
}

export interface MockAuthOptions {
  /** Default: the real clock. */
  readonly clock?: Clock
  /** Every id, token and key is drawn from it. Default: `Math.random`, for it is a mock. */
  readonly random?: () => number
  /** How the server treats refresh tokens. Default: `strict`. */
  readonly profile?: MockProfile
  /** Seconds for which a spent token may be used again; not with `strict`. Default: the profile's. */
  readonly reuseInterval?: number
  /** False: reuse is refused but has no consequence for the session; at Supabase, rotation switched off. */
  readonly revokeOnReuse?: boolean
  /** True: refresh tokens of version 2 can be used again for good. Default: false. */
  readonly allowReuse?: boolean
  /** Share of sessions, in percent, that a refresh moves from version 1 to 2 while version 2 is on. Default: 0. */
  readonly upgradePercentage?: number
  /** False: a server that does not rotate. The answer to a refresh has no refresh token, the old one stays good. */
  readonly rotate?: boolean
  /** Seconds from its beginning after which a session can no longer be refreshed. Default: no such limit. */
  readonly sessionTimebox?: number
  /** Seconds without a refresh after which a session can no longer be refreshed. Default: no such limit. */
  readonly sessionInactivity?: number
  /** True: of a user's sessions only the one that was begun or refreshed last can be refreshed. Default: false. */
  readonly singleSession?: boolean
  /** Life of an access token in seconds. Default: 3600. */
  readonly tokenLifetime?: number
  /** Leave out `expires_in` and `expires_at`. */
  readonly omitExpiry?: boolean
  /** Access tokens that are not JWTs. */
  readonly opaqueTokens?: boolean
  /** Default: `HS256`. */
  readonly signing?: MockSigning
  /** HS256 secret of the access tokens, for an API that verifies them itself. Default: drawn from `random`. */
  readonly jwtSecret?: string
  /** Added to the clock, in ms: how far the server's clock is ahead. */
  readonly serverSkew?: number
  /** Default: ada@example.test with the password correct-horse. */
  readonly users?: readonly MockUser[]
  /** False: nobody can sign up, not even anonymously. Default: true. */
  readonly signUps?: boolean
  /** False: whoever signs up must confirm the address first; see `admin.confirm`. Default: true. */
  readonly autoConfirm?: boolean
  /** Let people in without an account. Default: false. */
  readonly anonymousSignIns?: boolean
  /** False: signing up and in by e-mail is switched off. Default: true. */
  readonly emailLogins?: boolean
  /** Default: six characters are enough. */
  readonly passwordPolicy?: MockPasswordPolicy
  /** True: a new password needs the current one beside it. Default: false. */
  readonly requireCurrentPassword?: boolean
  /** True: in a session older than 24 hours a new password needs a code; see `admin.reauthenticationCode`. Default: false. */
  readonly requireReauthentication?: boolean
  /** Default: none. */
  readonly rateLimits?: MockRateLimits
  /** Seconds between two mails of a kind to one user. Default: 60. */
  readonly mailInterval?: number
  /** Mails in an hour, to all users; not limited with `autoConfirm`. Default: 30. */
  readonly mailsPerHour?: number
  /** Where links in mails lead back to. Default: `http://localhost:3000`. */
  readonly siteUrl?: string
  /** Request headers that pages of another origin may send, beside those of Supabase Auth. Default: `apikey`. */
  readonly corsHeaders?: readonly string[]
  /** Path prefix of the REST dialect. Default: `/api`. */
  readonly restBase?: string
  /**
   * How the REST dialect speaks: `paths`, `fields` and `bodies` as `restBackend` has them. With it the four calls are all that
   * the mock answers below `restBase`. Default: the contract of the README, and a few routes to test with.
   */
  readonly rest?: MockDialect
  /** What `fetch` resolves relative addresses against. Default: `http://auth.test`. */
  readonly origin?: string
  /** How many requests `log` remembers. Default: 10,000. */
  readonly logLimit?: number
}
