import { describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/core/errors.ts'
import { challenge, fakeSite, rejected } from './fake-auth.ts'
import { DAY, HOUR, keep, keeper, MINUTE, notices, place, runs, signIn, site, told, visit } from './stage.ts'

describe('a session that is over', () => {
  const hook = () => () => site.auth.signIn({})

  it('is begun anew by the hook, once, right when it ends', async () => {
    visit(fakeSite(3_600))
    await signIn()
    keep({ signIn: hook(), checkEvery: DAY })
    site.outcome = rejected
    await site.clock.advance(HOUR)
    expect(site.signIns).toHaveLength(2)
    expect(runs.at(-1)).toBe('signed_in')
    expect(keeper.status()).toMatchObject({ state: 'ok', active: true, valid: true })
    expect(notices).toEqual([])
  })

  it('calls a person once where there is no hook, and tells when all is well again', async () => {
    await signIn()
    site.outcome = rejected
    keep({ checkEvery: HOUR, renewIfOlderThan: HOUR })
    await site.clock.advance(7 * DAY)
    expect(told()).toEqual(['person_needed'])
    expect(notices[0]).toMatchObject({ name: 'session', why: { code: 'rejected' } })
    expect(keeper.status()).toMatchObject({ state: 'person_needed', active: false, valid: false })
    expect(site.refreshes.length).toBeLessThan(5)
    site.outcome = null
    await signIn()
    await site.clock.advance(HOUR)
    expect(told()).toEqual(['person_needed', 'recovered'])
    expect(keeper.status()).toMatchObject({ state: 'ok', active: true, person: null })
  })

  it('stops at a challenge, at once', async () => {
    await signIn()
    site.outcome = challenge
    keep({ checkEvery: HOUR, renewIfOlderThan: HOUR, signIn: hook() })
    await site.clock.advance(7 * DAY)
    expect(site.refreshes).toHaveLength(1)
    expect(site.signIns).toHaveLength(1)
    expect(told()).toEqual(['person_needed'])
    expect(runs.slice(1).every((outcome) => outcome !== 'unavailable')).toBe(true)
  })

  it('stops after a few refused passwords, until a person has changed something', async () => {
    site.refuses = new AuthError('credentials_rejected', 'Wrong password')
    keep({ signIn: hook(), checkEvery: HOUR, limits: { firstGap: MINUTE } })
    await site.clock.advance(7 * DAY)
    expect(site.signIns).toHaveLength(3)
    expect(site.signIns.slice(1).map((at, index) => at - (site.signIns[index] ?? 0))).toEqual([MINUTE, 2 * MINUTE])
    expect(keeper.status()).toMatchObject({
      state: 'person_needed',
      failCount: 3,
      lastError: { code: 'credentials_rejected' },
    })
    expect(told()).toEqual(['person_needed'])
    site.refuses = null
    keeper.reset()
    await site.clock.advance(HOUR)
    expect(keeper.status()).toMatchObject({ state: 'ok', active: true })
  })

  it('is tried again by hand, whatever failed before', async () => {
    site.refuses = new AuthError('credentials_rejected', 'Wrong password')
    keep({ signIn: hook() })
    await site.clock.advance(DAY)
    site.refuses = null
    const run = keeper.runNow()
    await site.clock.advance(1)
    expect(await run).toMatchObject({ outcome: 'signed_in' })
    expect(keeper.status()).toMatchObject({ state: 'ok', failCount: 0 })
  })

  it('is not begun anew without end where each dies young', async () => {
    await signIn()
    site.outcome = rejected
    keep({ signIn: hook(), checkEvery: HOUR, health: () => false, limits: { signInsPerDay: 4 } })
    await site.clock.advance(DAY)
    expect(site.signIns.length).toBeLessThanOrEqual(5)
    expect(told()).toEqual(['person_needed'])
  })

  it('on purpose is left alone', async () => {
    await signIn()
    keep({ signIn: hook() })
    await site.clock.advance(1)
    await site.auth.signOut()
    await site.clock.advance(DAY)
    expect(site.signIns).toHaveLength(1)
    expect(keeper.status()).toMatchObject({ state: 'signed_out', active: false })
    expect(notices).toEqual([])
  })
})

describe('notices', () => {
  it('are tried again until they arrive, with growing gaps, and each once', async () => {
    const tries: number[] = []
    keep({
      notify(notice) {
        tries.push(site.clock.now())
        if (tries.length < 4) throw new Error('webhook down')
        notices.push(notice)
      },
    })
    await site.clock.advance(DAY)
    expect(told()).toEqual(['person_needed'])
    expect(tries.slice(1).map((at, index) => (at - (tries[index] ?? 0)) / MINUTE)).toEqual([1, 2, 4])
    expect(keeper.status().person).toMatchObject({ told: true })
  })

  it('that hang are given up and tried again', async () => {
    let first = true
    keep({
      notify(notice) {
        if (!first) return void notices.push(notice)
        first = false
        return new Promise(() => {})
      },
    })
    await site.clock.advance(10 * MINUTE)
    expect(told()).toEqual(['person_needed'])
  })

  it('that are no longer true are not sent', async () => {
    let works = false
    keep({
      notify(notice) {
        if (!works) throw new Error('webhook down')
        notices.push(notice)
      },
    })
    await site.clock.advance(MINUTE)
    await signIn()
    works = true
    await site.clock.advance(DAY)
    expect(notices).toEqual([])
  })

  it('arrive before the keeper stops, if they are on their way', async () => {
    keep({
      async notify(notice) {
        await new Promise<void>((resolve) => void site.clock.setTimeout(resolve, 500))
        notices.push(notice)
      },
    })
    await site.clock.advance(1)
    const stopped = keeper.stop()
    await site.clock.advance(500)
    await stopped
    expect(told()).toEqual(['person_needed'])
  })

  it('are told once across processes that share a memory', async () => {
    const memory = place()
    keep({ memory })
    await site.clock.advance(HOUR)
    const stopped = keeper.stop()
    await site.clock.advance(1_000)
    await stopped
    expect(told()).toEqual(['person_needed'])
    visit(fakeSite(null, site.clock))
    keep({ memory })
    await site.clock.advance(3 * HOUR)
    expect(told()).toEqual(['person_needed'])
    expect(keeper.status().state).toBe('person_needed')
  })

  it('are over when somebody has signed in elsewhere meanwhile', async () => {
    const memory = place()
    keep({ memory })
    await site.clock.advance(HOUR)
    const stopped = keeper.stop()
    await site.clock.advance(1_000)
    await stopped
    visit(fakeSite(null, site.clock))
    await signIn()
    keep({ memory })
    await site.clock.advance(1)
    expect(keeper.status()).toMatchObject({ state: 'ok', person: null })
    expect(told()).toEqual(['person_needed', 'recovered'])
  })

  it('that a process could not bring are brought by the next', async () => {
    const memory = place()
    keep({ memory, notify: () => Promise.reject(new Error('down')) })
    await site.clock.advance(1)
    const stopped = keeper.stop()
    await site.clock.advance(1_000)
    await stopped
    visit(fakeSite(null, site.clock))
    keep({ memory })
    await site.clock.advance(HOUR)
    expect(told()).toEqual(['person_needed'])
  })

  it('tell that the session ends soon, before it does, once', async () => {
    await signIn()
    const endsAt = site.clock.now() + 3 * DAY
    keep({ endsAt: () => endsAt, warnWithin: DAY })
    await site.clock.advance(2 * DAY - HOUR)
    expect(notices).toEqual([])
    await site.clock.advance(2 * HOUR)
    expect(notices).toMatchObject([{ type: 'expiring_soon', endsAt }])
    expect(keeper.status()).toMatchObject({ endsAt, endsIn: endsAt - site.clock.now() })
    await site.clock.advance(10 * HOUR)
    expect(notices).toHaveLength(1)
  })
})
