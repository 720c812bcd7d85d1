import type { Page } from 'playwright-core'
import { expect, vi } from 'vitest'
import type { RefreshVerdict } from '../../../src/testing/auth-server/index.ts'
import type { Outcome, SeenEvent, User } from '../page/main.ts'
import { PATIENCE } from './patience.ts'
import type { Site } from './site.ts'

export const ada = { email: 'ada@example.test', password: 'correct-horse' }
export const grace = { email: 'grace@example.test', password: 'battery-staple' }

/** A tab of any browser, on the test page. */
export type Tab = Pick<Page, 'evaluate' | 'reload' | 'close'>

export const signIn = (tab: Tab, who: typeof ada = ada): Promise<User> =>
  tab.evaluate((credentials) => window.kit.auth.signIn(credentials), who)

/** Signs in in the first tab, and waits until all tabs show it. */
export async function signInAll(tabs: readonly Tab[], who: typeof ada = ada): Promise<void> {
  const [first] = tabs
  if (first) await signIn(first, who)
  await Promise.all(tabs.map((tab) => showsUser(tab, who.email)))
}

/** Waits until the tab shows somebody, or nobody. */
export async function showsUser(tab: Tab, email: string | null): Promise<void> {
  await eventually(async () => {
    const seen = await tab.evaluate(() => [
      document.querySelector('main')?.dataset.status,
      document.querySelector('#user')?.textContent,
    ])
    expect(seen).toEqual(email ? ['authenticated', email] : ['unauthenticated', ''])
  })
}

/** Waits until `check` passes. */
export const eventually = (check: () => Promise<void> | void): Promise<void> =>
  vi.waitFor(check, { timeout: PATIENCE, interval: 20 })

export const sessionId = (tab: Tab): Promise<string | null> => tab.evaluate(() => window.kit.auth.inspect().sessionId)

export const accessToken = (tab: Tab): Promise<string | null> => tab.evaluate(() => window.kit.auth.getAccessToken())

export const statuses = (outcomes: readonly { readonly status: number | null }[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { status } of outcomes) counts[String(status)] = (counts[String(status)] ?? 0) + 1
  return counts
}

/** Sends `count` requests in a tab. */
export const many = (tab: Tab, path: string, count: number): Promise<readonly Outcome[]> =>
  tab.evaluate(([path, count]) => window.kit.many(path, count), [path, count] as const)

const HOUR = 3_600_000

/**
 * Lets the tabs fall asleep for `ms` (default: an hour). They wake when the function that it resolves with is called, all at the
 * same moment, and each then sends `count` requests; it returns what becomes of them, tab by tab.
 */
export async function fallAsleep(
  tabs: readonly Tab[],
  path: string,
  count: number,
  ms: number = HOUR,
): Promise<() => Promise<readonly Outcome[]>[]> {
  await Promise.all(
    tabs.map((tab) =>
      tab.evaluate(([ms, path, count]) => window.kit.sleep(ms, path, count), [ms, path, count] as const),
    ),
  )
  return () => {
    const woken = tabs[0]?.evaluate(() => window.kit.wake())
    return tabs.map(async (tab) => {
      await woken
      return tab.evaluate(() => window.kit.sent)
    })
  }
}

/** The tabs wake at the same moment from a sleep, send `count` requests each, and have their answers. */
export async function sleepAndSend(tabs: readonly Tab[], path: string, count: number, ms?: number) {
  const wake = await fallAsleep(tabs, path, count, ms)
  return (await Promise.all(wake())).flat()
}

export const events = (tab: Tab): Promise<readonly SeenEvent[]> => tab.evaluate(() => window.kit.events)

export const eventNames = async (...tabs: Tab[]): Promise<readonly string[]> =>
  (await Promise.all(tabs.map(events))).flat().map(({ name }) => name)

/** Each status that a tab has rendered, oldest first. */
export const shown = (tab: Tab): Promise<readonly string[]> =>
  tab.evaluate(() => window.kit.views.map(({ status }) => status))

/** What the tabs hold: session, and the signature of the access token. One entry when all hold the same. */
export async function held(tabs: readonly Tab[]): Promise<readonly string[]> {
  const all = tabs.map(async (tab) => `${await sessionId(tab)} ${(await accessToken(tab))?.slice(-8)}`)
  return [...new Set(await Promise.all(all))]
}

export const signedInOnce: unknown[] = [expect.stringMatching(/^\S{8,} \S{8}$/)]

/** The tab that holds the refresh lock. */
export async function lockHolder<T extends Tab>(tabs: readonly T[]): Promise<T> {
  let holder: T | undefined
  await eventually(async () => {
    const locks = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.kit.auth.inspect().lock)))
    expect(locks.filter((lock) => lock === 'held')).toHaveLength(1)
    holder = tabs[locks.indexOf('held')]
  })
  return holder as T
}

/** What became of each refresh, in order of arrival; null where the server did not get to it. */
export const verdicts = ({ mock }: Site): readonly (RefreshVerdict | null)[] =>
  mock.log.filter(({ call }) => call === 'refresh').map(({ verdict }) => verdict)
