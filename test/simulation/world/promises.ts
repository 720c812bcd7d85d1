import { isAuthError } from 'keyturn'
import type { Sim } from './sim.ts'
import type { SimTab } from './tab.ts'

export type Promised = 'ready' | 'sign_in' | 'sign_out' | 'refresh' | 'token' | 'request'

/** A promise that the kit gave to the app. */
export interface Pending {
  readonly tab: SimTab
  readonly kind: Promised
  /** When it was given, in ms for which the tab has run. */
  readonly since: number
  /** The same, in ms since the world began. */
  readonly given: number
  /** The request's own limits, in ms: its time limit, and when it is aborted. */
  readonly limits: readonly number[]
  /** How many sign-ins and sign-outs of the same tab were not settled then. */
  readonly ahead: number
}

export interface Promises {
  /** Follows a promise. Resolves with whether it was kept, once it is settled; never rejects. */
  readonly expect: (
    tab: SimTab,
    kind: Promised,
    promise: Promise<unknown>,
    limits?: readonly number[],
  ) => Promise<boolean>
  /** Those that are not settled. What a tab waited for is gone with the tab. */
  readonly pending: () => readonly Pending[]
  /** Calls back with every promise that settles. */
  readonly onSettled: (run: (pending: Pending, took: number, error: unknown) => void) => void
}

export function createPromises(sim: Sim): Promises {
  const pending = new Set<Pending>()
  const listeners: ((pending: Pending, took: number, error: unknown) => void)[] = []
  return {
    pending: () => [...pending].filter(({ tab }) => tab.fake.process.status !== 'closed'),
    onSettled: (run) => void listeners.push(run),
    expect(tab, kind, promise, limits = []) {
      const { process } = tab.fake
      const ahead = [...pending].filter((each) => each.tab === tab && /sign_/.test(each.kind)).length
      const entry: Pending = { tab, kind, since: process.ran(), given: sim.device.elapsed(), limits, ahead }
      pending.add(entry)
      const settle = (error: unknown): boolean => {
        pending.delete(entry)
        if (process.status === 'closed') return false
        if (error) {
          sim.timeline.note(tab.name, kind, 'fails:', isAuthError(error) ? error.code : (error as Error).message)
          sim.watch.told(tab, `the error of ${kind}`, error)
        }
        for (const run of listeners) run(entry, process.ran() - entry.since, error)
        return !error
      }
      return promise.then(
        () => settle(null),
        (error) => settle(error ?? new Error('nothing')),
      )
    },
  }
}
