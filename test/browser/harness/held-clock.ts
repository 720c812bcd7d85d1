import type { BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { eventually } from './tabs.ts'

/** How far (ms) the clock goes on at once while an engine waits for something. */
const STEP = 250

/** How often in a row no tab may have a request under way, before the clock goes on: what one tab lets go, another may take up. */
const QUIET = 2

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

type Counted = Window & { requestsUnderWay: number }

/** Runs in each page, before anything else. */
function countRequests(): void {
  const page = window as unknown as Counted
  page.requestsUnderWay = 0
  const { fetch } = window
  window.fetch = async (...request) => {
    page.requestsUnderWay++
    try {
      const response = await fetch(...request)
      // Until all of the answer is there.
      await response
        .clone()
        .arrayBuffer()
        .catch(() => {})
      return response
    } finally {
      page.requestsUnderWay--
    }
  }
  const { send } = XMLHttpRequest.prototype
  XMLHttpRequest.prototype.send = function (body) {
    page.requestsUnderWay++
    this.addEventListener('loadend', () => page.requestsUnderWay--, { once: true })
    send.call(this, body)
  }
}

/** How many requests a tab has under way, once it has got each lock that is free and done what was due. */
const requestsOf = (tab: Page): Promise<number> =>
  tab.evaluate(async () => {
    // The browser answers in the order in which it is asked: a lock that was free is given by then.
    await navigator.locks?.query()
    await new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = resolve
      port2.postMessage(null)
    })
    return (window as unknown as Counted).requestsUnderWay
  })

/** Gives all pages that are opened from now on a clock that `holdClock` can stop. */
export async function installClock(context: BrowserContext): Promise<void> {
  await context.clock.install()
  await context.addInitScript(countRequests)
}

/** Stops the clock of tabs that were opened after `installClock`. Their engine is `window.kit.auth` or `window.app.auth`. */
export async function holdClock(context: BrowserContext, tabs: readonly Page[]): Promise<HeldClock> {
  const { clock } = context
  let now = Date.now() + 60_000
  await clock.pauseAt(now)
  const quiet = () =>
    eventually(async () => {
      for (let times = 0; times < QUIET; times++)
        expect(await Promise.all(tabs.map(requestsOf))).toEqual(tabs.map(() => 0))
    })
  const plans = (): Promise<Plans[]> =>
    Promise.all(tabs.map((tab) => tab.evaluate(() => (window.kit ?? window.app).auth.inspect())))
  return {
    now: () => now,
    letGo: () => clock.resume(),
    async pass(ms) {
      const end = now + ms
      for (;;) {
        await quiet()
        const all = await plans()
        const busy = all.some(({ refreshing }) => refreshing)
        if (now >= end && !busy) return
        const due = Math.min(...all.map(({ nextRefreshAt }) => nextRefreshAt ?? Number.POSITIVE_INFINITY)) - now
        const ms = busy ? STEP : Math.min(Math.max(due, STEP), end - now)
        now += ms
        await clock.runFor(ms)
      }
    },
  }
}
