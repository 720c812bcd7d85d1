/** A web session with a real Chromium, at the fake site over HTTP. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { createAuthFetch } from 'keyturn/fetch'
import { createKeeper, createSealKey, type Notice } from 'keyturn/node'
import { createFakeSite, type FakeSite, type FakeSiteOptions } from 'keyturn/testing'
import {
  createWebSession,
  type Seen,
  stepOf,
  totpCode,
  type WebSession,
  type WebSessionOptions,
} from 'keyturn/web-session'
import { chromium, type Page } from 'playwright-core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { signIn } from '../web-session/code/sign-in.ts'
import { chromiumArgs, chromiumPath } from './harness/chromium-program.ts'
import { PATIENCE } from './harness/patience.ts'

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const credentials = { username: 'ada', password: 'correct horse', totpSecret: SECRET }

interface Stage {
  readonly site: FakeSite
  readonly url: string
  readonly folder: string
  readonly keys: string
  readonly visits: () => number
  open(options?: Partial<WebSessionOptions<Page>>): WebSession
}

async function stageOf(options: FakeSiteOptions = {}): Promise<Stage> {
  const site = createFakeSite(options)
  const server = createServer(async (request, response) => {
    const { method = 'GET', url, headers } = request
    const body = method === 'POST' ? await text(request) : null
    const answer = await site.handler(
      new Request(`http://localhost${url}`, { method, headers: Object.entries(headers) as [string, string][], body }),
    )
    response.writeHead(answer.status, [...answer.headers].flat())
    response.end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'kt-web-'))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const url = `http://localhost:${(server.address() as AddressInfo).port}/`
  const keys = `a:${createSealKey()}`
  let launched = 0
  return {
    site,
    url,
    folder,
    keys,
    visits: () => launched,
    open(given = {}) {
      const session = createWebSession<Page>({
        path: join(folder, 'state/default'),
        keys,
        create: true,
        url,
        launch: () => {
          launched++
          return chromium.launch({ executablePath: chromiumPath(), args: [...chromiumArgs] })
        },
        look,
        read: async (page) => ({ accessToken: await page.evaluate(() => localStorage.getItem('token')) }),
        sessionCookies: ['sid'],
        ...given,
      })
      onTestFinished(session.auth.dispose)
      return session
    },
  }
}

async function look(page: Page): Promise<Seen> {
  await page.waitForSelector('#me, #sign-in, #second, #challenge', { timeout: PATIENCE })
  if (await page.locator('#me').count()) return 'signed_in'
  return (await page.locator('#challenge').count()) ? 'challenge' : 'signed_out'
}

/** The person at the window: a program, the first time that the form shows. */
function byPerson(withCode: boolean): Pick<WebSessionOptions<Page>, 'look'> {
  let typed = false
  return {
    async look(page) {
      const seen = await look(page)
      if (seen !== 'signed_out' || typed) return seen
      typed = true
      await page.fill('[name=username]', credentials.username)
      await page.fill('[name=password]', credentials.password)
      await page.click('button')
      if (withCode) {
        await page.fill('[name=code]', totpCode(SECRET, stepOf(Date.now())))
        await page.click('button')
      }
      return look(page)
    },
  }
}

const api = (session: WebSession, url: string): (() => Promise<number>) => {
  const fetch = createAuthFetch(session.auth, { origins: [new URL(url).origin] })
  return async () => (await fetch(`${url}api/desks`)).status
}

/** A request waits 14 s for a token; on a busy machine a visit may take longer, and goes on. */
const patient = (call: () => Promise<number>) => async (): Promise<number> => {
  for (;;) {
    const status = await call().catch((error: unknown) => {
      if ((error as { code?: string }).code === 'unavailable') return null
      throw error
    })
    if (status !== null) return status
    await pause(100)
  }
}

describe('a session that a Chromium keeps', () => {
  test('is captured once, second factor and all; ten requests with a dead token share one visit; a new process goes on', async () => {
    const { open, site, url, visits, folder } = await stageOf({ totpSecret: SECRET, cookie: 'rotating' })
    const first = open(byPerson(true))
    await first.capture()
    for (const name of ['default', 'default.browser'])
      expect(statSync(join(folder, 'state', name)).mode & 0o777).toBe(0o600)
    const [facts] = Object.values(first.inspect().origins)
    expect(facts).toEqual({ local: 1, session: 1 })
    first.auth.dispose()

    const next = open({ create: false })
    const call = patient(api(next, url))
    expect(await call()).toBe(200)
    const before = visits()
    site.dropTokens()
    expect(await Promise.all(Array.from({ length: 10 }, call))).toEqual(Array(10).fill(200))
    expect(visits()).toBe(before + 1)
    // The cookie was replaced each time, and the old one refused.
    const keeper = createKeeper({ auth: next.auth, timer: false })
    for (let round = 0; round < 3; round++) expect((await keeper.runNow()).outcome).toBe('renewed')
    expect(site.signIns).toBe(1)
  })

  test('that was ended is told once, and a new capture mends it without a restart', async () => {
    const { open, site, url } = await stageOf()
    const person = byPerson(false)
    const session = open(person)
    await session.capture()
    const notices: Notice[] = []
    const keeper = createKeeper({ auth: session.auth, timer: false, notify: (notice) => void notices.push(notice) })
    site.endSessions()
    const watching = open({ create: false })
    expect((await keeper.runNow()).outcome).toBe('interaction_required')
    expect((await keeper.runNow({ force: false })).outcome).toBe('skipped')
    expect(notices.map(({ type }) => type)).toEqual(['person_needed'])
    watching.auth.dispose()
    await open(byPerson(false)).capture()
    const check = () => expect(session.auth.getState().status).toBe('authenticated')
    await vi.waitFor(check, { timeout: PATIENCE })
    expect(await api(session, url)()).toBe(200)
    await keeper.stop()
  })

  test('signs in by the hook, by password and code, and stops at a challenge', async () => {
    const { open, site, url, visits } = await stageOf({ totpSecret: SECRET })
    const session = open({ signIn, limits: { gap: 0 } })
    session.setCredentials(credentials)
    await session.auth.signIn(undefined)
    expect(site.steps).toHaveLength(1)
    expect(await api(session, url)()).toBe(200)
    site.endSessions()
    site.challenge = true
    const keeper = createKeeper({ auth: session.auth, timer: false })
    expect((await keeper.runNow()).outcome).toBe('interaction_required')
    const before = visits()
    expect((await keeper.runNow()).outcome).toBe('interaction_required')
    expect(visits()).toBeLessThanOrEqual(before + 1)
    expect(site.refused).toBe(0)
  })
})
