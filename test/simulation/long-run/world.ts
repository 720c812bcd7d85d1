/** Many tabs of one browser, on one virtual clock, with nothing around them that grows by design. */
import { createFakeBrowser, createFakeClock, type FakeClock } from 'keyturn/testing'
import { createDevice } from '../world/device.ts'
import { createShelf } from '../world/shelf.ts'
import { createServer, ORIGIN, type Server } from './server.ts'
import { type LongTab, openTab } from './tab.ts'
import type { Tracker } from './tracker.ts'

/** How long the grant of a lock, or a message between tabs, takes (ms). */
export const GRANT = 5

export interface LongWorld extends Pick<Server, 'mock' | 'tally'> {
  readonly clock: FakeClock
  /** Lets time pass, and what is under way come to its end. */
  readonly pass: (ms: number) => Promise<void>
  readonly tabs: readonly LongTab[]
  /** Messages between tabs since this was last called: the fake channel remembers them all. */
  readonly messages: () => number
  /** The access token that a reload would find. */
  readonly stored: () => string | null
  /** Held or waited for. */
  readonly locks: () => number
}

/** @param jitters one number from 0 to 1 for each tab: what its engine draws at its start */
export function createLongWorld(jitters: readonly number[], tracker: Tracker): LongWorld {
  // Nearly all timers are an engine's look at the clock, once a minute, after which nothing is to be waited for.
  let astir = false
  const stir = (): void => {
    astir = true
  }
  const clock = createFakeClock({
    async settle() {
      while (astir) {
        astir = false
        for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate)
      }
    },
  })
  const device = createDevice(clock, 0)
  const server = createServer(clock, stir, tracker)
  const browser = createFakeBrowser({ clock: device, href: `${ORIGIN}/`, delay: () => GRANT })
  const shelf = createShelf({
    storage: 'cookies',
    https: true,
    device,
    later: () => {},
    changed: () => {},
    torn: () => {},
  })
  return {
    ...server,
    clock,
    pass(ms) {
      stir()
      return clock.advance(ms)
    },
    tabs: jitters.map((jitter) => openTab({ browser, shelf, server, stir, tracker }, jitter)),
    messages: () => (browser.messages as string[]).splice(0).length,
    stored: () => shelf.token('access'),
    locks: browser.lockCount,
  }
}
