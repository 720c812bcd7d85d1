import { describe, expect, it, vi } from 'vitest'
import { createKeeper } from '../../../src/node/keeper/create-keeper.ts'
import type { KeeperOptions } from '../../../src/node/keeper/types.ts'
import { fakeSite, rejected, unavailable } from './fake-auth.ts'
import { DAY, HOUR, keep, keeper, MINUTE, notices, runs, signIn, site, visit } from './stage.ts'

describe('what is due', () => {
  it('is what is older than it may be, and nothing before', async () => {
    await signIn()
    keep({ checkEvery: 6 * HOUR, renewIfOlderThan: 2 * DAY })
    await site.clock.advance(DAY)
    expect(site.refreshes).toEqual([])
    expect(new Set(runs)).toEqual(new Set(['fresh']))
    const before = keeper.status().nextRunAt ?? 0
    await site.clock.advance(DAY + HOUR)
    expect(site.refreshes).toHaveLength(1)
    expect(keeper.status().nextRunAt).toBeGreaterThan(before)
    await site.clock.advance(DAY)
    expect(site.refreshes).toHaveLength(1)
  })

  it('is what ends soon, looked for in time', async () => {
    visit(fakeSite(7_200))
    await signIn()
    keep({ checkEvery: DAY, renewBefore: HOUR })
    await site.clock.advance(HOUR - 1)
    expect(site.refreshes).toEqual([])
    await site.clock.advance(2)
    expect(site.refreshes).toHaveLength(1)
  })

  it('is what the site says does not work, however young', async () => {
    let works = true
    await signIn()
    keep({ checkEvery: DAY, healthEvery: HOUR, health: () => works })
    await site.clock.advance(HOUR + 1)
    expect(keeper.status()).toMatchObject({ valid: true, active: true })
    expect(site.refreshes).toEqual([])
    works = false
    await site.clock.advance(HOUR)
    expect(site.refreshes).toHaveLength(1)
    expect(keeper.status()).toMatchObject({ valid: false, state: 'failing', checkedAt: expect.any(Number) })
    works = true
    await site.clock.advance(HOUR)
    expect(keeper.status()).toMatchObject({ valid: true, state: 'ok', failCount: 0, lastError: null })
  })

  it('is unknown where the health check fails: nothing is renewed for it', async () => {
    await signIn()
    keep({ health: () => Promise.reject(new Error('no network')) })
    await site.clock.advance(3 * HOUR)
    expect(site.refreshes).toEqual([])
    expect(keeper.status().valid).toBe(null)
  })

  it('is spread, so that many keepers do not ask together', async () => {
    await signIn()
    keep({ random: () => 1, checkEvery: HOUR })
    await site.clock.advance(1)
    expect((keeper.status().nextRunAt ?? 0) - site.clock.now()).toBeLessThan(HOUR - 5 * MINUTE)
  })
})

describe('runNow', () => {
  it('renews whatever is due, and joins what is under way', async () => {
    site.delay = 100
    const signed = signIn()
    await site.clock.advance(100)
    await signed
    keep({ timer: false })
    await site.clock.advance(2_000)
    const both = Promise.all([keeper.runNow(), keeper.runNow()])
    await site.clock.advance(200)
    const [one, other] = await both
    expect(one).toEqual(other)
    expect(one).toMatchObject({ outcome: 'renewed', error: null, endedAt: site.clock.now() - 100 })
    expect(site.refreshes).toHaveLength(1)
  })

  it('makes a run that had found nothing due renew all the same', async () => {
    await signIn()
    await site.clock.advance(2_000)
    let asked = 0
    keep({
      health: async () => {
        if (++asked === 1) await new Promise<void>((resolve) => void site.clock.setTimeout(resolve, 50))
        return true
      },
    })
    await site.clock.advance(10)
    expect(keeper.status().running).not.toBe(null)
    const run = keeper.runNow()
    await site.clock.advance(100)
    expect(await run).toMatchObject({ outcome: 'renewed' })
  })

  it('answers with the run as it stands when it has waited long enough', async () => {
    await signIn()
    await site.clock.advance(2_000)
    site.delay = 1_000
    keep({ timer: false })
    const early = keeper.runNow({ wait: 100 })
    await site.clock.advance(100)
    const run = await early
    expect(run).toMatchObject({ endedAt: null, outcome: null })
    expect(keeper.status().running).toBe(run.id)
    await site.clock.advance(1_000)
    expect(keeper.status().lastRun).toMatchObject({ id: run.id, outcome: 'renewed' })
  })

  it('only looks, when it is told not to force anything', async () => {
    await signIn()
    keep({ timer: false })
    const run = keeper.runNow({ force: false })
    await site.clock.advance(1)
    expect(await run).toMatchObject({ outcome: 'fresh' })
  })

  it('asks for a wait that makes sense', async () => {
    keep()
    await expect(keeper.runNow({ wait: -1 })).rejects.toMatchObject({ code: 'misconfigured' })
  })
})

describe('failures', () => {
  it('that pass are tried again with growing gaps, up to the longest', async () => {
    await signIn()
    site.outcome = unavailable
    keep({ checkEvery: DAY, renewIfOlderThan: HOUR, limits: { firstGap: 10 * MINUTE, longestGap: HOUR } })
    const at: number[] = []
    keeper.on('run', ({ outcome, endedAt }) => void (outcome === 'unavailable' && at.push(endedAt ?? 0)))
    await site.clock.advance(DAY + 6 * HOUR)
    const gaps = at.slice(1, 6).map((time, index) => Math.round((time - (at[index] ?? 0)) / MINUTE))
    expect(gaps).toEqual([10, 20, 40, 60, 60])
    expect(keeper.status()).toMatchObject({ state: 'failing', lastError: { code: 'unavailable', message: 'Down.' } })
    expect(notices).toEqual([])
    site.outcome = null
    await site.clock.advance(2 * HOUR)
    expect(keeper.status()).toMatchObject({ state: 'ok', failCount: 0 })
  })

  it('end nobody’s session', async () => {
    await signIn()
    site.outcome = unavailable
    keep({ renewIfOlderThan: HOUR })
    await site.clock.advance(2 * DAY)
    expect(site.auth.getState().status).toBe('authenticated')
    expect(runs.length).toBeLessThan(70)
  })

  it('of a hook show no text that might hold a secret', async () => {
    keep({ signIn: () => Promise.reject(new Error('password hunter2 is wrong')) })
    await site.clock.advance(1)
    const text = JSON.stringify(keeper.status())
    expect(text).not.toContain('hunter2')
    expect(keeper.status()).toMatchObject({ state: 'failing', lastError: { code: 'failed' } })
  })
})

describe('metrics', () => {
  it('tell the mean life of sessions that ended, and the renewals of each', async () => {
    keep({ checkEvery: HOUR, renewIfOlderThan: HOUR })
    await site.clock.advance(1)
    for (let session = 1; session <= 5; session++) {
      site.outcome = null
      await signIn()
      await site.clock.advance(session * DAY)
      site.outcome = rejected
      await site.clock.advance(3 * HOUR)
    }
    const { ended, meanLife, renewalsPerSession } = keeper.status().metrics
    expect(ended).toBe(5)
    expect(Math.round((meanLife ?? 0) / HOUR)).toBeGreaterThanOrEqual(72)
    expect(Math.round((meanLife ?? 0) / HOUR)).toBeLessThanOrEqual(75)
    expect(renewalsPerSession).toBeGreaterThan(30)
  })
})

describe('stop', () => {
  it('is done within a second, whatever hangs, and leaves nothing running', async () => {
    await signIn()
    await site.clock.advance(2_000)
    keep({ health: () => new Promise(() => {}) })
    await site.clock.advance(10)
    let stopped = false
    void keeper.stop().then(() => {
      stopped = true
    })
    await site.clock.advance(999)
    expect(stopped).toBe(true)
    expect(site.clock.pending).toBe(0)
    expect(keeper.status()).toMatchObject({ state: 'stopped', nextRunAt: null })
    expect(await keeper.runNow()).toMatchObject({ outcome: 'stopped' })
  })

  it('lets a renewal under way come to its end', async () => {
    await signIn()
    await site.clock.advance(2_000)
    site.delay = 300
    keep({ timer: false })
    const run = keeper.runNow()
    await site.clock.advance(100)
    const stopped = keeper.stop()
    await site.clock.advance(300)
    await stopped
    expect(await run).toMatchObject({ outcome: 'renewed' })
  })

  it('plans no next check when the one under way comes to its end meanwhile', async () => {
    await signIn()
    await site.clock.advance(2_000)
    site.delay = 300
    keep({ renewIfOlderThan: 1_000 })
    await site.clock.advance(100)
    const stopped = keeper.stop()
    await site.clock.advance(300)
    await stopped
    expect(runs).toEqual(['renewed'])
    expect(site.clock.pending).toBe(0)
    expect(keeper.status()).toMatchObject({ state: 'stopped', nextRunAt: null })
  })
})

describe('options', () => {
  it.each([
    [{ auth: undefined }, /no auth/],
    [{ checkEvery: 0 }, /checkEvery must be more than 0/],
    [{ healthEvery: Number.NaN }, /healthEvery/],
    [{ renewIfOlderThan: -1 }, /renewIfOlderThan/],
    [{ limits: { firstGap: Number.POSITIVE_INFINITY } }, /firstGap/],
  ])('that make no sense are told: %j', (options, message) => {
    keep()
    expect(() => createKeeper({ auth: site.auth, ...options } as KeeperOptions)).toThrow(message)
  })
})

it('the notify hook gets no token', async () => {
  const notify = vi.fn()
  await signIn()
  site.outcome = rejected
  keep({ notify, renewIfOlderThan: HOUR })
  await site.clock.advance(3 * HOUR)
  expect(JSON.stringify(notify.mock.calls)).not.toMatch(/access-|refresh-/)
})
