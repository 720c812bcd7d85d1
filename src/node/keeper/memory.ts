/** Pure functions over what a keeper remembers. They are told the time; they never look at a clock. */
import type { Fault, KeeperMemory, KeeperMetrics, KeeperOptions } from './types.ts'

const DAY = 86_400_000

export const EMPTY: KeeperMemory = {
  person: null,
  toldOfEnd: null,
  failures: 0,
  pausedUntil: 0,
  refused: 0,
  signIns: [],
  since: null,
  renewed: 0,
  totals: { renewals: 0, failures: 0, ended: 0, life: 0, renewalsOfEnded: 0 },
}

export type Limits = Required<NonNullable<KeeperOptions['limits']>>

export const DEFAULT_LIMITS: Limits = { firstGap: 60_000, longestGap: 6 * 3_600_000, refused: 3, signInsPerDay: 10 }

/** Passing trouble: the gap doubles with each failure. `jitter` from 0 to 1 adds up to a tenth. */
export function failed(
  memory: KeeperMemory,
  { firstGap, longestGap }: Limits,
  now: number,
  jitter: number,
): KeeperMemory {
  const failures = memory.failures + 1
  const gap = Math.min(firstGap * 2 ** (failures - 1), longestGap)
  const totals = { ...memory.totals, failures: memory.totals.failures + 1 }
  return { ...memory, failures, pausedUntil: now + gap * (1 + jitter / 10), totals }
}

/** It works again, or works still. */
export const succeeded = (memory: KeeperMemory): KeeperMemory => ({
  ...memory,
  person: null,
  failures: 0,
  pausedUntil: 0,
  refused: 0,
})

export const renewed = (memory: KeeperMemory, now: number): KeeperMemory => ({
  ...succeeded(memory),
  since: memory.since ?? now,
  renewed: memory.renewed + 1,
  totals: { ...memory.totals, renewals: memory.totals.renewals + 1 },
})

/** A new session. Refused sign-ins are over; that the hook has been called today is not. */
export const began = (memory: KeeperMemory, now: number): KeeperMemory => ({
  ...succeeded(memory),
  toldOfEnd: null,
  since: now,
  renewed: 0,
})

/** The session is over. What a person ends on purpose does not count as lost. */
export function ended(memory: KeeperMemory, now: number, onPurpose: boolean): KeeperMemory {
  const { since, renewed: count, totals } = memory
  const counted =
    since === null || onPurpose
      ? totals
      : {
          ...totals,
          ended: totals.ended + 1,
          life: totals.life + Math.max(now - since, 0),
          renewalsOfEnded: totals.renewalsOfEnded + count,
        }
  return { ...memory, since: null, renewed: 0, totals: counted }
}

/** A person is needed. One who has been asked for is not asked for again. */
export const needsPerson = (memory: KeeperMemory, why: Fault, now: number): KeeperMemory =>
  memory.person
    ? { ...memory, person: { ...memory.person, why } }
    : { ...memory, person: { since: now, why, told: false } }

/** Notes that the hook is called now; null: not again today. */
export function countSignIn(memory: KeeperMemory, { signInsPerDay }: Limits, now: number): KeeperMemory | null {
  const signIns = memory.signIns.filter((at) => Math.abs(now - at) < DAY)
  return signIns.length < signInsPerDay ? { ...memory, signIns: [...signIns, now] } : null
}

export function metricsOf({ totals }: KeeperMemory): KeeperMetrics {
  const { renewals, failures, ended: count, life, renewalsOfEnded } = totals
  return {
    renewals,
    failures,
    ended: count,
    meanLife: count ? life / count : null,
    renewalsPerSession: count ? renewalsOfEnded / count : null,
  }
}
