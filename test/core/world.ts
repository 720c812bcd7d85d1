import type {
  Auth,
  AuthEvents,
  AuthOptions,
  Backend,
  BackendContext,
  MaybePromise,
  RefreshOutcome,
  SessionRecord,
  TokenAnswer,
} from 'keyturn'
import { AuthError, createAuth } from 'keyturn'
import {
  createFakeBrowser,
  createFakeClock,
  type FakeBrowserOptions,
  type FakeClock,
  type FakeTab,
} from 'keyturn/testing'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An unsigned JWT: the engine decodes, it never verifies. */
export const jwt = (claims: Record<string, unknown>) => `${base64url({ alg: 'none' })}.${base64url(claims)}.signature`

type Refresh = (refreshToken: string, context: BackendContext) => MaybePromise<RefreshOutcome<unknown>>

/** A strict auth server in memory: one-time refresh tokens; a spent one ends the session. */
export class Server {
  life = 3600
  skew = 0
  subject = 'ada'
  signIns = 0
  refreshes: string[] = []
  revoked: (string | null)[] = []
  current = ''
  count = 0
  alive = true
  /** Replaces the next answers to a refresh, first come first served. */
  script: Refresh[] = []
  signInScript: (() => MaybePromise<TokenAnswer>)[] = []
  withUser: unknown = null
  getUser: Backend['getUser'] | undefined
  signOutResult: () => Promise<void> = async () => {}
  readonly clock: FakeClock

  constructor(clock: FakeClock) {
    this.clock = clock
  }

  issue(subject = this.subject) {
    const iat = Math.floor((this.clock.now() + this.skew) / 1000)
    const number = ++this.count
    this.current = `refresh-${number}`
    this.alive = true
    return {
      accessToken: jwt({ sub: subject, iat, exp: iat + this.life, jti: number }),
      refreshToken: this.current,
      user: this.withUser,
    }
  }

  rotate(refreshToken: string): RefreshOutcome {
    if (this.alive && refreshToken === this.current) return { type: 'renewed', answer: this.issue() }
    this.alive = false
    return { type: 'rejected', error: new AuthError('rejected', 'refresh_token_already_used', { status: 401 }) }
  }

  readonly backend: Backend = {
    signIn: async () => {
      this.signIns++
      return (this.signInScript.shift() ?? (() => this.issue()))()
    },
    refresh: async (tokens, context) => {
      const refreshToken = tokens.refreshToken as string
      this.refreshes.push(refreshToken)
      const step = this.script.shift()
      return step ? step(refreshToken, context) : this.rotate(refreshToken)
    },
    signOut: async ({ refreshToken }) => {
      this.revoked.push(refreshToken)
      await this.signOutResult()
    },
  }
}

export const unavailable = (status = 503, retryAfter?: number): RefreshOutcome => ({
  type: 'unavailable',
  error: new AuthError('unavailable', `status ${status}`, { status, retryAfter }),
})
/** What storage holds of a session: null when that is over. */
export const held = ({ stored }: Pick<World['browser'], 'stored'>) => {
  const session = stored()
  return session?.record?.over ? null : session
}
/** The record of a tab that has renewed the session. */
export const renewed = ({ stored }: Pick<World['browser'], 'stored'>): SessionRecord => {
  const record = stored()?.record
  if (!record) throw new Error('Nothing is stored.')
  return { ...record, version: (record.version ?? 0) + 1 }
}

/** A tab that this one does not hear of has renewed the session. */
export function renewElsewhere({ server, browser }: Pick<World, 'server' | 'browser'>): string {
  const { accessToken, refreshToken } = server.issue()
  browser.setStored({ accessToken, refreshToken, record: renewed(browser) })
  return accessToken
}

export const never = () => new Promise<never>(() => {})

/** How a call ends: nothing while it is under way, then `done` or its error. */
export const outcome = (call: Promise<unknown>) => {
  const seen: { result?: unknown } = {}
  call.then(
    () => {
      seen.result = 'done'
    },
    (error) => {
      seen.result = error
    },
  )
  return seen
}

export interface World {
  readonly clock: FakeClock
  readonly server: Server
  readonly browser: ReturnType<typeof createFakeBrowser>
  /** Opens a tab with an engine of its own, and records its events. */
  open(options?: Partial<AuthOptions> & { ports?: Partial<FakeTab['ports']> }): Tab
}

export interface Tab {
  readonly auth: Auth
  readonly tab: FakeTab
  readonly events: [name: string, payload: AuthEvents[keyof AuthEvents]][]
  readonly names: () => string[]
}

export function createWorld(options: Partial<FakeBrowserOptions> = {}): World {
  // Nothing but promises is at work here.
  const clock = createFakeClock({ settle: () => new Promise(setImmediate) })
  const server = new Server(clock)
  const browser = createFakeBrowser({ clock, ...options })
  return {
    clock,
    server,
    browser,
    open({ ports, ...given } = {}) {
      const tab = browser.openTab()
      const backend = server.getUser ? { ...server.backend, getUser: server.getUser } : server.backend
      const auth = createAuth({ backend, storage: tab.storage, ...given, ports: { ...tab.ports, ...ports } })
      const events: Tab['events'] = []
      const names = ['signed_in', 'signed_out', 'refreshed', 'refresh_failed', 'storage_failed', 'diagnostic'] as const
      for (const name of names) auth.on(name, (payload) => events.push([name, payload]))
      return { auth, tab, events, names: () => events.map(([name]) => name) }
    },
  }
}

/** A world with one tab that has just signed in. */
export async function signedIn(options: Partial<FakeBrowserOptions> = {}, life = 3600): Promise<World & Tab> {
  const world = createWorld(options)
  world.server.life = life
  const tab = world.open()
  await tab.auth.signIn({})
  tab.events.length = 0
  return { ...world, ...tab }
}
