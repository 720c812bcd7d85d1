import { mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { createKeeper, type KeeperMemory, type Notice } from '../../src/node/index.ts'
import { SITE } from './fake-browser.ts'
import { createStage, DAY, HOUR, look, MINUTE, PASSWORD, type Stage } from './stage.ts'

let stage: Stage
beforeEach(() => {
  stage = createStage()
})
const signedIn = async (options: Parameters<Stage['open']>[0] = {}) => {
  const session = stage.open(options)
  await stage.capture(session)
  return session
}

describe('a capture', () => {
  it('leaves two sealed files of mode 0600, with no password, cookie or token to read', async () => {
    const session = await signedIn()
    const token = await session.auth.getAccessToken()
    expect(token).toMatch(/^ey/)
    for (const path of [stage.path, `${stage.path}.browser`]) {
      expect(statSync(path).mode & 0o777).toBe(0o600)
      const text = readFileSync(path, 'utf8')
      for (const secret of [PASSWORD, String(token), 'sid', 'localStorage']) expect(text).not.toContain(secret)
    }
    expect(await stage.api(session)()).toBe(200)
  })

  it('that nobody finishes is given up, and leaves what was there', async () => {
    const session = await signedIn()
    const before = session.inspect()
    stage.site.endSessions()
    stage.browsers.person = null
    const failed = session.capture({ within: MINUTE }).catch((error: unknown) => error)
    expect(await stage.during(failed, 2 * MINUTE)).toMatchObject({ code: 'unavailable' })
    expect(session.inspect().createdAt).toBe(before.createdAt)
    expect(stage.browsers.open).toBe(0)
  })
})

describe('a token that has run out', () => {
  it('is renewed by one headless visit, and the request is repeated; ten at a time share it', async () => {
    const session = await signedIn()
    const call = stage.api(session)
    const { opened } = stage.browsers
    stage.clock.jump(16 * MINUTE)
    expect(await stage.during(Promise.all(Array.from({ length: 10 }, call)))).toEqual(Array(10).fill(200))
    expect(stage.browsers.opened).toBe(opened + 1)
  })

  it('is renewed as well when the site refuses it before its time: each request is repeated once', async () => {
    const session = await signedIn()
    const call = stage.api(session)
    const { opened } = stage.browsers
    const asked = () => stage.site.requests.filter((name) => name === 'GET /api/desks').length
    stage.site.dropTokens()
    expect(await stage.during(Promise.all(Array.from({ length: 10 }, call)))).toEqual(Array(10).fill(200))
    expect(stage.browsers.opened).toBe(opened + 1)
    expect(asked()).toBe(20)
  })

  it('is renewed before its time by itself: over two hours 8 to 12 visits, and no request meets a 401', async () => {
    const session = await signedIn()
    const call = stage.api(session)
    const { opened } = stage.browsers
    const statuses = new Set<number>()
    const before = stage.site.requests.length
    for (let minute = 0; minute < 120; minute += 3) {
      await stage.clock.advance(3 * MINUTE)
      statuses.add(await stage.during(call(), 0))
    }
    const visits = stage.browsers.opened - opened
    expect(visits).toBeGreaterThanOrEqual(8)
    expect(visits).toBeLessThanOrEqual(12)
    expect(statuses).toEqual(new Set([200]))
    expect(stage.site.requests.slice(before).filter((name) => name === 'GET /api/desks')).toHaveLength(40)
  })
})

describe('what the browser keeps', () => {
  it('is saved after each visit: 20 in a row at a site that replaces its cookie and refuses the old one', async () => {
    stage = createStage({ cookie: 'rotating' })
    const session = await signedIn()
    for (let visit = 0; visit < 20; visit++) {
      await stage.during(session.auth.refresh(), 5_000)
      stage.clock.jump(MINUTE)
    }
    expect(session.auth.getState().status).toBe('authenticated')
    expect(stage.site.signIns).toBe(1)
  })

  it('is saved after a visit that failed, too: the next one has the new cookie', async () => {
    stage = createStage({ cookie: 'rotating' })
    let blind = false
    const session = await signedIn({ look: (page) => (blind ? 'unknown' : look(page)) })
    blind = true
    const failed = session.auth.refresh().catch((error: unknown) => error)
    expect(await stage.during(failed)).toMatchObject({ code: 'unavailable' })
    blind = false
    await stage.during(session.auth.refresh(), HOUR)
    expect(stage.site.signIns).toBe(1)
  })

  it('holds sessionStorage, without which this site gives no token', async () => {
    const session = await signedIn()
    expect(session.inspect().origins[SITE]).toEqual({ local: 1, session: 1 })
    await stage.during(session.auth.refresh())
  })

  it('goes over to the next process', async () => {
    const first = await signedIn()
    first.auth.dispose()
    stage.clock.jump(DAY)
    const next = stage.open({ create: false })
    expect(await stage.during(stage.api(next)())).toBe(200)
    expect(stage.site.signIns).toBe(1)
  })

  it('is one account: files of another profile do not open, and tokens never mix', async () => {
    const ada = await signedIn()
    expect(() => stage.open({ profile: 'grace' })).toThrow(/another profile/)
    const grace = stage.open({ profile: 'grace', path: `${stage.path}-grace` })
    await stage.capture(grace)
    const [hers, his] = await Promise.all([grace.auth.getAccessToken(), ada.auth.getAccessToken()])
    expect(hers).not.toBe(his)
    await stage.during(grace.auth.refresh())
    expect(await ada.auth.getAccessToken()).toBe(his)
  })

  it('is shown by counts, names and times only', async () => {
    const session = await signedIn({ sessionCookies: ['sid'] })
    const facts = session.inspect()
    expect(facts).toMatchObject({ profile: 'ada', site: SITE, cookies: 1, over: false, keyIds: ['a'] })
    expect(facts.domains['desks.example.test']).toEqual({ cookies: 1, endsAt: facts.endsAt })
    expect((facts.endsAt ?? 0) - stage.clock.now()).toBeGreaterThan(13 * DAY)
    expect(facts.provedAt).toBeLessThanOrEqual(stage.clock.now())
    expect(JSON.stringify(facts)).not.toMatch(/[\da-f]{24}|ey[\w-]{10}/)
  })
})

describe('a session that is over', () => {
  it('ends once: one notice that says what to do, no loop; a new capture is all it takes, without a restart', async () => {
    const session = await signedIn()
    const notices: Notice[] = []
    const ends: unknown[] = []
    session.auth.on('signed_out', (end) => ends.push(end))
    const keeper = createKeeper({
      auth: session.auth,
      clock: stage.clock,
      random: () => 0,
      notify: (notice) => void notices.push(notice),
    })
    stage.site.endSessions()
    expect((await stage.during(keeper.runNow())).outcome).toBe('interaction_required')
    const { opened } = stage.browsers
    await stage.clock.advance(2 * DAY)
    expect(stage.browsers.opened).toBe(opened)
    expect(ends).toEqual([expect.objectContaining({ reason: 'rejected' })])
    expect(notices).toEqual([expect.objectContaining({ type: 'person_needed' })])
    expect(notices[0]?.why?.message).toMatch(/The saved session is over\. Sign in by hand: npx keyturn capture/)
    await stage.capture(session)
    expect(await stage.during(stage.api(session)())).toBe(200)
    expect(notices.map(({ type }) => type)).toEqual(['person_needed', 'recovered'])
    await stage.during(keeper.stop(), 1_000)
  })

  it('is not what an error page, a hotel, a browser that fails or a page that nobody knows say', async () => {
    const session = await signedIn()
    const { site, browsers } = stage
    const trouble: [string, () => void][] = [
      ['answered 503', () => (site.broken = 503)],
      ['led to http://hotel.example', () => (browsers.detour = 'http://hotel.example')],
      [
        'The visit by the browser failed',
        () => (browsers.goto = async () => Promise.reject(new Error('net::ERR_ABORTED "sid=secret"'))),
      ],
      ['The visit by the browser failed', () => (browsers.mute = true)],
    ]
    for (const [words, begin] of trouble) {
      begin()
      const failed = (await stage.during(
        session.auth.refresh().catch((error: unknown) => error),
        10 * MINUTE,
      )) as Error
      expect(failed.message).toContain(words)
      expect(failed.message).not.toContain('secret')
      expect(session.auth.getState().status).toBe('authenticated')
      Object.assign(site, { broken: null })
      Object.assign(browsers, { detour: null, goto: null, mute: false })
      await stage.during(session.auth.refresh(), HOUR)
    }
    expect(browsers.open).toBe(0)
  })

  it('is not what a browser that hangs says: it is closed after its time', async () => {
    const session = await signedIn()
    stage.browsers.goto = () => new Promise(() => {})
    const failed = session.auth.refresh().catch((error: unknown) => error)
    expect(await stage.during(failed, 10 * MINUTE)).toMatchObject({ code: 'unavailable' })
    expect(stage.browsers.most).toBe(1)
    stage.browsers.goto = null
    await stage.clock.advance(10 * MINUTE)
    expect(session.auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    expect(stage.browsers.open).toBe(0)
  })

  it('is counted: mean life, and renewals of each', async () => {
    let memory: KeeperMemory | null = null
    const write = (next: KeeperMemory) => {
      memory = next
    }
    const session = await signedIn()
    const keeper = createKeeper({
      auth: session.auth,
      clock: stage.clock,
      random: () => 0,
      memory: { read: () => memory, write },
    })
    for (let life = 0; life < 5; life++) {
      if (life) await stage.capture(session)
      await stage.clock.advance(HOUR)
      stage.site.endSessions()
      await stage.during(session.auth.refresh().catch(() => {}))
    }
    const { ended, meanLife, renewalsPerSession } = keeper.status().metrics
    expect(ended).toBe(5)
    expect(meanLife).toBeGreaterThan(HOUR)
    expect(meanLife).toBeLessThan(HOUR + 5 * MINUTE)
    expect(renewalsPerSession).toBeGreaterThanOrEqual(5)
    await stage.during(keeper.stop(), 1_000)
  })

  it('is told of before it ends', async () => {
    stage = createStage({ cookieLife: 3 * 3600 })
    const session = await signedIn({ sessionCookies: ['sid'] })
    const notices: Notice[] = []
    // The cookie does not slide while the site is down.
    stage.site.broken = 503
    createKeeper({
      auth: session.auth,
      clock: stage.clock,
      random: () => 0,
      endsAt: session.endsAt,
      warnWithin: 2 * HOUR,
      checkEvery: 10 * MINUTE,
      notify: (notice) => void notices.push(notice),
    })
    await stage.clock.advance(HOUR + 15 * MINUTE)
    expect(notices).toEqual([expect.objectContaining({ type: 'expiring_soon', endsAt: session.endsAt() })])
    expect(session.auth.getState().status).toBe('authenticated')
  })
})

describe('manual mode', () => {
  it('keeps nothing of the browser: each end of a token is told once, and waits for a person', async () => {
    const session = await signedIn({ manual: true })
    expect(session.inspect().cookies).toBe(0)
    const notices: Notice[] = []
    createKeeper({ auth: session.auth, clock: stage.clock, random: () => 0, notify: (it) => void notices.push(it) })
    const { opened } = stage.browsers
    await stage.clock.advance(5 * HOUR)
    expect(notices.map(({ type }) => type)).toEqual(['person_needed'])
    expect(stage.browsers.opened).toBe(opened)
    await stage.capture(session)
    await stage.clock.advance(5 * HOUR)
    expect(notices.map(({ type }) => type)).toEqual(['person_needed', 'recovered', 'person_needed'])
  })
})

describe('a file that cannot be written', () => {
  it('forbids the visit', async () => {
    const session = await signedIn()
    const { opened } = stage.browsers
    renameSync(`${stage.path}.browser`, `${stage.path}.away`)
    mkdirSync(`${stage.path}.browser`)
    const failed = session.auth.refresh().catch((error: unknown) => error)
    expect(await stage.during(failed)).toMatchObject({ code: 'storage_failed' })
    expect(stage.browsers.opened).toBe(opened)
    expect(session.auth.getState().status).toBe('authenticated')
  })
})
