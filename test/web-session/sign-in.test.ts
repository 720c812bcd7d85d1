import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { createKeeper, createSealKey, type KeeperOptions, type Notice } from '../../src/node/index.ts'
import type { WebSessionOptions } from '../../src/web-session/index.ts'
import { keys } from '../node/sealed/session.ts'
import type { FakePage } from './fake-browser.ts'
import { createStage, DAY, HOUR, MINUTE, PASSWORD, SECRET, type Stage, typeIn } from './stage.ts'

let stage: Stage
let notices: Notice[]
beforeEach(() => {
  stage = createStage({ totpSecret: SECRET, lockAfter: 99 })
  notices = []
})
const withHook = (options: Partial<WebSessionOptions<FakePage>> = {}) => {
  const session = stage.open({
    signIn: (page, { credentials, totp }) => typeIn(page, credentials.username, credentials.password, totp),
    ...options,
  })
  session.setCredentials({ username: 'ada', password: PASSWORD, totpSecret: SECRET })
  return session
}
const keep = (session: ReturnType<typeof withHook>, options: Partial<KeeperOptions> = {}) =>
  createKeeper({
    auth: session.auth,
    clock: stage.clock,
    random: () => 0,
    signIn: () => session.auth.signIn(undefined),
    notify: (notice) => void notices.push(notice),
    ...options,
  })
const signIns = (name = 'POST /login') => stage.site.requests.filter((request) => request === name).length

describe('the sign-in hook', () => {
  it('is called when the saved session is over, and only then; with the second factor', async () => {
    const session = withHook({ limits: { gap: 0 } })
    await stage.during(session.auth.signIn(undefined))
    await stage.during(session.auth.refresh())
    expect(stage.site.signIns).toBe(1)
    stage.site.endSessions()
    await stage.during(session.auth.refresh())
    expect(stage.site.signIns).toBe(2)
    expect(session.auth.getState().status).toBe('authenticated')
  })

  it('never types a code twice: two sign-ins within 30 s use two steps', async () => {
    const session = withHook({ limits: { gap: 0 } })
    await stage.during(session.auth.signIn(undefined), 0)
    stage.site.endSessions()
    // Longer than a request waits: it fails with `unavailable`, and the visit goes on.
    const waiting = session.auth.refresh().catch((error: unknown) => error)
    expect(await stage.during(waiting, 40_000)).toMatchObject({ code: 'unavailable' })
    expect(session.auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    expect(stage.site.steps).toHaveLength(2)
    expect(stage.site.steps[1]).toBe((stage.site.steps[0] ?? 0) + 1)
    expect(stage.site.refused).toBe(0)
    // Nor does the next process.
    session.auth.dispose()
    stage.site.endSessions()
    const next = withHook({ limits: { gap: 0 } })
    next.auth.refresh().catch(() => {})
    await stage.clock.advance(40_000)
    expect(new Set(stage.site.steps).size).toBe(3)
    expect(stage.site.refused).toBe(0)
  })

  it('is called once for ten requests that meet a 401, and each is repeated once', async () => {
    const session = withHook({ limits: { gap: 0 } })
    await stage.during(session.auth.signIn(undefined))
    const call = stage.api(session)
    stage.site.endSessions()
    expect(await stage.during(Promise.all(Array.from({ length: 10 }, call)))).toEqual(Array(10).fill(200))
    expect(stage.site.signIns).toBe(2)
    expect(stage.browsers.most).toBe(1)
  })

  it('asks for a person where there is a second factor and no secret', async () => {
    const session = withHook()
    session.setCredentials({ username: 'ada', password: PASSWORD })
    const keeper = keep(session)
    expect((await stage.during(keeper.runNow())).outcome).toBe('interaction_required')
    expect(notices[0]?.why?.message).toMatch(/second factor.*no totpSecret/)
    await stage.during(keeper.stop(), 1_000)
  })

  it('with a wrong password is called with growing gaps, and after three times not at all until a person has changed something', async () => {
    const session = withHook()
    await stage.during(session.auth.signIn(undefined))
    const before = signIns()
    stage.site.password = 'another one'
    stage.site.endSessions()
    const keeper = keep(session, {
      checkEvery: HOUR,
      healthEvery: HOUR,
      health: async () => (await stage.during(stage.api(session)(), 0)) === 200,
    })
    const at: number[] = []
    let seen = before
    for (let minute = 0; minute < 6 * 60; minute++) {
      await stage.clock.advance(MINUTE)
      if (signIns() > seen) at.push(minute)
      seen = signIns()
    }
    expect(seen - before).toBe(3)
    expect(stage.site.refused).toBe(3)
    const gaps = at.slice(1).map((minute, place) => minute - (at[place] ?? 0))
    expect(gaps[1]).toBeGreaterThan(gaps[0] ?? Infinity)
    const { lastError, state } = keeper.status()
    expect(session.inspect()).toMatchObject({ refused: 3, blocked: 'The site refused the sign-in.' })
    expect(lastError?.message).toMatch(/refused the sign-in/)
    expect(state).toBe('person_needed')
    expect(JSON.stringify([lastError, notices])).not.toContain(PASSWORD)
    expect(notices.map(({ type }) => type)).toEqual(['person_needed'])

    // Credentials that were told anew count.
    session.setCredentials({ username: 'ada', password: 'another one', totpSecret: SECRET })
    keeper.reset()
    expect((await stage.during(keeper.runNow(), 2 * MINUTE)).outcome).toBe('signed_in')
    await stage.during(keeper.stop(), 1_000)
  })

  it('stops at a challenge: one notice, and no further try', async () => {
    const session = withHook()
    await stage.during(session.auth.signIn(undefined))
    stage.site.endSessions()
    stage.site.challenge = true
    const keeper = keep(session)
    expect((await stage.during(keeper.runNow())).outcome).toBe('interaction_required')
    const { opened } = stage.browsers
    await stage.clock.advance(2 * DAY)
    expect(signIns()).toBe(1)
    expect(stage.browsers.opened - opened).toBeLessThanOrEqual(1)
    expect(notices.map(({ type }) => type)).toEqual(['person_needed'])
    expect(keeper.status().state).toBe('person_needed')
    await stage.during(keeper.stop(), 1_000)
  })

  it('gets credentials that nobody can read in the file', async () => {
    const session = withHook()
    const text = readFileSync(`${stage.path}.browser`, 'utf8')
    for (const secret of ['ada', PASSWORD, SECRET]) expect(text.replace(/"profile":"[^"]*"/, '')).not.toContain(secret)
    expect(() => stage.open({ keys: `a:${'A'.repeat(43)}` })).toThrow(/does not open/)
    expect(session.inspect().username).toBe('ada')
    expect(() => session.setCredentials({ username: 'ada' } as never)).toThrow(/texts: username, password/)
  })
})

describe('a cookie session that is renewed for its age', () => {
  // The API takes the cookie; nobody knows how long it lives.
  const byCookie = () =>
    withHook({ read: (page) => ({ accessToken: `sid=${page.cookie('sid')}` }), limits: { gap: 0 } })

  it('gets one sign-in when it is two days and an hour old, and none when it is one day old', async () => {
    stage = createStage({ totpSecret: SECRET, cookieLife: 2 * 86_400 })
    const session = byCookie()
    await stage.during(session.auth.signIn(undefined))
    const first = await session.auth.getAccessToken()
    const keeper = keep(session, { checkEvery: 6 * HOUR, renewIfOlderThan: 2 * DAY })
    await stage.clock.advance(DAY)
    expect(stage.site.signIns).toBe(1)
    const before = keeper.status().nextRunAt ?? 0
    await stage.clock.advance(DAY + HOUR)
    expect(stage.site.signIns).toBe(2)
    expect(await session.auth.getAccessToken()).not.toBe(first)
    expect(keeper.status().nextRunAt).toBeGreaterThan(before)
    await stage.during(keeper.stop(), 1_000)
  })

  it('is valid or not as the site says, within one check', async () => {
    const session = byCookie()
    await stage.during(session.auth.signIn(undefined))
    let valid = true
    const keeper = keep(session, { checkEvery: HOUR, healthEvery: HOUR, health: () => valid, signIn: () => {} })
    await stage.clock.advance(MINUTE)
    expect(keeper.status()).toMatchObject({ valid: true })
    valid = false
    await stage.clock.advance(HOUR + MINUTE)
    const { checkedAt } = keeper.status()
    expect(keeper.status().valid).toBe(false)
    expect(stage.clock.now() - (checkedAt ?? 0)).toBeLessThanOrEqual(HOUR)
    await stage.during(keeper.stop(), 1_000)
  })
})

describe('keys', () => {
  it('may be changed: what is sealed is sealed anew, and opens without the old one', async () => {
    const session = withHook()
    await stage.during(session.auth.signIn(undefined))
    session.auth.dispose()
    const b = createSealKey()
    const both = stage.open({ keys: `b:${b},${keys}` })
    expect(both.inspect().keyIds).toEqual(['a'])
    expect(both.reseal()).toBe(true)
    expect(both.reseal()).toBe(false)
    both.auth.dispose()
    const later = stage.open({ keys: `b:${b}` })
    expect(later.inspect()).toMatchObject({ username: 'ada', cookies: 1, keyIds: ['b'] })
    await stage.during(later.auth.refresh())
  })
})
