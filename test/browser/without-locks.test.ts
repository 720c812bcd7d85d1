import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import {
  eventNames,
  events,
  eventually,
  held,
  openTabs,
  serveMock,
  sessionId,
  showsUser,
  signedInOnce,
  signInAll,
  sleepAndSend,
  statuses,
  verdicts,
  withBrowser,
} from './harness.ts'

withBrowser()

/** `count` tabs on plain http, where there are no Web Locks, wake at once with an expired token and send 2 requests each. */
async function wakeWithoutLocks(profile: 'strict' | 'hosted', count: number) {
  const site = await serveMock({ profile, tokenLifetime: 600 })
  const tabs = await openTabs(`http://app.example.test:${site.port}/`, count)
  const [first] = tabs.pages as [Page]
  expect(await first.evaluate(() => [window.isSecureContext, 'locks' in navigator])).toEqual([false, false])
  await signInAll(tabs.pages)
  const id = await sessionId(first)
  site.mock.admin.expireAccessTokens()
  const outcomes = await sleepAndSend(tabs.pages, '/echo', 2)
  return { ...tabs, site, first, id, outcomes }
}

test.for([2, 20])(
  'on plain http, without Web Locks, %i tabs wake with expired tokens and nobody is signed out',
  async (count, { annotate }) => {
    const { site, pages, context, first, id, outcomes, errors } = await wakeWithoutLocks('hosted', count)
    expect(statuses(outcomes)).toEqual({ 200: 2 * count })
    const seen = verdicts(site)
    expect(seen.length).toBeGreaterThanOrEqual(1)
    expect(seen.length).toBeLessThanOrEqual(count)
    await eventually(async () => expect(await held(pages)).toEqual(signedInOnce))
    // What the tabs hold in the end is good for another refresh.
    for (const tab of pages.slice(-2)) {
      await tab.evaluate(() => window.kit.auth.refresh())
      expect(await sessionId(tab)).toBe(id)
    }
    expect(verdicts(site)).not.toContain('refused')
    expect(await eventNames(...pages)).not.toContain('signed_out')
    const cookies = (await context.cookies()).map(({ name, secure }) => [name, secure])
    expect(cookies).toContainEqual(['refresh-token', false])
    // Sign-out reaches the other tabs here too.
    await first.evaluate(() => window.kit.auth.signOut())
    await Promise.all(pages.map((tab) => showsUser(tab, null)))
    expect(errors).toEqual([])
    await annotate(`plain http, no locks, hosted: ${seen.length} refreshes for ${count} tabs, 0 refused`)
  },
)

// Without a lock two tabs may spend one token at once, and such a server then ends the session. What is left to ask for is
// that all tabs say the same.
test('on plain http a strict server may end the session, but never for some of 20 tabs only', async ({ annotate }) => {
  const { site, pages, context, outcomes, errors } = await wakeWithoutLocks('strict', 20)
  expect(outcomes).toHaveLength(40)
  const alive = site.mock.admin.sessions().some(({ live }) => live)
  if (alive) {
    await eventually(async () => expect(await held(pages)).toEqual(signedInOnce))
    expect(verdicts(site)).not.toContain('refused')
  } else {
    // Who has taken over the tokens of the winner has seen them refused, and asks for new ones when 30 s have passed.
    await sleepAndSend(pages, '/echo', 1)
    await Promise.all(pages.map((tab) => showsUser(tab, null)))
    for (const tab of pages) {
      const ends = (await events(tab)).filter(({ name }) => name === 'signed_out')
      expect(ends.map(({ reason }) => reason)).toEqual(['rejected'])
    }
    expect((await context.cookies()).map(({ name }) => name)).toEqual(['auth-session'])
  }
  expect(errors).toEqual([])
  await annotate(`plain http, no locks, strict: ${alive ? 'kept' : 'ended'} by ${verdicts(site).length} refreshes`)
})
