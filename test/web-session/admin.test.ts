import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { createKeeper, type Keeper } from '../../src/node/index.ts'
import { type AdminOptions, adminHandler, type WebSession } from '../../src/web-session/index.ts'
import { createStage, DAY, HOUR, MINUTE, PASSWORD, SECRET, type Stage, typeIn } from './stage.ts'

const PATH = 'https://admin.example.test/api/v1/admin/session'

let stage: Stage
let session: WebSession
let keeper: Keeper
let admin: (request: Request) => Promise<Response>

beforeEach(() => {
  stage = createStage({ totpSecret: SECRET, lockAfter: 99 })
  session = stage.open({
    limits: { gap: 0 },
    signIn: (page, { credentials, totp }) => typeIn(page, credentials.username, credentials.password, totp),
  })
  keeper = createKeeper({
    auth: session.auth,
    clock: stage.clock,
    random: () => 0,
    timer: false,
    signIn: () => session.auth.signIn(undefined),
  })
  admin = adminHandler({
    session,
    keeper,
    authorize: (request) => request.headers.get('authorization') === 'Bearer root',
  })
})
const call = (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: 'Bearer root' },
) => admin(new Request(`${PATH}${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) }))
const credentials = { username: 'ada', password: PASSWORD, totp_secret: SECRET }
const ROUTES = [
  ['POST', '/credentials'],
  ['POST', '/refresh'],
  ['POST', '/refresh-sync'],
  ['GET', '/refresh-status'],
  ['GET', ''],
] as const

describe('the admin API', () => {
  it('answers nobody who may not, and changes nothing', async () => {
    const before = readFileSync(`${stage.path}.browser`, 'utf8')
    const denied: [Partial<AdminOptions>, Record<string, string>][] = [
      [{ authorize: undefined as never }, { 'x-user-id': '1' }],
      [{ authorize: () => false }, { 'x-user-id': '1' }],
      [{ authorize: () => 'yes' as never }, {}],
      [{ authorize: () => Promise.reject(new Error('down')) }, {}],
      [{ authorize: () => true }, { 'sec-fetch-site': 'cross-site' }],
    ]
    for (const [options, headers] of denied) {
      const { authorize, ...rest } = { session, keeper, ...options } as AdminOptions
      admin = adminHandler({ ...rest, ...(authorize && { authorize }) })
      for (const [method, path] of ROUTES) {
        const answer = await call(method, path, method === 'POST' ? credentials : undefined, headers)
        expect(answer.status).toBe(403)
        expect(await answer.json()).toEqual({ error: 'Not allowed.' })
      }
    }
    expect(readFileSync(`${stage.path}.browser`, 'utf8')).toBe(before)
    expect(stage.browsers.opened).toBe(0)
  })

  it('stores credentials that no answer and no file shows', async () => {
    const answer = await call('POST', '/credentials', credentials)
    expect(answer.status).toBe(200)
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({
      has_credentials: true,
      credentials_username: 'ada',
      session_active: false,
    })
    expect(text + readFileSync(`${stage.path}.browser`, 'utf8')).not.toMatch(new RegExp(`${PASSWORD}|${SECRET}`))
    expect(await (await call('GET', '/refresh-status')).json()).toMatchObject({ has_credentials: true })
  })

  it('starts one renewal for two who ask, and gives both its id', async () => {
    await call('POST', '/credentials', credentials)
    const answers = [call('POST', '/refresh'), call('POST', '/refresh')]
    await stage.clock.advance(0)
    const [one, two] = await Promise.all(answers)
    expect([one?.status, two?.status]).toEqual([202, 202])
    const runs = (await Promise.all([one?.json(), two?.json()])) as { id: string }[]
    expect(runs[0]?.id).toBeTruthy()
    expect(runs[0]?.id).toBe(runs[1]?.id)
    await stage.clock.advance(MINUTE)
    expect(stage.site.signIns).toBe(1)
    expect(keeper.status().lastRun?.id).toBe(runs[0]?.id)
  })

  it('waits for the end of a renewal, or says 202 when it takes longer', async () => {
    await call('POST', '/credentials', credentials)
    const done = await stage.during(call('POST', '/refresh-sync?wait=20'))
    expect(done.status).toBe(200)
    expect(await done.json()).toMatchObject({ outcome: 'signed_in', error: null })
    stage.browsers.goto = () => new Promise(() => {})
    const late = await stage.during(call('POST', '/refresh-sync?wait=2'), 3_000)
    expect(late.status).toBe(202)
    expect(await late.json()).toMatchObject({ ended_at: null, outcome: null })
    expect((await call('POST', '/refresh-sync?wait=soon')).status).toBe(400)
    stage.browsers.goto = null
    await stage.clock.advance(HOUR)
  })

  it('tells the state in times of UTC, to programs and to people', async () => {
    await call('POST', '/credentials', credentials)
    await stage.during(keeper.runNow())
    const status = await (await call('GET', '/refresh-status')).json()
    expect(status).toMatchObject({
      session_active: true,
      session_valid: true,
      fail_count: 0,
      last_error: null,
      state: 'ok',
      scheduler: 'none',
      next_refresh_at: expect.stringMatching(/^\d{4}-.*Z$/),
      checked_at: expect.stringMatching(/Z$/),
    })
    const page = await call('GET', '')
    expect(page.headers.get('content-type')).toMatch(/html/)
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/)
    expect(await page.text()).toMatch(/<th scope="row">session valid<\/th><td>true/)
  })

  it('escapes what it shows to people', async () => {
    session.setCredentials({ username: '<script>alert(1)</script>', password: 'x' })
    expect(await (await call('GET', '/')).text()).not.toContain('<script>')
  })

  it('lets a person try again where the hook had given up', async () => {
    await call('POST', '/credentials', { ...credentials, password: 'wrong' })
    for (let round = 0; round < 3; round++) await stage.during(call('POST', '/refresh-sync'), DAY)
    const refused = stage.site.refused
    expect(refused).toBeGreaterThanOrEqual(1)
    const status = (await (await call('GET', '/refresh-status')).json()) as { fail_count: number; last_error: string }
    expect(status.fail_count).toBeGreaterThan(0)
    expect(status.last_error).not.toMatch(/wrong/)
    await call('POST', '/credentials', credentials)
    const done = await stage.during(call('POST', '/refresh-sync'), HOUR)
    expect(await done.json()).toMatchObject({ outcome: 'signed_in' })
  })

  it('says what is wrong with a request', async () => {
    for (const body of [undefined, 'text', { username: 'ada' }, { username: 'ada', password: 7 }])
      expect((await call('POST', '/credentials', body)).status).toBe(400)
    expect((await call('GET', '/refresh')).status).toBe(405)
    expect((await call('GET', '/other')).status).toBe(404)
    expect(
      (await admin(new Request('https://admin.example.test/x', { headers: { authorization: 'Bearer root' } }))).status,
    ).toBe(404)
  })
})
