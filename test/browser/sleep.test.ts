import { describe, expect, test } from 'vitest'
import {
  eventNames,
  eventually,
  held,
  many,
  openPlainChromium,
  refreshPath,
  serveMock,
  signedInOnce,
  signInAll,
  statuses,
  verdicts,
  withPage,
} from './harness.ts'

withPage({ concurrent: true })

// The whole browser is stopped and continued, so its real clock has jumped and its real tokens have run out at a real
// server. These mostly wait, so they do it at the same time.
describe.concurrent('a machine that sleeps', () => {
  test('longer than the tokens live: 20 tabs wake with 1 refresh at a strict server', async ({ annotate }) => {
    const site = await serveMock({ profile: 'strict', tokenLifetime: 10 })
    const { pages, stopFor, errors } = await openPlainChromium(site.url, 20)
    await signInAll(pages)
    await stopFor(12_000)
    const woke = Date.now()
    const outcomes = (await Promise.all(pages.map((tab) => many(tab, '/echo', 2)))).flat()
    const took = Date.now() - woke
    expect(verdicts(site)).toEqual(['rotated'])
    expect(statuses(outcomes)).toEqual({ 200: 40 })
    expect(statuses(site.hitsOf('/api/echo'))).toEqual({ 200: 40 })
    await eventually(async () => expect(await held(pages)).toEqual(signedInOnce))
    expect(new Set(await eventNames(...pages))).toEqual(new Set(['signed_in', 'refreshed']))
    expect(errors).toEqual([])
    await annotate(`20 tabs slept for 12 s with 10 s tokens: 40 answers within ${took} ms of waking`)
  })

  // Phones stop the processes of a browser in the background; laptops and virtual machines stop everything. Timers that
  // are overdue at waking run before the answer that has long been there is read.
  test('during a refresh, longer than any time limit: the answer that waits is taken, and nobody is signed out', async () => {
    const site = await serveMock({ profile: 'strict', tokenLifetime: 600 })
    const { pages, stopFor, errors } = await openPlainChromium(site.url, 2)
    await signInAll(pages)
    site.mock.admin.expireAccessTokens()
    const answer = site.holdAnswer(refreshPath)
    const requests = Promise.all(pages.map((tab) => many(tab, '/echo', 2)))
    await eventually(() => expect(verdicts(site)).toEqual(['rotated']))
    await stopFor(12_000, answer)
    const outcomes = (await requests).flat()
    expect(verdicts(site)).toEqual(['rotated'])
    expect(await eventNames(...pages)).not.toContain('signed_out')
    expect(statuses(outcomes)).toEqual({ 200: 4 })
    expect(await held(pages)).toEqual(signedInOnce)
    expect(errors).toEqual([])
  })
})
