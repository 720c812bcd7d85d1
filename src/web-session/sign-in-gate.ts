/** Pure functions: when the sign-in hook may be called. More tries with the same password only lock an account. */
import type { Fault } from '../node/keeper/types.ts'

/** What is remembered of sign-ins by the hook, over all processes. */
export interface SignIns {
  /** Refused ones since the last success. */
  readonly refused: number
  /** None before this time, in ms since 1970. */
  readonly notBefore: number
  /** Why none at all, until a person has done something. */
  readonly blocked: Fault | null
}

export interface SignInLimits {
  /** The shortest time (ms) between two sign-ins; it doubles with each refused one. Default: 60,000. */
  readonly gap?: number
  /** The longest, in ms. Default: 21,600,000 (6 hours). */
  readonly longestGap?: number
  /** After so many refused ones in a row a person is needed. Default: 3. */
  readonly refused?: number
}

export const DEFAULT_LIMITS: Required<SignInLimits> = { gap: 60_000, longestGap: 6 * 3_600_000, refused: 3 }

export const NO_SIGN_INS: SignIns = { refused: 0, notBefore: 0, blocked: null }

/** How long (ms) to wait; 0: now. A time too far ahead is of a clock that has been set back. */
export const waitFor = ({ notBefore }: SignIns, { longestGap }: Required<SignInLimits>, now: number): number =>
  notBefore - now > longestGap ? 0 : Math.max(notBefore - now, 0)

/** Before the hook is called: a process that dies within it has tried, too. */
export const tried = (before: SignIns, { gap, longestGap }: Required<SignInLimits>, now: number): SignIns => ({
  ...before,
  notBefore: now + Math.min(gap * 2 ** before.refused, longestGap),
})

export function refused(before: SignIns, limits: Required<SignInLimits>, why: Fault, now: number): SignIns {
  const count = before.refused + 1
  const next = tried({ ...before, refused: count }, limits, now)
  return count >= limits.refused ? { ...next, blocked: why } : next
}

export const blocked = (before: SignIns, why: Fault): SignIns => ({ ...before, blocked: why })

export const succeeded = (before: SignIns): SignIns => ({ ...before, refused: 0, blocked: null })
