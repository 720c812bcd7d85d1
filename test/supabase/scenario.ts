import { type Auth, type AuthEvents, type AuthStatus, type Backend, createAuth, restBackend } from 'keyturn'
import { type AuthFetch, createAuthFetch } from 'keyturn/fetch'
import { supabaseBackend } from 'keyturn/supabase'
import {
  createFakeBrowser,
  createFakeClock,
  createMockAuth,
  type FakeBrowser,
  type FakeBrowserOptions,
  type FakeClock,
  type FakeTab,
  type MockAuth,
  type MockAuthOptions,
  type MockProfile,
} from 'keyturn/testing'
import { expect, onTestFinished } from 'vitest'
import { held } from '../core/world.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

const ada = { email: 'ada@example.test', password: 'correct-horse' }
export const grace = { email: 'grace@example.test', password: 'battery-staple' }
const origin = 'https://app.example.test'

export interface Setting {
  readonly profile: MockProfile
  readonly dialect: 'REST' | 'Supabase'
}

/** Every way of refreshing that the mock knows, through each of the backends. */
export const settings: readonly Setting[] = (['hosted', 'default', 'v2', 'strict'] as const).flatMap((profile) => [
  { profile, dialect: 'REST' },
  { profile, dialect: 'Supabase' },
])

export const isStrict = ({ profile }: Setting): boolean => profile === 'strict'

export interface Tab {
  readonly auth: Auth
  readonly tab: FakeTab
  /** `fetch` with the session. */
  readonly api: AuthFetch
  /** The statuses that an app has seen, oldest first. */
  readonly statuses: readonly AuthStatus[]
  readonly ends: readonly AuthEvents['signed_out'][]
}

export interface Scene {
  readonly clock: FakeClock
  readonly mock: MockAuth
  readonly browser: FakeBrowser
  readonly ada: typeof ada
  /** Opens a tab; `change` gives its backend another behaviour. */
  readonly open: (change?: (backend: Backend) => Backend) => Tab
}

export interface SceneOptions {
  readonly mock?: MockAuthOptions
  readonly browser?: Partial<FakeBrowserOptions>
}

/** One browser and one server, on one clock. */
export function createScene({ profile, dialect }: Setting, options: SceneOptions = {}): Scene {
  const clock = createFakeClock({ settle: () => new Promise(setImmediate) })
  const mock = createMockAuth({ clock, origin, profile, signing: 'none', users: [ada, grace], ...options.mock })
  const browser = createFakeBrowser({ clock, fetch: mock.fetch, ...options.browser })
  const backend = (
    dialect === 'REST' ? restBackend({ baseUrl: '/api' }) : supabaseBackend({ url: origin, anonKey: 'anon-key' })
  ) as Backend
  return {
    clock,
    mock,
    browser,
    ada,
    open: (change = (same) => same) => {
      const tab = browser.openTab()
      const auth = createAuth({ backend: change(backend), storage: tab.storage, ports: tab.ports })
      const statuses: AuthStatus[] = [auth.getState().status]
      auth.subscribe(() => void statuses.push(auth.getState().status))
      const ends: AuthEvents['signed_out'][] = []
      auth.on('signed_out', (end) => void ends.push(end))
      onTestFinished(auth.dispose)
      return { auth, tab, api: createAuthFetch(auth), statuses, ends }
    },
  }
}

/** A scene with `count` tabs of one session, all up to date. */
export async function signedIn(setting: Setting, options: SceneOptions = {}, count = 1) {
  const scene = createScene(setting, options)
  const first = scene.open()
  await first.auth.signIn(ada)
  await scene.clock.flush()
  const tabs = [first, ...Array.from({ length: count - 1 }, () => scene.open())]
  return { ...scene, ...first, tabs }
}

/** Nobody has been signed out, everybody holds what is stored, and the server takes it. */
export async function expectAgreement({ browser, mock }: Scene, tabs: readonly Tab[]): Promise<void> {
  const stored = browser.stored()
  for (const { auth, ends } of tabs) {
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null, user: { email: ada.email } })
    expect(await auth.getAccessToken()).toBe(stored?.accessToken)
    expect(ends).toEqual([])
  }
  expect(mock.admin.sessionOf(stored?.refreshToken ?? '')?.live).toBe(true)
  const me = await mock.fetch('/api/auth/me', { headers: { Authorization: `Bearer ${stored?.accessToken}` } })
  expect(me.status).toBe(200)
}

/** The session is over: told once, for that reason, in each tab, and no storage holds a token. */
export function expectOneEnd({ browser }: Scene, tabs: readonly Tab[], reasons: readonly string[]): void {
  expect(tabs.map(({ ends }) => ends.map(({ reason }) => reason))).toEqual(reasons.map((reason) => [reason]))
  for (const { auth } of tabs) expect(auth.getState().status).toBe('unauthenticated')
  expect(held(browser)).toBeNull()
}

/** What became of the refreshes that the server has processed. */
export const verdicts = ({ log }: MockAuth) => log.flatMap(({ verdict }) => (verdict === null ? [] : [verdict]))

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

/** How a promise ended, so far. */
export function watch<T>(promise: Promise<T>): { readonly result: () => unknown } {
  let result: unknown = 'pending'
  promise.then(
    (value) => {
      result = value
    },
    (error) => {
      result = error
    },
  )
  return { result: () => result }
}
