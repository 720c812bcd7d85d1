import type { MockAuthOptions, MockProfile } from './options.ts'

/** The options with every default filled in. Times in ms. */
export interface Settings {
  readonly strict: boolean
  readonly tokenVersion: 1 | 2
  readonly reuseInterval: number
  readonly revokeOnReuse: boolean
  readonly allowReuse: boolean
  readonly upgradePercentage: number
  readonly rotate: boolean
  readonly timebox: number
  readonly inactivity: number
  readonly singleSession: boolean
  readonly omitExpiry: boolean
  readonly signUps: boolean
  readonly autoConfirm: boolean
  readonly anonymousSignIns: boolean
  readonly emailLogins: boolean
  readonly password: { readonly minLength: number; readonly required: readonly string[]; readonly leaked: Set<string> }
  readonly requireCurrentPassword: boolean
  readonly requireReauthentication: boolean
  readonly mailInterval: number
  readonly siteUrl: string
  readonly corsHeaders: readonly string[]
}

const profiles: Readonly<Record<MockProfile, Pick<Settings, 'strict' | 'tokenVersion' | 'reuseInterval'>>> = {
  strict: { strict: true, tokenVersion: 1, reuseInterval: 0 },
  hosted: { strict: false, tokenVersion: 1, reuseInterval: 10_000 },
  default: { strict: false, tokenVersion: 1, reuseInterval: 0 },
  v2: { strict: false, tokenVersion: 2, reuseInterval: 10_000 },
}

export function settingsOf(options: MockAuthOptions): Settings {
  const profile = profiles[options.profile ?? 'strict']
  const { minLength = 6, required = [], leaked = [] } = options.passwordPolicy ?? {}
  return {
    ...profile,
    reuseInterval: options.reuseInterval === undefined ? profile.reuseInterval : options.reuseInterval * 1000,
    revokeOnReuse: options.revokeOnReuse ?? true,
    allowReuse: options.allowReuse ?? false,
    upgradePercentage: options.upgradePercentage ?? 0,
    rotate: options.rotate ?? true,
    timebox: (options.sessionTimebox ?? Number.POSITIVE_INFINITY) * 1000,
    inactivity: (options.sessionInactivity ?? Number.POSITIVE_INFINITY) * 1000,
    singleSession: options.singleSession ?? false,
    omitExpiry: options.omitExpiry ?? false,
    signUps: options.signUps ?? true,
    autoConfirm: options.autoConfirm ?? true,
    anonymousSignIns: options.anonymousSignIns ?? false,
    emailLogins: options.emailLogins ?? true,
    password: { minLength: Math.max(minLength, 6), required, leaked: new Set(leaked) },
    requireCurrentPassword: options.requireCurrentPassword ?? false,
    requireReauthentication: options.requireReauthentication ?? false,
    mailInterval: (options.mailInterval ?? 60) * 1000,
    siteUrl: options.siteUrl ?? 'http://localhost:3000',
    corsHeaders: options.corsHeaders ?? ['apikey'],
  }
}
