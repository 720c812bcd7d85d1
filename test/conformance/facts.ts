/** What the runner has been told about a server. Durations in seconds. */
export interface ServerFacts {
  /** Base address, with `/auth/v1` where there is one; no slash at the end. */
  readonly url: string
  readonly apikey: string
  /** `v1` and `v2`: the two kinds of refresh tokens of Supabase Auth. `strict`: any reuse ends the session. */
  readonly tokens: 'v1' | 'v2' | 'strict'
  /** GOTRUE_SECURITY_REFRESH_TOKEN_REUSE_INTERVAL */
  readonly reuseInterval: number
  /** GOTRUE_SECURITY_REFRESH_TOKEN_ROTATION_ENABLED */
  readonly rotation: boolean
  /** GOTRUE_SECURITY_REFRESH_TOKEN_ALLOW_REUSE */
  readonly allowReuse: boolean
  /** Version 2: the key of every session. Supabase Auth has one for each session, and shows none; then null. */
  readonly sessionKey: Uint8Array | null
  /** GOTRUE_JWT_EXP */
  readonly tokenLifetime: number
  readonly algorithm: 'HS256' | 'ES256'
  /** Signs HS256 tokens that the server accepts; null when it is not known. */
  readonly jwtSecret: string | null
  readonly autoconfirm: boolean
  readonly anonymous: boolean
  readonly signUp: boolean
  /** GOTRUE_PASSWORD_MIN_LENGTH */
  readonly passwordLength: number
  /** GOTRUE_PASSWORD_REQUIRED_CHARACTERS: letters without a digit are not enough. */
  readonly passwordSets: boolean
  /** A password, strong otherwise, that the server knows to have leaked; null when it does not look. */
  readonly leakedPassword: string | null
  /** A new password needs the current one beside it. */
  readonly currentPassword: boolean
  /** GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION */
  readonly reauthentication: boolean
  readonly email: boolean
  readonly phone: boolean
  readonly saml: boolean
  /** GOTRUE_SESSIONS_TIMEBOX; null when there is none. */
  readonly timebox: number | null
  /** GOTRUE_SESSIONS_INACTIVITY_TIMEOUT; null when there is none. */
  readonly inactivity: number | null
  /** GOTRUE_SESSIONS_SINGLE_PER_USER */
  readonly single: boolean
  /** GOTRUE_RATE_LIMIT_HEADER; null when requests are not limited. */
  readonly rateLimitHeader: string | null
  /** Seconds between two mails to one address (GOTRUE_SMTP_MAX_FREQUENCY); null when it is not known. */
  readonly mailInterval: number | null
  /** Mails in an hour (GOTRUE_RATE_LIMIT_EMAIL_SENT), when the cases may use them up; else null. */
  readonly mailQuota: number | null
  /** Something stands in front of the server that answers preflights and unknown paths by itself. */
  readonly gateway: boolean
  /** The server's clock moves only when the runner moves it. */
  readonly frozen: boolean
  /** How long one case may really wait where the clock cannot be moved. */
  readonly patience: number
  /** A confirmed account that exists. */
  readonly account: Credentials | null
}

export interface Credentials {
  readonly email: string
  readonly password: string
}

/** What the runner can do to a server beside talking to it. An absent function: it cannot. */
export interface Operator {
  /** Moves the server's clock forward, in ms. */
  readonly advance?: (ms: number) => Promise<void>
  /** Bans a user for a day, or lifts the ban. */
  readonly ban?: (userId: string, banned: boolean) => Promise<void>
  /** Makes an account whose address is confirmed. */
  readonly createAccount?: (credentials: Credentials) => Promise<void>
  readonly setPassword?: (userId: string, password: string) => Promise<void>
  readonly deleteAccount?: (userId: string) => Promise<void>
}

/** How the named profiles answer a spent refresh token. */
export const profiles = {
  hosted: { tokens: 'v1', reuseInterval: 10 },
  default: { tokens: 'v1', reuseInterval: 0 },
  v2: { tokens: 'v2', reuseInterval: 10 },
  strict: { tokens: 'strict', reuseInterval: 0 },
} as const satisfies Readonly<Record<string, Pick<ServerFacts, 'tokens' | 'reuseInterval'>>>

export type ProfileName = keyof typeof profiles

/** A server that has been told nothing but its address. */
export const plainFacts: Omit<ServerFacts, 'url' | 'apikey'> = {
  ...profiles.hosted,
  rotation: true,
  allowReuse: false,
  sessionKey: null,
  tokenLifetime: 3600,
  algorithm: 'HS256',
  jwtSecret: null,
  autoconfirm: false,
  anonymous: false,
  signUp: true,
  passwordLength: 6,
  passwordSets: false,
  leakedPassword: null,
  currentPassword: false,
  reauthentication: false,
  email: true,
  phone: false,
  saml: false,
  timebox: null,
  inactivity: null,
  single: false,
  rateLimitHeader: null,
  mailInterval: null,
  mailQuota: null,
  gateway: false,
  frozen: false,
  patience: 0,
  account: null,
}
