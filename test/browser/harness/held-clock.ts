import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext, Page, Request } from 'playwright-core'
import { expect } from 'vitest'
import { eventually } from './tabs.ts'

/** How far (ms) the clock goes on at once while an engine waits for something. */
const STEP = 250

/** What an engine says of itself. */
interface Plans {
  readonly refreshing: boolean
  readonly nextRefreshAt: number | null
}

/** The clock of all tabs of a browser, which the test holds: no timer runs and no time passes but by `pass`. */
export interface HeldClock {
  readonly now: () => number
  /**
   * Lets `ms` pass in all tabs: by leaps to what their engines have planned, and by small steps while one of them is renewing. It
   * stands still while a request is on its way: the server answers at once, however slow the machine is.
   */
  readonly pass: (ms: number) => Promise<void>
  /** From now on time passes of itself again. */
  readonly letGo: () => Promise<void>
}

/**
 * Stops the clock of tabs that were opened after `context.clock.install()`. Their engine is `window.kit.auth` or
 * `window.app.auth`.
 */
export async function holdClock(context: BrowserContext, tabs: readonly Page[]): Promise<HeldClock> {
  const { clock } = context
  const underWay = new Set<Request>()
  const over = (request: Request) => void underWay.delete(request)
  context.on('request', (request) => underWay.add(request))
  context.on('requestfinished', over)
  context.on('requestfailed', over)
  let now = Date.now() + 60_000
  await clock.pauseAt(now)
  const step = async (ms: number) => {
    await sleep(5)
    await eventually(() => expect(underWay.size).toBe(0))
    now += ms
    await clock.runFor(ms)
  }
  const plans = (): Promise<Plans[]> =>
    Promise.all(tabs.map((tab) => tab.evaluate(() => (window.kit ?? window.app).auth.inspect())))
  return {
    now: () => now,
    letGo: () => clock.resume(),
    async pass(ms) {
      const end = now + ms
      for (;;) {
        const all = await plans()
        const busy = all.some(({ refreshing }) => refreshing)
        if (now >= end && !busy) return
        const due = Math.min(...all.map(({ nextRefreshAt }) => nextRefreshAt ?? Number.POSITIVE_INFINITY)) - now
        await step(busy ? STEP : Math.min(Math.max(due, STEP), end - now))
      }
    },
  }
}
