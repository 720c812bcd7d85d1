import { onActivity } from '../browser/activity.ts'
import { localStore } from '../browser/web-storage.ts'
import { misuse } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import type { Auth } from '../core/types.ts'

export interface IdleOptions {
  /** After how long without use a person is signed out, in ms. From 10 s to a day. */
  readonly after: number
  /** How long before that `onWarning` is called, in ms. Default: 60,000, or half of `after` if that is less. */
  readonly warnBefore?: number
  /** Names what the tabs share. Give each app on one origin a name of its own. Default: `keyturn-idle`. */
  readonly name?: string
  /** Replaces the surroundings, for tests. */
  readonly ports?: Partial<IdlePorts>
}

export interface IdlePorts {
  readonly clock: Clock
  /** What the tabs share; null where there is nothing. */
  readonly store: Pick<Storage, 'getItem' | 'setItem'> | null
  /** Calls back when somebody uses the page. */
  readonly onActivity: (run: () => void) => () => void
}

export interface IdleWatch {
  /** Called about each second while a person is about to be signed out, with what is left in ms; null: it is over. */
  readonly onWarning?: (left: number | null) => void
}

export interface IdleLimit {
  /** Whether somebody has used the app in the last 5 minutes, in whichever tab. For `createAuth({ renewWhile })`. */
  readonly isActive: () => boolean
  /** The person is there: what the button of a warning calls. Any use of any tab does the same. */
  readonly stay: () => void
  /** Begins to count. Returns the way back. */
  readonly watch: (auth: Pick<Auth, 'getState' | 'subscribe' | 'on' | 'signOut'>, options?: IdleWatch) => () => void
}

const DAY = 86_400_000
/** For how long (ms) after being used an app counts as active. */
const ACTIVE = 300_000
/** Use is noted no more often than this (ms), and a warning counts in these steps. */
const STEP = 1_000
/** A computer may sleep, and timers with it: so the clock is looked at this often (ms). */
const LOOK = 30_000

const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => globalThis.setTimeout(run, ms),
  clearTimeout: (timer) => globalThis.clearTimeout(timer as number),
}

/**
 * Signs out, in all tabs and with the reason `idle`, when nobody has used any of them for a while. The session is renewed of
 * itself only while somebody is there, if `isActive` is handed to `createAuth`.
 *
 * It is a courtesy to whoever left a computer alone. It protects from nobody who has the tokens: let the server limit idle and
 * whole life of a session, too.
 * @throws AuthError `misconfigured` for times that cannot be.
 */
export function idleLimit(options: IdleOptions): IdleLimit {
  const { after, name = 'keyturn-idle', ports = {} } = options ?? {}
  const { warnBefore = Math.min(60_000, after / 2) } = options ?? {}
  if (!(after >= 10_000 && after <= DAY)) misuse(`idleLimit: after must be from 10,000 ms to a day, not ${after}.`)
  if (!(warnBefore >= 0 && warnBefore < after))
    misuse(`idleLimit: warnBefore must be less than after, not ${warnBefore}.`)
  const { clock = systemClock } = ports
  const listen = ports.onActivity ?? onActivity
  const shared = () => (ports.store === undefined ? localStore() : ports.store)
  /** By this tab alone; where there is nothing to share, that is all there is. */
  let own = 0

  const read = (): number => {
    let other = 0
    try {
      other = Number(shared()?.getItem(name)) || 0
    } catch {
      // Blocked: each tab counts for itself.
    }
    // A clock that was moved back makes nobody use the app in the future.
    return Math.min(Math.max(other, own), clock.now())
  }
  const note = () => {
    own = clock.now()
    try {
      shared()?.setItem(name, String(own))
    } catch {
      // Blocked, or full.
    }
  }
  const left = () => read() + after - clock.now()

  return Object.freeze<IdleLimit>({
    isActive: () => clock.now() - read() < ACTIVE,
    stay: note,
    watch(auth, { onWarning = () => {} } = {}) {
      let timer: unknown
      let warned = false
      const signedIn = () => auth.getState().status === 'authenticated'
      const warn = (ms: number | null) => {
        if (ms === null && !warned) return
        warned = ms !== null
        onWarning(ms)
      }
      let before = auth.getState().status
      const look = () => {
        clock.clearTimeout(timer)
        const { status } = auth.getState()
        // Somebody signs in: they are there. (A session that is restored tells nothing.)
        if (before === 'unauthenticated' && status === 'authenticated') note()
        before = status
        if (!signedIn()) return warn(null)
        const ms = left()
        if (ms <= 0) {
          warn(null)
          void auth.signOut({ reason: 'idle' })
          return
        }
        warn(ms <= warnBefore ? ms : null)
        timer = clock.setTimeout(look, ms <= warnBefore ? Math.min(STEP, ms) : Math.min(LOOK, ms - warnBefore))
      }
      const used = () => {
        // Whoever wakes a computer up that slept for too long is not there in time.
        if (signedIn() && left() <= 0) return look()
        if (clock.now() - own < STEP) return
        note()
        if (warned) look()
      }
      // A session of before counts from when it was last used, also if no tab was open since.
      if (!read()) note()
      const stops = [listen(used), auth.subscribe(look), auth.on('signed_in', ({ by }) => by === 'this_tab' && note())]
      look()
      return () => {
        for (const stop of stops) stop()
        clock.clearTimeout(timer)
        warn(null)
      }
    },
  })
}
