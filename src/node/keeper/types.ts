import type { Clock } from '../../core/ports.ts'
import type { Auth, MaybePromise } from '../../core/types.ts'

/** What went wrong, without secrets: a code and a text that may be shown and stored. */
export interface Fault {
  /** An `AuthErrorCode`; `failed` for an error of the app's own hooks, whose text is not shown. */
  readonly code: string
  readonly message: string
}

/** Something that a person should hear. Each is told once, until it is over. */
export interface Notice {
  /**
   * - `person_needed`: the session cannot be kept without a person: a second factor, a challenge, a password that is refused,
   *   a session that was ended.
   * - `expiring_soon`: the session ends at `endsAt` unless a person signs in anew.
   * - `recovered`: what a `person_needed` was told for is over.
   */
  readonly type: 'person_needed' | 'expiring_soon' | 'recovered'
  readonly name: string
  /** In ms since 1970, as all times here. */
  readonly at: number
  readonly why: Fault | null
  readonly endsAt: number | null
}

/** How a run ended. */
export type RunOutcome =
  /** Nothing was due. */
  | 'fresh'
  | 'renewed'
  /** The session was over, and the `signIn` hook has made a new one. */
  | 'signed_in'
  /** Passing trouble; it is tried again later. */
  | 'unavailable'
  /** A person is needed. */
  | 'interaction_required'
  /** The person signed out: there is nothing to keep. */
  | 'signed_out'
  /** Too early after a failure, or waiting for a person. */
  | 'skipped'
  /** The keeper was stopped meanwhile. */
  | 'stopped'

/** One run of a keeper. */
export interface Run {
  readonly id: string
  readonly startedAt: number
  /** null: still under way. */
  readonly endedAt: number | null
  readonly outcome: RunOutcome | null
  readonly error: Fault | null
}

export interface KeeperMetrics {
  /** Successful renewals, by whichever process. */
  readonly renewals: number
  readonly failures: number
  /** Sessions that have ended, but for those that a person signed out of. */
  readonly ended: number
  /** Mean life of the sessions that have ended, in ms; null: none has. */
  readonly meanLife: number | null
  /** Mean number of renewals of the sessions that have ended; null: none has. */
  readonly renewalsPerSession: number | null
}

export interface KeeperStatus {
  readonly name: string
  /**
   * - `ok`: signed in, and the last run had no trouble.
   * - `failing`: passing trouble; see `lastError`.
   * - `person_needed`: see `person`.
   * - `signed_out`: nobody is signed in, on purpose.
   * - `stopped`.
   */
  readonly state: 'ok' | 'failing' | 'person_needed' | 'signed_out' | 'stopped'
  /** A session is stored and not over. */
  readonly active: boolean
  /** Whether it worked when it was last checked, by the health check or by a renewal; null: not checked yet. */
  readonly valid: boolean | null
  readonly checkedAt: number | null
  /** When the current tokens arrived. */
  readonly renewedAt: number | null
  /** When the next check is due; null: stopped. */
  readonly nextRunAt: number | null
  /** Failures since the last success. */
  readonly failCount: number
  readonly lastError: Fault | null
  readonly person: { readonly since: number; readonly why: Fault; readonly told: boolean } | null
  /** When the session itself ends, as far as `endsAt` can tell. */
  readonly endsAt: number | null
  /** ms until then; null: unknown. */
  readonly endsIn: number | null
  readonly running: string | null
  readonly lastRun: Run | null
  /** `process`: a timer of this process. `none`: somebody calls `runNow`, such as a queue. */
  readonly scheduler: 'process' | 'none'
  readonly metrics: KeeperMetrics
}

/** What a keeper remembers from one process to the next. Holds no secret. */
export interface KeeperMemory {
  readonly person: { readonly since: number; readonly why: Fault; readonly told: boolean } | null
  /** The end that a person has been told of. */
  readonly toldOfEnd: number | null
  readonly failures: number
  /** No run of itself before this time. */
  readonly pausedUntil: number
  /** Refused sign-ins since the last success. */
  readonly refused: number
  /** When the `signIn` hook was called in the last day. */
  readonly signIns: readonly number[]
  /** When the session of now began; null: there is none. */
  readonly since: number | null
  /** Renewals of the session of now. */
  readonly renewed: number
  readonly totals: {
    readonly renewals: number
    readonly failures: number
    readonly ended: number
    readonly life: number
    readonly renewalsOfEnded: number
  }
}

/** Where a keeper's memory lies. {@link sealedBox} with `initial: null` is such a place. */
export interface KeeperPlace {
  read(): KeeperMemory | null
  write(memory: KeeperMemory): unknown
}

/** Handed to the hooks. */
export interface HookContext {
  /** Aborts when the hook has had its time, or the keeper is stopped. */
  readonly signal: AbortSignal
}

export interface KeeperOptions {
  /** What to keep. The keeper ends it when it is stopped. */
  readonly auth: Auth<unknown, never>
  /** Shown in status and notices. Default: `session`. */
  readonly name?: string
  /** How often to look whether something is due, in ms; the first time at once. Default: 3,600,000 (an hour). */
  readonly checkEvery?: number
  /**
   * False: no timer. Somebody else, such as a queue or cron, calls `runNow({ force: false })` when `status().nextRunAt` has
   * come. Default: true.
   */
  readonly timer?: boolean
  /** Renews tokens that arrived longer ago than this, in ms. Default: never for their age. */
  readonly renewIfOlderThan?: number
  /** Renews tokens that end within this time, in ms. The engine itself renews 5 minutes before the end. Default: 0. */
  readonly renewBefore?: number
  /** Asks the site itself whether the session still works. False: renew at once. What it throws says nothing about the session. */
  readonly health?: (context: HookContext) => MaybePromise<boolean>
  /** How often to ask, in ms. Default: `checkEvery`. */
  readonly healthEvery?: number
  /**
   * Signs in when the session is over, such as `async () => auth.signIn(await credentials())`. An `AuthError`
   * `credentials_rejected` counts towards `limits.refused`; `interaction_required` calls for a person at once; all else is
   * passing trouble. Default: a person is needed.
   */
  readonly signIn?: (context: HookContext) => MaybePromise<unknown>
  /** When the session itself ends, whatever is renewed: the end of the refresh token, or of the earliest cookie. */
  readonly endsAt?: () => number | null
  /** Tells that the session ends soon when it ends within this time, in ms. Default: 86,400,000 (a day). */
  readonly warnWithin?: number
  /** Tells a person. What it throws, or takes longer than 30 s for, is tried again with growing gaps. */
  readonly notify?: (notice: Notice) => MaybePromise<unknown>
  readonly limits?: {
    /** The gap after the first failure, in ms; it doubles with each further one. Default: 60,000. */
    readonly firstGap?: number
    /** The longest gap, in ms. Default: 21,600,000 (6 hours). */
    readonly longestGap?: number
    /** After so many refused sign-ins in a row a person is needed. Default: 3. */
    readonly refused?: number
    /** How often the `signIn` hook is called of itself within 24 hours. Default: 10. */
    readonly signInsPerDay?: number
  }
  /** Keeps counts and "has been told" beyond this process. Default: in memory. */
  readonly memory?: KeeperPlace
  /** Default: the clock of the process. */
  readonly clock?: Clock
  /** From 0 to 1. Spreads the checks of many keepers. Default: Math.random. */
  readonly random?: () => number
}

/** What a keeper tells of itself. */
export interface KeeperEvents {
  run: Run
  notice: Notice
}

export interface Keeper {
  /**
   * Renews now, whatever is due, also when a person had been asked for. Joins a run that is under way.
   * `force: false`: only what is due. `wait`: how long to wait for its end, in ms; then the run comes back as it stands, with
   * `endedAt: null`. Default: to the end.
   */
  readonly runNow: (options?: { readonly wait?: number; readonly force?: boolean }) => Promise<Run>
  readonly status: () => KeeperStatus
  /** Calls `listener` for each event of that name. Returns the way back. */
  readonly on: <Name extends keyof KeeperEvents>(
    event: Name,
    listener: (payload: KeeperEvents[Name]) => void,
  ) => () => void
  /** Forgets failures and refused sign-ins: a person has changed something, such as the password. */
  readonly reset: () => void
  /** Ends everything, the `auth` included, within a second. A renewal that is under way gets most of it to be saved. */
  readonly stop: () => Promise<void>
}
