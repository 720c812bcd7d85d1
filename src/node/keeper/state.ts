import type { Clock } from '../../core/ports.ts'
import type { SignedOutReason } from '../../core/types.ts'
import { faultOf } from './fault.ts'
import { began, DEFAULT_LIMITS, ended, failed, type Limits, needsPerson, renewed, succeeded } from './memory.ts'
import { createNotices } from './notices.ts'
import { createRecall } from './recall.ts'
import type { Fault, Keeper, KeeperEvents, KeeperMemory, KeeperOptions, Notice, Run } from './types.ts'

const DAY = 86_400_000

interface Seen {
  readonly lastError: Fault | null
  readonly checkedAt: number | null
  readonly valid: boolean | null
  readonly lastRun: Run | null
}

/** What a keeper knows: the only writer of its memory, and the only one who tells. */
export interface State {
  readonly name: string
  readonly limits: Limits
  readonly memory: () => KeeperMemory
  readonly seen: () => Seen
  readonly on: Keeper['on']
  /** When the session itself ends, as far as anybody can tell. */
  endsAt(): number | null
  change(next: KeeperMemory): void
  checked(valid: boolean): void
  /** It works. */
  works(): void
  failed(error: unknown): Fault
  callPerson(error: unknown): Fault
  /** Tells of an end that is near. */
  forecast(): void
  ran(run: Run): void
  reset(): void
  /** Waits for a notice that is on its way. */
  finish(ms: number): Promise<void>
  close(): void
}

/** By the hand of a person. */
export const onPurpose = (reason: SignedOutReason): boolean => reason === 'signed_out' || reason === 'other_tab'

export function createState(options: KeeperOptions, clock: Clock, random: () => number, life: AbortSignal): State {
  const { auth, name = 'session', warnWithin = DAY, notify } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const { memory, change } = createRecall(options.memory)
  const listeners = new Set<{ event: keyof KeeperEvents; run: (payload: never) => void }>()
  let seen: Seen = { lastError: null, checkedAt: null, valid: null, lastRun: null }

  const emit = <Name extends keyof KeeperEvents>(event: Name, payload: KeeperEvents[Name]): void => {
    for (const listener of [...listeners]) {
      if (listener.event !== event) continue
      try {
        listener.run(payload as never)
      } catch {
        // A listener's own affair.
      }
    }
  }
  const notices = createNotices(notify, clock, life, ({ type, endsAt }) => {
    const { person } = memory()
    if (type === 'person_needed' && person) change({ ...memory(), person: { ...person, told: true } })
    if (type === 'expiring_soon') change({ ...memory(), toldOfEnd: endsAt })
  })
  const tell = (type: Notice['type'], why: Fault | null, endsAt: number | null = null): void => {
    const notice = Object.freeze<Notice>({ type, name, at: clock.now(), why, endsAt })
    emit('notice', notice)
    notices.tell(notice)
  }
  const endsAt = (): number | null => {
    const at = options.endsAt?.() ?? null
    return Number.isFinite(at) ? at : null
  }
  /** What a person was called for is over. */
  const recovered = (next: KeeperMemory): void => {
    const { person } = memory()
    change(next)
    if (!person) return
    notices.drop('person_needed')
    if (person.told) tell('recovered', null)
  }
  /** Here: a process that ended before the notice had arrived leaves it to the next. */
  let announced = false
  let announcedEnd: number | null = null
  const callPerson = (error: unknown): Fault => {
    const why = faultOf(error)
    seen = { ...seen, lastError: why }
    const before = memory().person
    change(needsPerson(memory(), why, clock.now()))
    // One whom another process has told of it has been told.
    if (!before || (!before.told && !announced)) tell('person_needed', why)
    announced = true
    return why
  }

  const checked = (valid: boolean): void => {
    seen = { ...seen, valid, checkedAt: clock.now() }
  }

  const leave = [
    auth.on('signed_in', () => {
      announced = false
      recovered(began(memory(), clock.now()))
    }),
    auth.on('refreshed', () => {
      announced = false
      recovered(renewed(memory(), clock.now()))
    }),
    auth.on('signed_out', ({ reason }) => {
      const purpose = onPurpose(reason)
      change(ended(memory(), clock.now(), purpose))
      if (!purpose) checked(false)
    }),
    auth.on('refresh_failed', ({ error, retryAt }) => {
      if (retryAt === null && error.code === 'interaction_required') callPerson(error)
    }),
  ]
  const left = memory().person
  if (left && !left.told) {
    announced = true
    tell('person_needed', left.why)
  }
  void auth.ready.then(() => {
    if (auth.getState().status !== 'authenticated') return
    const { person, since } = memory()
    // Somebody has signed in, or renewed it, in another process.
    const newer = person && (auth.inspect().receivedAt ?? 0) > person.since
    if (newer) recovered(succeeded(memory()))
    if (since === null || newer) change({ ...memory(), since: auth.inspect().receivedAt ?? clock.now() })
  })

  return {
    name,
    limits,
    memory,
    seen: () => seen,
    on(event, run) {
      const listener = { event, run: run as (payload: never) => void }
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    endsAt,
    change,
    checked,
    works() {
      announced = false
      if (memory().person || memory().failures || memory().refused) recovered(succeeded(memory()))
      seen = { ...seen, lastError: null }
    },
    failed(error) {
      const fault = faultOf(error)
      seen = { ...seen, lastError: fault }
      change(failed(memory(), limits, clock.now(), random()))
      return fault
    },
    callPerson,
    forecast() {
      const at = endsAt()
      const { toldOfEnd } = memory()
      if (at === null || at === toldOfEnd || at === announcedEnd) return
      if (at - clock.now() > warnWithin || at <= clock.now()) return
      announcedEnd = at
      tell('expiring_soon', null, at)
    },
    ran(run) {
      seen = { ...seen, lastRun: run }
      emit('run', run)
    },
    reset() {
      announced = false
      notices.drop('person_needed')
      change(succeeded(memory()))
    },
    finish: notices.finish,
    close() {
      for (const stop of leave) stop()
      notices.close()
      listeners.clear()
    },
  }
}
