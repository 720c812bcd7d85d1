import type { Ports, WakeReason } from '../../core/ports.ts'
import type { AuthStorage, StoredSession } from '../../core/types.ts'
import { readToken } from '../../tokens/read-token.ts'
import { createFakeChannels } from './fake-channels.ts'
import { createFakeLocks } from './fake-locks.ts'
import { createFakeProcess, type FakeProcess, type SteadyClock } from './fake-process.ts'

export interface FakeTab {
  readonly ports: Ports
  /** This tab's view of the storage that all tabs of the browser share. */
  readonly storage: AuthStorage
  /** Freezes, stalls or ends the tab. A `fetch` or storage of your own has to pass through it as well. */
  readonly process: FakeProcess
  /** Fires a wake signal, such as `online`. */
  wake(reason: WakeReason): void
  /** What the code in the tab still holds on to. All 0 after `auth.dispose()`. */
  held(): { readonly timers: number; readonly channels: number; readonly wakeListeners: number }
}

export interface FakeBrowserOptions {
  readonly clock: SteadyClock
  readonly fetch?: typeof fetch
  /** Default: always 0, so that nothing is jittered and retries wait the shortest time. */
  readonly random?: () => number
  /** false: a browser, or a page on plain http, without Web Locks. Default: true. */
  readonly locks?: boolean
  /** false: a browser without BroadcastChannel. Default: true. */
  readonly channels?: boolean
  /** How long (ms) a message, or the grant of a free lock, takes. Default: no time at all. */
  readonly delay?: () => number
  /** The page's address. Default: `https://app.example.test/`. */
  readonly href?: string
}

export interface FakeBrowser {
  openTab(): FakeTab
  /** What the shared storage holds now. */
  readonly stored: () => StoredSession | null
  /** Changes the storage from outside: evicts it, or edits it. */
  setStored(session: StoredSession | null): void
  /** Everything posted between tabs so far. */
  readonly messages: readonly string[]
  /** Locks held or waited for. */
  readonly lockCount: () => number
  /**
   * Takes every lock there is, as another script on the page can: from whoever holds it (`steal`), else by waiting in
   * line. Returns the way to give them back.
   */
  readonly takeLocks: (steal: boolean) => () => void
}

/** A browser with any number of tabs that share a storage, a lock manager and a channel, on one fake clock. */
export function createFakeBrowser(options: FakeBrowserOptions): FakeBrowser {
  const { clock, random = () => 0, locks = true, channels = true, delay, href = 'https://app.example.test/' } = options
  const lockManager = createFakeLocks((run) => {
    if (delay) clock.setTimeout(run, delay())
    else void Promise.resolve().then(run)
  })
  const air = createFakeChannels((deliver, listener) => {
    if (!delay) return void Promise.resolve().then(deliver)
    listener.arrival = Math.max(clock.elapsed() + delay(), listener.arrival)
    clock.setTimeout(deliver, listener.arrival - clock.elapsed())
  })
  let stored: StoredSession | null = null
  let ids = 0
  const setStored = (session: StoredSession | null): void => {
    stored = session
  }

  return {
    openTab() {
      const process = createFakeProcess(clock)
      const wakers = new Set<(reason: WakeReason) => void>()
      return {
        process,
        ports: {
          clock: process.clock,
          random,
          newId: () => `session-${++ids}`,
          fetch: options.fetch ?? (() => Promise.reject(new TypeError('There is no network here.'))),
          readToken,
          page: { href: () => href, base: () => href },
          lock: locks ? lockManager.lockOf(process) : null,
          settle: null,
          openChannel: channels ? air.openIn(process) : null,
          onWake(wake) {
            wakers.add(wake)
            return () => void wakers.delete(wake)
          },
        },
        storage: {
          key: 'fake',
          read: () => stored,
          write: (session) => process.leave(() => setStored(session)),
        },
        wake(reason) {
          if (process.cached) return
          process.enter(() => {
            for (const wake of [...wakers]) wake(reason)
          })
        },
        held: () => ({ timers: process.timers, channels: air.openCount(process), wakeListeners: wakers.size }),
      }
    },
    stored: () => stored,
    setStored,
    messages: air.messages,
    lockCount: lockManager.count,
    takeLocks: lockManager.take,
  }
}
