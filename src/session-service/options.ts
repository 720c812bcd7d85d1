import type { Clock } from './contract/clock.ts'
import type { Log } from './contract/log.ts'
import type { Rate } from './handler/rate-limit.ts'
import type { KeySource } from './keys/key-source.ts'
import type { SessionStore } from './stores/store.ts'

export interface SessionServiceOptions {
  /** Where signing keys come from: `secretsService({ url, token })`, or `fixedKeys([…])`. */
  readonly keys: KeySource
  /**
   * The tokens of the services that may call, each at least 16 characters. Several, so that one can be replaced without a gap.
   * Default: none, and then every call is refused.
   */
  readonly callers?: readonly string[]
  /** Default: `memoryStore()`, for one process. */
  readonly store?: SessionStore
  /** Seconds that a session lives without being extended. Default: 86,400 (a day). */
  readonly ttl?: number
  /** Seconds that a session lives at most, however often it is extended. Default: 30 days. */
  readonly maxLifetime?: number
  /**
   * Seconds of `ttl` that must have passed before an extension is written. What comes earlier is answered with the present
   * end, so that many tabs and callers cost one write. Default: a tenth of `ttl`. 0 writes each time.
   */
  readonly extendFrom?: number
  /** Lets the holder of a session refresh, validate and end this one session with its id as bearer. Default: false. */
  readonly selfService?: boolean
  /** The origins whose pages may do so. Needed with `selfService`. */
  readonly origins?: readonly string[]
  /** Who may ask how often. */
  readonly rates?: Rates
  /** Bytes of a body. Default: 16,384. */
  readonly bodyLimit?: number
  /** Seconds that an `Idempotency-Key` is remembered. Default: 86,400. */
  readonly idempotencyFor?: number
  /** Seconds after which the keys are asked for again. Default: 60. */
  readonly keysEvery?: number
  /** Default: the system's. */
  readonly clock?: Clock
  /** Told of failures, and of nothing that holds an id. Default: nobody. */
  readonly log?: Log
  /** Whether each request is a line of the log: its route, status and time. Default: false. */
  readonly logRequests?: boolean
}

/** `null` is without a limit. */
export interface Rates {
  /** Each caller token. Default: null. */
  readonly callers?: Rate | null
  /** Each session, where it serves itself. Default: 10 a second, 20 at once. */
  readonly sessions?: Rate | null
  /** Each address that shows no caller token or a forged id. Default: 20 a second, 100 at once. */
  readonly strangers?: Rate | null
}
