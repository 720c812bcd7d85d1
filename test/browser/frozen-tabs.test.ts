import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import {
  accessToken,
  ada,
  eventNames,
  events,
  eventually,
  grace,
  held,
  lockHolder,
  many,
  openPlainChromium,
  refreshPath,
  serveMock,
  showsUser,
  signedInOnce,
  signIn,
  signInAll,
  statuses,
  verdicts,
  withPage,
} from './harness.ts'

withPage({ concurrent: true })

/** Four tabs signed in. The first is in the background, so that it can be frozen; the last is in front. */
async function fourTabs(profile: 'strict' | 'hosted') {
  const site = await serveMock({ profile, tokenLifetime: 600, users: [ada, grace] })
  const chromium = await openPlainChromium(site.url, 4)
  const [first, ...others] = chromium.pages as [Page, ...Page[]]
  await signInAll(chromium.pages)
  return { ...chromium, site, first, others }
}

/** The first tab is frozen while it holds the lock and the server has answered it; the others want a token too. */
async function frozenWithLock(profile: 'strict' | 'hosted') {
  const start = await fourTabs(profile)
  const { site, first, others, pages, freeze } = start
  site.mock.admin.expireAccessTokens()
  const answer = site.holdAnswer(refreshPath)
  const own = many(first, '/echo', 2)
  // Where the test fails before it is thawed, the browser is closed under it.
  own.catch(() => {})
  expect(await lockHolder(pages)).toBe(first)
  await eventually(() => expect(verdicts(site)).toEqual(['rotated']))
  const thaw = await freeze(first)
  answer()
  const rest = Promise.all(others.map((tab) => many(tab, '/echo', 2))).then((outcomes) => outcomes.flat())
  return { ...start, own, rest, thaw }
}

const longest = (outcomes: readonly { readonly took: number }[]) =>
  Math.round(Math.max(...outcomes.map(({ took }) => took)))

// They mostly wait, so they do it at the same time.
describe.concurrent('a tab frozen by Chromium', () => {
  test('stands still, its lock is not given back, and it goes on where it was', async () => {
    const { first, others, freeze } = await fourTabs('strict')
    const [other] = others as [Page]
    expect(await first.evaluate(() => document.visibilityState)).toBe('hidden')
    await first.evaluate(() => {
      setInterval(() => document.body.append('.'), 100)
      void navigator.locks.request('held by the test', () => new Promise(() => {}))
    })
    const ticks = () => first.evaluate(() => document.body.textContent?.split('.').length ?? 0)
    const thaw = await freeze(first)
    const before = await ticks()
    const lock = await other.evaluate(() =>
      navigator.locks
        .request('held by the test', { signal: AbortSignal.timeout(3_000) }, () => 'given')
        .catch(({ name }) => name),
    )
    expect(lock).toBe('TimeoutError')
    expect(await ticks()).toBe(before)
    await thaw()
    await eventually(async () => expect(await ticks()).toBeGreaterThan(before))
  })

  test('with the lock, for a while: the others wait for it, and there is one refresh', async ({ annotate }) => {
    const { site, pages, own, rest, thaw } = await frozenWithLock('strict')
    await sleep(6_000)
    expect(Object.keys(statuses(site.hitsOf('/api/echo')))).toEqual(['401'])
    await thaw()
    const outcomes = await rest
    expect(statuses(outcomes)).toEqual({ 200: 6 })
    expect(statuses(await own)).toEqual({ 200: 2 })
    expect(verdicts(site)).toEqual(['rotated'])
    expect(await held(pages)).toEqual(signedInOnce)
    expect(await eventNames(...pages)).not.toContain('signed_out')
    await annotate(`thawed after 6 s: the slowest of the others took ${longest(outcomes)} ms`)
  })

  test('with the lock, for long: the others go on without it, and lose nothing where the server allows it', async ({
    annotate,
  }) => {
    const { site, pages, others, own, rest, thaw } = await frozenWithLock('hosted')
    const outcomes = await rest
    expect(statuses(outcomes)).toEqual({ 200: 6 })
    expect(longest(outcomes)).toBeLessThan(15_000)
    // Each of the others gave up waiting at the same time. No token was ever refused.
    expect(verdicts(site)[1]).toBe('reused')
    expect(verdicts(site)).not.toContain('refused')
    expect(await held(others)).toEqual(signedInOnce)
    // Longer than the thawed tab's own flight may last.
    await sleep(1_000)
    await thaw()
    expect(statuses(await own)).toEqual({ 200: 2 })
    await eventually(async () => expect(await held(pages)).toEqual(signedInOnce))
    for (const tab of pages) expect(statuses(await many(tab, '/echo', 1))).toEqual({ 200: 1 })
    expect(await eventNames(...pages)).not.toContain('signed_out')
    await annotate(`frozen for good: the others took ${longest(outcomes)} ms; ${verdicts(site).join(', ')}`)
  })

  // The new token is in a tab that does not run: for everybody else the answer is lost.
  test('with the lock, for long, and the server is strict: all tabs end signed out, the thawed one too', async ({
    annotate,
  }) => {
    const { site, pages, context, others, own, rest, thaw } = await frozenWithLock('strict')
    const outcomes = await rest
    expect(longest(outcomes)).toBeLessThan(15_000)
    expect(statuses(outcomes)).toEqual({ 401: 6 })
    await Promise.all(others.map((tab) => showsUser(tab, null)))
    await thaw()
    await own
    await Promise.all(pages.map((tab) => showsUser(tab, null)))
    const ends = (await Promise.all(pages.map(events))).map((seen) => seen.filter(({ name }) => name === 'signed_out'))
    expect(ends.map((seen) => seen.map(({ reason }) => reason))).toEqual(Array(4).fill(['rejected']))
    expect((await context.cookies()).map(({ name }) => name)).toEqual(['auth-session'])
    await annotate(`frozen for good, strict: told after ${longest(outcomes)} ms; ${verdicts(site).join(', ')}`)
  })

  test('without the lock, while the others renew twice: it takes what they have and asks nothing', async () => {
    const { site, pages, first, others, freeze } = await fourTabs('strict')
    const [other] = others as [Page]
    const old = await accessToken(first)
    const thaw = await freeze(first)
    for (let round = 1; round <= 2; round++) {
      await other.evaluate(() => window.kit.auth.refresh())
      await eventually(() => expect(site.mock.count('refresh')).toBe(round))
      // A token younger than a second is not renewed again.
      await sleep(1_100)
    }
    site.mock.admin.expireAccessTokens()
    await other.evaluate(() => window.kit.auth.refresh())
    await thaw()
    expect(statuses(await many(first, '/echo', 5))).toEqual({ 200: 5 })
    expect(await held(pages)).toEqual(signedInOnce)
    expect(await accessToken(first)).not.toBe(old)
    expect(verdicts(site)).toEqual(['rotated', 'rotated', 'rotated'])
    expect(await eventNames(...pages)).not.toContain('signed_out')
  })

  test('while somebody else signs in: it shows the new person, and sends nothing as the old one', async () => {
    const { site, first, others, freeze } = await fourTabs('strict')
    const [other] = others as [Page]
    const thaw = await freeze(first)
    await other.evaluate(() => window.kit.auth.signOut())
    await signIn(other, grace)
    const token = await accessToken(other)
    await thaw()
    await showsUser(first, grace.email)
    expect(statuses(await many(first, '/echo', 5))).toEqual({ 200: 5 })
    expect(new Set(site.hitsOf('/api/echo').map(({ bearer }) => bearer))).toEqual(new Set([token]))
    expect(site.mock.count('refresh')).toBe(0)
  })
})
