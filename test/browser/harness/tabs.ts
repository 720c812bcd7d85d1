import type { Page } from 'playwright-core'
import { expect, vi } from 'vitest'
import type { RefreshVerdict } from '../../../src/testing/auth-server/index.ts'
import type { Outcome, SeenEvent, User } from '../page/main.ts'
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

/** Waits for 10 s at most until `check` passes. */
export const eventually = (check: () => Promise<void> | void): Promise<void> =>
  vi.waitFor(check, { timeout: 10_000, interval: 20 })

export const sessionId = (tab: Tab): Promise<string | null> => tab.evaluate(() => window.kit.auth.inspect().sessionId)

export const accessToken = (tab: Tab): Promise<string | null> => tab.evaluate(() => window.kit.auth.getAccessToken())

export const statuses = (outcomes: readonly { readonly status: number | null }[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { status } of outcomes) counts[String(status)] = (counts[String(status)] ?? 0) + 1
  return counts
}

/** Sends `count` requests in a tab, at the real time `at` or at once. */
export const many = (tab: Tab, path: string, count: number, at = 0): Promise<readonly Outcome[]> =>
  tab.evaluate(
    async ([path, count, at]) => {
      await window.kit.until(at)
      return window.kit.many(path, count)
    },
    [path, count, at] as const,
  )

/** The moment, a little later, at which all tabs wake from a sleep of an hour. */
export async function sleepInAll(...tabs: Tab[]): Promise<number> {
  const at = Date.now() + 1_500 + 100 * tabs.length
  await Promise.all(tabs.map((tab) => tab.evaluate(([at, ms]) => window.kit.sleep(at, ms), [at, 3_600_000] as const)))
  expect(Date.now(), 'all tabs know before it happens').toBeLessThan(at)
  return at
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
