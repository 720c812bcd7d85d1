import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Fault, MockAuthOptions } from '../../src/testing/auth-server/index.ts'
import {
  crash,
  events,
  eventually,
  fallAsleep,
  held,
  lockHolder,
  openTabs,
  serveMock,
  showsUser,
  signedInOnce,
  signInAll,
  statuses,
  verdicts,
  withBrowser,
} from './harness.ts'

withBrowser()

/** 20 tabs wake with an expired token. The refresh suffers `fault`, and the tab that made it is killed meanwhile. */
async function killTheRefreshingTab(profile: NonNullable<MockAuthOptions['profile']>, fault: Fault, kill: Kill) {
  const site = await serveMock({ profile, tokenLifetime: 600 })
  const { pages, context, errors } = await openTabs(site.url, 20)
  await signInAll(pages)
  site.mock.admin.expireAccessTokens()
  site.mock.faults.next('refresh', fault)
  const wake = await fallAsleep(pages, '/echo', 2)
  const requests = wake().map((answers) => answers.catch(() => 'killed' as const))
  await eventually(() => expect(site.mock.count('refresh')).toBe(1))
  const victim = await lockHolder(pages)
  const killedAt = Date.now()
  await kill(victim)
  const outcomes = await Promise.all(requests)
  const took = Date.now() - killedAt
  expect(outcomes.filter((outcome) => outcome === 'killed')).toHaveLength(1)
  const living = pages.filter((tab) => tab !== victim)
  return { site, context, errors, living, took, outcomes: outcomes.filter((outcome) => outcome !== 'killed').flat() }
}

type Kill = (tab: Page) => Promise<void>
const close: Kill = (tab) => tab.close()

/** The server has processed the request; its answer does not come while the tab lives. */
const lost = { type: 'latency', ms: 60_000 } as const
const notYetThere = { ...lost, before: true } as const

const gone = /^(rejected|session_changed)$/

async function expectAllSignedIn({ living, outcomes, errors }: Awaited<ReturnType<typeof killTheRefreshingTab>>) {
  expect(statuses(outcomes)).toEqual({ 200: 38 })
  expect(await held(living)).toEqual(signedInOnce)
  const told = (await Promise.all(living.map(events))).flat()
  expect(new Set(told.map(({ name }) => name))).toEqual(new Set(['signed_in', 'refreshed']))
  expect(told.filter(({ name, by }) => name === 'refreshed' && by === 'this_tab')).toHaveLength(1)
  expect(errors).toEqual([])
}

test.for([
  { how: 'closed', kill: close },
  { how: 'crashed', kill: crash },
])(
  'of 20 tabs the one that refreshes is $how before its request is at a strict server: 19 stay signed in',
  async ({ how, kill }, { annotate }) => {
    const end = await killTheRefreshingTab('strict', notYetThere, kill)
    await expectAllSignedIn(end)
    // The one that was killed never got as far as a verdict.
    expect(verdicts(end.site)).toEqual([null, 'rotated'])
    await annotate(`${how} before the server: 19 tabs went on after ${end.took} ms`)
  },
)

test('of 20 tabs the one that refreshes is closed, its answer is lost, and the server hands out the token again: 19 stay signed in', async ({
  annotate,
}) => {
  const end = await killTheRefreshingTab('hosted', lost, close)
  await expectAllSignedIn(end)
  expect(verdicts(end.site)).toEqual(['rotated', 'reused'])
  await annotate(`answer lost, hosted: 19 tabs went on after ${end.took} ms`)
})

// Nothing that a client could know is left to save it: the new token went down with the tab.
test('of 20 tabs the one that refreshes crashes, its answer is lost, and a strict server ends the session: 19 say so, once', async ({
  annotate,
}) => {
  const { site, context, living, outcomes, errors, took } = await killTheRefreshingTab('strict', lost, crash)
  // A refusal is looked at twice before it is believed. Until then the next tabs ask as well, each of them once.
  const [first, ...others] = verdicts(site)
  expect(first).toBe('rotated')
  expect(new Set(others)).toEqual(new Set(['refused']))
  expect(others.length).toBeLessThanOrEqual(19)
  expect(site.hitsOf('/api/echo')).toEqual([])
  expect(outcomes).toHaveLength(38)
  // Those who heard it from the server, and those who heard it from another tab.
  for (const { status, code } of outcomes) expect([status, code]).toEqual([null, expect.stringMatching(gone)])
  await Promise.all(living.map((tab) => showsUser(tab, null)))
  const told = (await Promise.all(living.map(events))).flat().filter(({ name }) => name !== 'signed_in')
  expect(told.map(({ name, reason }) => `${name} ${reason}`)).toEqual(Array(19).fill('signed_out rejected'))
  expect((await context.cookies()).map(({ name }) => name)).toEqual(['auth-session'])
  expect(errors).toEqual([])
  await annotate(`answer lost, strict: 19 tabs signed out within ${took} ms; ${others.length} asked the server`)
})
