/** Pure functions over what a tab remembers. They are told the time; they never look at a clock. */
import { AuthError } from './errors.ts'
import type { Ending, Found } from './reconcile.ts'
import { dueAt, isExpired, type Lead, type Session } from './session.ts'
import type { AuthInspection, AuthState } from './types.ts'

/** A session this young (ms) is not renewed again: it would not help. */
const MIN_INTERVAL = 1_000
/** A request, or `auth.refresh()`, may try again when the last try is this old (ms). */
const CALL_AFTER = 3_000
const MINUTE = 60_000
/** Orders stay whole numbers that can be told from the next. */
const LARGEST = 2 ** 52

export type By = 'this_tab' | 'other_tab'

/** Refreshes of the tokens in memory fail. */
export interface Trouble {
  readonly error: AuthError
  readonly at: number
  /** How long after that (ms) the next try may start; Infinity: only the app can help. */
  readonly pause: number
  /** How many failed in a row. */
  readonly failures: number
  /** How often the server refused, in the same words, what may yet be good. */
  readonly doubts: number
  /** How many of them requests and `refresh()` had asked for, and when the last of these was. */
  readonly calls: number
  readonly calledAt: number
}

/** All that a tab remembers. Only the keeper changes it, and never in place. */
export interface Memory {
  readonly session: Session | null
  /** Goes with the tokens that it is about. */
  readonly trouble: Trouble | null
  /** When, and by which tab, the session was last renewed since this engine began, and whether that told the user. */
  readonly renewed: { readonly at: number; readonly by: By; readonly told: boolean } | null
  /** When some tab last asked the server for new tokens. */
  readonly tried: number
  /** The last end that this tab knows of. */
  readonly over: Ending | null
  /** The id of the session that was here before nobody was. */
  readonly last: string | null
  /** Whether storage took what memory holds. */
  readonly saved: boolean
}

export const EMPTY: Memory = {
  session: null,
  trouble: null,
  renewed: null,
  tried: -Infinity,
  over: null,
  last: null,
  saved: true,
}

/** The order of the last sign-in or sign-out that is known, or was found. */
export const highest = ({ session, over }: Memory, found: Found | undefined): number =>
  Math.max(session?.order ?? 0, over?.order ?? 0, found && found !== 'foreign' ? found.order : 0)

/** The order of a sign-in or sign-out of now. */
export const nextOrder = (memory: Memory, found: Found | undefined, now: number): number =>
  Math.min(Math.max(highest(memory, found) + 1, Math.floor(now), 1), LARGEST)

/** How long ago; a clock that was moved back counts as no time. */
const since = (at: number, now: number): number => Math.abs(now - at)

/** For how long (ms) the session is still too young to be renewed again. */
export const youth = ({ renewed }: Memory, now: number): number =>
  renewed ? Math.max(MIN_INTERVAL - since(renewed.at, now), 0) : 0

/** How long (ms) until the next try after a failure may start. Infinity: only the app can help. */
export const pause = ({ trouble }: Memory, now: number): number =>
  // In whole ms: a part of one would ring the alarm for ever at the same instant.
  trouble ? Math.ceil(Math.max(trouble.pause - since(trouble.at, now), 0)) : 0

/**
 * Whether a request, or `auth.refresh()` (`app`), may make the engine try now, before its pause is over. While the server
 * has asked to wait (`Retry-After`), only the app may, once a minute.
 */
export function mayCall({ trouble, tried }: Memory, app: boolean, now: number): boolean {
  if (!trouble) return true
  const { error, at, calls, calledAt } = trouble
  const asked = since(at, now) < (error.retryAfter ?? 0)
  if (asked) return app && since(calledAt, now) >= MINUTE
  const distance = Math.min(1_000 * 2 ** (calls - 1), MINUTE)
  return since(Math.max(at, tried), now) >= CALL_AFTER && since(calledAt, now) >= distance
}

/** When the session is to be renewed, of itself or as the next try after a failure; null for never. */
export function refreshAt(memory: Memory, lead: Lead, jitter: number, now: number): number | null {
  const { session, trouble } = memory
  const due = trouble ? now + pause(memory, now) : session && dueAt(session, lead, jitter, now)
  // Tokens taken over from another tab may be due at once, but are too young here to be renewed.
  return due && Math.max(due, now + youth(memory, now))
}

/** When to look at the clock again; null for never. */
export function nextAlarm(memory: Memory, lead: Lead, jitter: number, now: number): number | null {
  const { session, trouble } = memory
  if (!session) return null
  const at = refreshAt(memory, lead, jitter, now)
  const { expiresAt } = session
  // While refreshes fail, also ring at the expiry: from then on the failure is the person's problem.
  return trouble && expiresAt && expiresAt > now ? Math.min(at ?? expiresAt, expiresAt) : at
}

/** Why there are no new tokens: the last failure, and when that was. */
export function stale({ trouble }: Memory, now: number): AuthError {
  if (!trouble) return new AuthError('unavailable', 'No new token could be had in time.')
  const { error, at } = trouble
  const seconds = Math.round((now - at) / 1000)
  if (seconds < 1) return error
  const { code, message, status, serverCode, retryAfter } = error
  return new AuthError(code, `${message} (${seconds} s ago)`, { cause: error, status, serverCode, retryAfter })
}

/** Whether two users are the same by value. What cannot be compared is the same only as itself. */
export function sameUser(one: unknown, other: unknown): boolean {
  try {
    return one === other || JSON.stringify(one) === JSON.stringify(other)
  } catch {
    return false
  }
}

/** What the app is shown of the session. `shown`: what it is shown now. */
export function show<User>({ session, trouble }: Memory, shown: AuthState<User>, now: number): AuthState<User> {
  const expired = isExpired(session, now)
  const problem = trouble && (expired || trouble.pause === Infinity) ? trouble.error : null
  // Before its first renewal is through or has failed, a session that has expired is still being restored.
  if (!session || (expired && !trouble && shown.status === 'loading')) return shown
  if (!session.version && shown.status !== 'loading') return shown
  const told = session.user ?? session.claims
  if (!told && !session.usable) return { status: 'loading', user: null, problem }
  const user = told ?? {}
  // By value: an answer that tells the same user again renders nothing.
  return { status: 'authenticated', user: (sameUser(user, shown.user) ? shown.user : user) as User, problem }
}

/** What may be told of memory: no token, no user. */
export function told({
  session,
  trouble,
  renewed,
  saved,
}: Memory): Omit<AuthInspection, 'status' | 'backend' | 'nextRefreshAt' | 'refreshing' | 'lock'> {
  const { id = null, version = 0, receivedAt = null, expiresAt = null, skew = 0 } = session ?? {}
  const { error = null, failures = 0 } = trouble ?? {}
  return {
    sessionId: id,
    version,
    receivedAt,
    expiresAt,
    lastRefreshAt: renewed?.at ?? null,
    lastRefreshBy: renewed?.by ?? null,
    failures,
    lastError: error && { code: error.code, message: error.message },
    skew,
    persisted: saved,
  }
}
