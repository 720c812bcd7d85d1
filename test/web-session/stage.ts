import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createAuthFetch } from '../../src/fetch/index.ts'
import {
  createFakeClock,
  createFakeSite,
  type FakeClock,
  type FakeSite,
  type FakeSiteOptions,
} from '../../src/testing/index.ts'
import {
  createWebSession,
  stepOf,
  totpCode,
  type WebSession,
  type WebSessionOptions,
} from '../../src/web-session/index.ts'
import { newFolder } from '../node/folder.ts'
import { keys } from '../node/sealed/session.ts'
import { createFakeBrowsers, type FakeBrowsers, type FakePage, SITE } from './fake-browser.ts'

export const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
export const PASSWORD = 'correct horse'
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export interface Stage {
  readonly clock: FakeClock
  readonly site: FakeSite
  readonly browsers: FakeBrowsers
  readonly path: string
  open(options?: Partial<WebSessionOptions<FakePage>>): WebSession
  /** A person signs in by a window: a program plays them. */
  capture(session: WebSession): Promise<void>
  /** The API, by the session. */
  api(session: WebSession): () => Promise<number>
  /** Runs it while the clock goes on. */
  during<T>(work: Promise<T>, ms?: number): Promise<T>
}

/** The sign-in form, by a program. */
export async function typeIn(
  page: FakePage,
  username: string,
  password: string,
  code?: () => Promise<string>,
): Promise<void> {
  await page.submit('/login', { username, password })
  if (page.content().includes('id="second"') && code) await page.submit('/second', { code: await code() })
}

export const look: WebSessionOptions<FakePage>['look'] = (page) => {
  const html = page.content()
  if (html.includes('id="challenge"')) return 'challenge'
  if (html.includes('id="sign-in"') || html.includes('id="second"')) return 'signed_out'
  return html.includes('id="me"') ? 'signed_in' : 'unknown'
}

/** A fake site, fake browsers, and sealed files of a session; all on one fake clock. */
export function createStage(options: FakeSiteOptions = {}): Stage {
  const clock = createFakeClock({ settle: () => new Promise(setImmediate) })
  const site = createFakeSite({ now: clock.now, ...options })
  const browsers = createFakeBrowsers(site, clock)
  const path = join(newFolder(), 'ada')
  const stage: Stage = {
    clock,
    site,
    browsers,
    path,
    open(given = {}) {
      const { ports, ...rest } = given
      const session = createWebSession<FakePage>({
        path,
        keys,
        profile: 'ada',
        create: true,
        url: `${SITE}/`,
        launch: browsers.launch,
        look,
        read: (page) => ({ accessToken: page.local('token') }),
        ...rest,
        ports: {
          clock,
          random: () => 0,
          lock: null,
          fetch: async (input, init) => clock.during(site.handler(new Request(input as Request, init))),
          ...ports,
        },
      })
      onTestFinished(session.auth.dispose)
      return session
    },
    async capture(session) {
      browsers.person = (page) =>
        typeIn(page, 'ada', site.password, async () => {
          // The person's own device, some steps later: no code twice.
          while (site.steps.includes(stepOf(clock.now())))
            await new Promise((resolve) => void clock.setTimeout(() => resolve(null), 1_000))
          return totpCode(SECRET, stepOf(clock.now()))
        })
      await stage.during(session.capture(), 2 * MINUTE)
    },
    api(session) {
      const fetch = createAuthFetch(session.auth, { origins: [SITE] })
      return async () => (await fetch(`${SITE}/api/desks`)).status
    },
    async during(work, ms = MINUTE) {
      work.catch(() => {})
      await clock.advance(ms)
      return work
    },
  }
  return stage
}
