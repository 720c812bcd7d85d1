import { setTimeout as sleep } from 'node:timers/promises'
import type { WebDriver } from 'selenium-webdriver'
import { PATIENCE } from './patience.ts'
import type { Tab } from './tabs.ts'
import type { InWindow } from './webkit-engine.ts'

/**
 * How long (ms) the driver may take to run a script, which does not wait for anything. One that a page is left under may never be
 * answered.
 */
const ANSWER = 60_000

type Answer = { readonly pending?: true; readonly error?: string; readonly value?: unknown } | null

/** A window of MiniBrowser, as a tab. What goes in and out of its pages is JSON. */
export function webkitTab(driver: WebDriver, handle: string, inWindow: InWindow): Tab {
  let calls = 0
  const unanswered = async (): Promise<never> => {
    await sleep(ANSWER, undefined, { ref: false })
    throw new Error('The driver did not answer. Perhaps the page was left meanwhile.')
  }
  const ask = (script: string, ...args: unknown[]): Promise<Answer> =>
    inWindow(handle, () => Promise.race([driver.executeScript<Answer>(script, ...args), unanswered()]))

  // WebDriver could wait for the promise, but then no other window could be asked meanwhile, and a page that is left would
  // never answer.
  const start = (run: unknown) => `
    const [name, argument] = arguments
    const answers = (window.__answers ??= {})
    const failed = (error) => ({ error: String(error) })
    try {
      const value = (${String(run)})(argument)
      if (!(value instanceof Promise)) return { value }
      answers[name] = { pending: true }
      value.then((value) => ({ value }), failed).then((answer) => { answers[name] = answer })
      return answers[name]
    } catch (error) {
      return failed(error)
    }`

  async function evaluate(run: unknown, argument?: unknown): Promise<unknown> {
    const name = `call ${calls++}`
    const until = Date.now() + PATIENCE
    let answer = await ask(start(run), name, argument)
    while (answer?.pending) {
      if (Date.now() > until) throw new Error(`No answer within ${PATIENCE} ms: ${String(run)}`)
      await sleep(20)
      answer = await ask('return window.__answers?.[arguments[0]] ?? null', name)
    }
    if (!answer) throw new Error('The page was left during the call.')
    if (answer.error) throw new Error(answer.error)
    return answer.value
  }

  return {
    evaluate: evaluate as Tab['evaluate'],
    async reload() {
      await inWindow(handle, () => driver.navigate().refresh())
      return null
    },
    async close() {
      await inWindow(handle, () => driver.close())
    },
  }
}
