import { apart } from '../world/apart.ts'
import type { BrowserConfig } from '../world/types.ts'

/** Whether any of `wanted` is in the set. */
export const isAmong = <T>(set: ReadonlySet<T>, wanted: readonly T[]): boolean => wanted.some((each) => set.has(each))

/** Whether every tab hears every other one. */
export const talk = (browser: BrowserConfig): boolean => browser.channels && !apart(browser)
